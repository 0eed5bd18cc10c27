/**
 * Reads a patch in one of the formats that models write: a unified diff, with or without git's headers, or
 * `*** Begin Patch`.
 *
 * @module
 */
import { parsePatch, type StructuredPatch, type StructuredPatchHunk } from "diff";
import { isBeginPatch, readBeginPatch } from "./begin_patch.ts";
import type { FileChange, Hunk, HunkLine } from "./file_change.ts";
import { filePath } from "./file_path.ts";
import { PatchProblem } from "./problem.ts";
import { endedLine } from "./text_lines.ts";
import { tidyDiff } from "./tidy_diff.ts";

/** Bytes of a patch. */
const MAX_BYTES = 1024 * 1024;
/** Files in a patch. */
const MAX_FILES = 200;
const NOTHING = "/dev/null";
const FORMATS = 'a unified diff ("--- a/file", "+++ b/file", "@@ -1,3 +1,4 @@") or "*** Begin Patch"';

/**
 * What the patch wants of which file: at least one change.
 * @throws {PatchProblem} when it cannot be read, wants nothing, is too large or names files it may not.
 */
export function readPatch(text: string): FileChange[] {
  const size = new TextEncoder().encode(text).length;
  if (size > MAX_BYTES) throw tooLarge(`it has ${size} bytes, ${MAX_BYTES} are allowed`);
  if (text.includes("\0")) {
    throw new PatchProblem(
      "binary",
      "Cannot apply the patch: it has NUL characters in it, only text can be patched",
    );
  }
  const bare = text.replace(/^\uFEFF/, "");
  const changes = isBeginPatch(bare) ? readBeginPatch(bare) : parsed(bare).map(changeOf);
  if (changes.length === 0) {
    throw new PatchProblem(
      "no_changes",
      `Cannot apply the patch: it changes nothing; expected is ${FORMATS}`,
    );
  }
  if (changes.length > MAX_FILES) {
    throw tooLarge(`it changes ${changes.length} files, ${MAX_FILES} are allowed`);
  }
  return changes;
}

function tooLarge(reason: string): PatchProblem {
  return new PatchProblem("too_large", `Cannot apply the patch: ${reason}`);
}

function parsed(text: string): StructuredPatch[] {
  const tidy = tidyDiff(text);
  if (tidy === "") return [];
  try {
    return parsePatch(tidy).filter(({ hunks, oldFileName, isGit }) =>
      hunks.length > 0 || oldFileName !== undefined || isGit
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PatchProblem("bad_format", `Cannot read the patch: ${reason}; expected is ${FORMATS}`);
  }
}

function changeOf(patch: StructuredPatch): FileChange {
  const { oldFileName, newFileName } = patch;
  if (oldFileName === undefined || newFileName === undefined) {
    throw new PatchProblem(
      "bad_format",
      'Cannot apply a part of the patch that names no file: "--- a/file" and "+++ b/file" must come before its hunks',
    );
  }
  refuseSpecial(patch);
  const change = namedChange(patch, undated(oldFileName), undated(newFileName));
  const executable = patch.newMode === undefined ? undefined : (parseInt(patch.newMode, 8) & 0o100) !== 0;
  const done = { ...change, executable, hunks: patch.hunks.map(hunkOf) };
  if (done.hunks.length === 0 && done.kind === "modify" && executable === undefined) {
    throw new PatchProblem("no_changes", `Cannot patch ${done.path}: there are no hunks for it`);
  }
  return done;
}

function refuseSpecial({ oldMode, newMode, newFileName }: StructuredPatch): void {
  const special = [oldMode, newMode].find((mode) => mode !== undefined && !mode.startsWith("100"));
  if (special === undefined) return;
  const what = special.startsWith("12") ? "a link" : "not an ordinary file";
  throw new PatchProblem("bad_path", `Cannot patch ${newFileName}: it is ${what} (mode ${special})`);
}

/** Some write the time after spaces, not after a tab. */
function undated(name: string): string {
  return name.replace(/\s{1,4}\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*$/, "");
}

function namedChange(patch: StructuredPatch, before: string, after: string): Omit<FileChange, "hunks"> {
  const [oldName, newName] = [withoutPrefix(before, "a/"), withoutPrefix(after, "b/")];
  if (before === NOTHING && after === NOTHING) {
    throw new PatchProblem("bad_format", `Cannot apply the patch: both names of a file are ${NOTHING}`);
  }
  if (patch.isRename || patch.isCopy) {
    return { kind: patch.isCopy ? "copy" : "rename", path: filePath(newName), from: filePath(oldName) };
  }
  if (before === NOTHING || patch.isCreate) return { kind: "create", path: filePath(newName) };
  if (after === NOTHING || patch.isDelete || isEpoch(patch.newHeader)) {
    return { kind: "delete", path: filePath(oldName), ...alternative(oldName, before) };
  }
  const prefixed = isPrefixed(before, after);
  const [from, to] = [before, after].map((name) => filePath(prefixed ? name.slice(2) : name)) as [
    string,
    string,
  ];
  if (from !== to && from.replace(/(\.orig|\.old|\.bak|~)$/, "") !== to) {
    throw new PatchProblem(
      "bad_format",
      `Cannot patch ${from}: its new name is ${to}; a renaming has lines "diff --git", "rename from" and "rename to"`,
    );
  }
  return { kind: "modify", path: to, ...alternative(to, prefixed ? to : withoutPrefix(to, "a/")) };
}

/** Git can be told to write "i/" for the index, "w/" for the work tree, and others. */
function isPrefixed(before: string, after: string): boolean {
  const prefix = /^[abciow]\//;
  return before[0] !== after[0] && prefix.test(before) && prefix.test(after);
}

function withoutPrefix(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

function alternative(name: string, other: string): { otherwise?: string } {
  return name === other ? {} : { otherwise: filePath(other) };
}

/** GNU diff says so that a file is not there. */
function isEpoch(header: string | undefined): boolean {
  return /^(1970-01-01|1969-12-31) /.test(header ?? "");
}

function hunkOf({ oldStart, oldLines, lines }: StructuredPatchHunk): Hunk {
  const read: HunkLine[] = [];
  for (const line of lines) {
    if (line.startsWith("\\")) read.at(-1)!.end = "";
    else read.push({ op: (line[0] ?? " ") as HunkLine["op"], ...endedLine(line.slice(1)) });
  }
  const start = oldStart === 0 && oldLines > 0 ? undefined : oldStart - 1;
  return { start, anchors: [], atEnd: read.some(({ end }) => end === ""), lines: read };
}
