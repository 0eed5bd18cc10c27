/**
 * Computes what a patch makes of all its files before any of them is touched.
 *
 * @module
 */
import { type FileChange, oldLines } from "./file_change.ts";
import { type Placed, placeHunks } from "./place_hunks.ts";
import { orProblem, PatchProblem } from "./problem.ts";
import { readPatch } from "./read_patch.ts";
import { decodeText, joinLines, splitLines } from "./text_lines.ts";

/** Bytes of a file that is patched, before and after. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Bytes of all files of a patch together, before and after. */
const MAX_ALL_BYTES = 64 * 1024 * 1024;
const BOM = "\uFEFF";

/** A file as far as patches know it. */
export interface StoredFile {
  /** Its content. */
  bytes: Uint8Array;
  /** Whether its owner may execute it. */
  executable: boolean;
}

/** What becomes of one file. */
export interface PlannedFile {
  /** What is done. */
  kind: FileChange["kind"];
  /** What it is called afterwards; a deleted one: was called. Relative to the workspace. */
  path: string;
  /** What a renamed or copied one is called before. */
  from?: string;
  /** Of `from`, or else of `path`; null when it is created. */
  before: StoredFile | null;
  /** Null when it is deleted. */
  after: StoredFile | null;
  /** Lines. */
  added: number;
  /** Lines. */
  removed: number;
  /** Where its hunks went. */
  placed: Placed[];
}

/** What becomes of all files of a patch: at least one, none twice. */
export interface Plan {
  /** In the order of the patch. */
  files: PlannedFile[];
}

/** Reads a file of the workspace by its relative path; null when it does not exist. It may throw a {@linkcode PatchProblem}. */
export type ReadStored = (path: string) => StoredFile | null;

/** What the patch makes of the files, or why it cannot be applied to them as they are now. */
export function planPatch(text: string, read: ReadStored): Plan | PatchProblem {
  return orProblem(() => {
    const files: PlannedFile[] = [];
    for (const change of readPatch(text)) {
      files.push(planned(found(change, read), read));
      refuseMuch(files);
    }
    refuseTwice(files);
    return { files };
  });
}

/** The change under the name that its file has. */
function found(change: FileChange, read: ReadStored): FileChange {
  const { path, otherwise } = change;
  if (otherwise === undefined || read(path) !== null || read(otherwise) === null) return change;
  return { ...change, path: otherwise };
}

function planned(change: FileChange, read: ReadStored): PlannedFile {
  const { path, from, hunks } = change;
  const source = from ?? path;
  const before = read(source);
  const kind = change.kind === "modify" && before === null && onlyAdds(change) ? "create" : change.kind;
  if (kind !== "modify" && kind !== "delete" && read(path) !== null) {
    throw new PatchProblem("exists", `Cannot ${kind} ${path}: a file of that name exists already`);
  }
  if (kind !== "create" && before === null) {
    throw new PatchProblem("missing", `Cannot ${kind} ${source}: it does not exist`);
  }
  if (kind === "create" && !onlyAdds(change)) {
    throw new PatchProblem("bad_format", `Cannot create ${path}: the lines of a new file all begin with "+"`);
  }
  const patched = patchedText(source, before, change);
  const after = kind === "delete" ? null : {
    bytes: patched?.bytes ?? before!.bytes,
    executable: change.executable ?? before?.executable ?? false,
  };
  if (kind === "delete" && !change.unseen) refuseRest(path, patched?.bytes ?? before!.bytes);
  if (kind === "modify") refuseUnchanged(path, before!, after!);
  const count = (op: string) => hunks.flatMap(({ lines }) => lines).filter((line) => line.op === op).length;
  const counts = change.unseen
    ? { added: 0, removed: splitLines(textOf(path, before!)).length }
    : { added: count("+"), removed: count("-") };
  return {
    kind,
    path,
    ...(from === undefined ? {} : { from }),
    before,
    after,
    ...counts,
    placed: patched?.placed ?? [],
  };
}

function onlyAdds({ hunks }: FileChange): boolean {
  return hunks.length > 0 ? hunks.every((hunk) => oldLines(hunk).length === 0) : true;
}

/** Undefined when there is nothing to do with the content: then it need not be text. */
function patchedText(
  path: string,
  before: StoredFile | null,
  { hunks }: FileChange,
): { bytes: Uint8Array; placed: Placed[] } | undefined {
  if (before === null) {
    const lines = hunks.flatMap((hunk) => hunk.lines);
    return { bytes: new TextEncoder().encode(joinLines(lines)), placed: [] };
  }
  if (hunks.length === 0) return undefined;
  const text = textOf(path, before);
  // A byte order mark stays when the patch was written without seeing it.
  const seen = hunks.some((hunk) => oldLines(hunk).some((line) => line.text.startsWith(BOM)));
  const mark = text.startsWith(BOM) && !seen ? BOM : "";
  const { lines, placed } = placeHunks(path, splitLines(text.slice(mark.length)), hunks);
  return { bytes: new TextEncoder().encode(mark + joinLines(lines)), placed };
}

function textOf(path: string, { bytes }: StoredFile): string {
  const text = decodeText(bytes);
  if (text !== undefined) return text;
  throw new PatchProblem(
    "binary",
    `Cannot patch ${path}: it is not UTF-8 text but binary (${bytes.length} bytes)`,
  );
}

function refuseRest(path: string, rest: Uint8Array): void {
  if (rest.length === 0) return;
  throw new PatchProblem(
    "mismatch",
    `Cannot delete ${path}: the patch does not remove all of its lines, ${rest.length} bytes would be left`,
  );
}

function refuseUnchanged(path: string, before: StoredFile, after: StoredFile): void {
  if (before.executable !== after.executable || !sameBytes(before.bytes, after.bytes)) return;
  throw new PatchProblem("no_changes", `Cannot patch ${path}: the patch changes nothing in it`);
}

/** Whether two contents are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function refuseTwice(files: PlannedFile[]): void {
  const seen = new Set<string>();
  for (const name of files.flatMap(({ kind, path, from }) => kind === "rename" ? [path, from!] : [path])) {
    if (seen.has(name)) {
      throw new PatchProblem("bad_format", `Cannot patch ${name} twice: put all its hunks under one header`);
    }
    seen.add(name);
  }
  const within = (name: string) =>
    files.find(({ path, after }) => after !== null && name.startsWith(`${path}/`));
  for (const { path, after } of files) {
    const file = after === null ? undefined : within(path);
    if (file === undefined) continue;
    throw new PatchProblem(
      "bad_path",
      `Cannot patch ${path}: the patch makes ${file.path} a file, not a folder`,
    );
  }
}

function refuseMuch(files: PlannedFile[]): void {
  let all = 0;
  for (const { path, before, after } of files) {
    const sizes = [before?.bytes.length ?? 0, after?.bytes.length ?? 0];
    const size = Math.max(...sizes);
    if (size > MAX_FILE_BYTES) {
      throw new PatchProblem(
        "too_large",
        `Cannot patch ${path}: it has ${size} bytes, ${MAX_FILE_BYTES} are allowed`,
      );
    }
    all += sizes[0]! + sizes[1]!;
  }
  if (all > MAX_ALL_BYTES) {
    throw new PatchProblem(
      "too_large",
      `Cannot apply the patch: its files have ${all} bytes, ${MAX_ALL_BYTES} are allowed`,
    );
  }
}
