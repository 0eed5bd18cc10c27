/**
 * Changes all files of a plan, or none.
 *
 * What holds when:
 *
 * - Nothing is changed unless every file is as it was when the plan was made.
 * - Other programs see each file with its old content or its new one, never with a part: new content is
 *   written beside its place, put on the disk, and renamed over it. They may see some files new and others still old.
 * - When a step fails, what was done is undone before the failure is told. Files that somebody else changed in that
 *   moment are left as they are.
 * - When the process dies, at whatever step, {@linkcode recoverPatches} undoes what it did; applying a patch does that
 *   first. Once a patch has been applied it stays.
 * - When the machine dies, content is on the disk before a name leads to it, but the order in which names reach the disk
 *   is the file system's.
 * - Patches for one workspace wait for each other, across processes.
 * - Permission bits stay, except for the permission to execute when the patch sets it. Empty folders stay.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Fault } from "../../protocols/messages/fault.ts";
import { contain } from "../files/contain.ts";
import { fileFault } from "../files/file_fault.ts";
import { type Disk, realDisk } from "./disk.ts";
import { type Plan, type PlannedFile, sameBytes, type StoredFile } from "./plan.ts";
import { orProblem, PatchProblem } from "./problem.ts";
import { digest, fingerprint, readStored } from "./stored_files.ts";
import {
  type Begun,
  idPrefix,
  keepIntent,
  lockUndoFolder,
  recoverLocked,
  settle,
  takeBack,
  temporaryOf,
  undoPath,
} from "./undo_folder.ts";
import { reversePatch } from "./unified_diff.ts";

/** What applying a plan left behind. */
export interface Applied {
  /** Path of the patch that undoes it, relative to the workspace. */
  undo: string;
}

/** What becomes of one path. */
interface Write {
  path: string;
  target: string;
  before: StoredFile | null;
  after: StoredFile | null;
  /** Permission bits before and after. */
  oldMode?: number;
  newMode?: number;
}

/**
 * Applies what was planned for `patch`, its text. Answers with a problem, and changes nothing, when a file is not any more
 * what was planned for or when two of its paths lead to one file.
 * @throws {Fault} of {@linkcode contain}, and what Deno throws: then nothing is changed, unless the message says so.
 */
export function applyPlan(
  plan: Plan,
  workspace: string,
  patch: string,
  disk: Disk = realDisk,
): Applied | PatchProblem {
  return orProblem(() => {
    using locked = lockUndoFolder(workspace);
    recoverLocked(workspace, locked.folder, disk);
    const writes = plan.files.flatMap((file) => writesOf(file, workspace));
    refuseAliases(writes);
    const befores = writes.map(({ path, before }) => digest(path, before?.bytes ?? "-"));
    const id = idPrefix(patch) + digest(...befores).slice(0, 8);
    const begun = intended(writes, workspace);
    try {
      keepIntent(disk, locked.folder, id, begun, reversePatch(plan));
      change(disk, workspace, writes, begun.folders, id);
      settle(disk, locked.folder, id);
    } catch (error) {
      undo(error, () => takeBack(disk, workspace, locked.folder, id, begun));
    }
    return { undo: undoPath(id) };
  });
}

/** The paths that a planned file changes, each checked to be as planned. */
function writesOf({ kind, path, from, before, after }: PlannedFile, workspace: string): Write[] {
  if (kind === "delete") return [checked(workspace, path, before, null)];
  if (kind === "modify") return [checked(workspace, path, before, after)];
  if (kind === "create") return [checked(workspace, path, null, after)];
  const source = checked(workspace, from!, before, kind === "rename" ? null : before);
  const made = checked(workspace, path, null, after);
  const newMode = modeFor(source.oldMode, before!, after!);
  return kind === "rename" ? [{ ...made, newMode }, source] : [{ ...made, newMode }];
}

function checked(
  workspace: string,
  path: string,
  before: StoredFile | null,
  after: StoredFile | null,
): Write {
  const target = contain(workspace, path);
  if (after === null && isLink(`${workspace}/${path}`)) {
    throw new PatchProblem("bad_path", `Cannot remove or rename ${path}: it is a link`);
  }
  const now = readStored(target, path);
  const same = now === null || before === null
    ? now === before
    : sameBytes(now.bytes, before.bytes) && now.executable === before.executable;
  if (!same) {
    throw new PatchProblem("changed", `Cannot patch ${path}: it was changed by somebody else in this moment`);
  }
  return { path, target, before, after, oldMode: now?.mode, newMode: modeFor(now?.mode, before, after) };
}

/** Undefined leaves it to the system, as for any new file. */
function modeFor(mode: number | undefined, before: StoredFile | null, after: StoredFile | null) {
  if (after === null || (mode === undefined && !after.executable)) return undefined;
  if (mode === undefined) return 0o755;
  if (before?.executable === after.executable) return mode;
  return after.executable ? mode | 0o111 : mode & ~0o111;
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A link within the workspace gives a file a second name. */
function refuseAliases(writes: Write[]): void {
  const names = new Map<string, string>();
  for (const { path, target } of writes) {
    const other = names.get(target);
    if (other !== undefined) {
      throw new PatchProblem("bad_path", `Cannot patch ${path}: it is the same file as ${other}`);
    }
    names.set(target, path);
  }
}

function intended(writes: Write[], workspace: string): Begun {
  const intents = writes.map(({ path, before, after, oldMode }) => ({
    path,
    before: before && Buffer.from(before.bytes).toString("base64"),
    mode: oldMode,
    after: fingerprint(after),
  }));
  const folders = new Set(
    writes.flatMap(({ path, after }) => after === null ? [] : missingFolders(workspace, path)),
  );
  return { intents, folders: [...folders] };
}

/** Outer ones first. */
function missingFolders(workspace: string, path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  const folders = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  return folders.filter((folder) => !isThere(contain(workspace, folder)));
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function change(disk: Disk, workspace: string, writes: Write[], folders: string[], id: string): void {
  for (const folder of folders) disk.makeFolder(contain(workspace, folder));
  for (const [index, { target, after, newMode }] of writes.entries()) {
    if (after !== null) disk.write(temporaryOf(target, id, index), after.bytes, newMode);
  }
  for (const [index, { target, after }] of writes.entries()) {
    if (after !== null) disk.rename(temporaryOf(target, id, index), target);
  }
  for (const { target, after } of writes) if (after === null) disk.remove(target);
}

function undo(error: unknown, takeBack: () => string[]): never {
  const { code, message } = fileFault("apply", "the patch", error);
  let result = "no file was changed";
  try {
    const left = takeBack();
    if (left.length > 0) {
      result = `somebody else changed ${left.join(", ")} in this moment, no other file was changed`;
    }
  } catch (second) {
    const why = second instanceof Error ? second.message : String(second);
    result =
      `files may be changed: undoing it failed too (${why}) and is tried again before the next patch is applied`;
  }
  throw new Fault(code, `${message}; ${result}`, { cause: error });
}
