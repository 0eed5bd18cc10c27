/**
 * Writes unified diffs with git's headers: what changed, and what undoes it.
 *
 * @module
 */
import { formatPatch, type StructuredPatch, structuredPatch, type StructuredPatchHunk } from "diff";
import type { Plan, PlannedFile, StoredFile } from "./plan.ts";
import { decodeText } from "./text_lines.ts";

/** Lines of context around a change. */
const CONTEXT = 3;
/** Changed lines up to which the shortest diff is looked for: the time for it grows as their square. */
const MAX_EDITS = 1_000;
/** Characters of a diff that is shown to somebody. */
const MAX_SHOWN = 32 * 1024;
const NOTHING = "/dev/null";

/**
 * The change of a file's text, null meaning that there is no file; empty when nothing changed. A diff longer than
 * `limit` characters (default 32 Ki) is cut at a line, and then a last line in brackets says how many lines are left out.
 */
export function unifiedDiff(
  path: string,
  before: string | null,
  after: string | null,
  limit: number = MAX_SHOWN,
): string {
  if (before === after) return "";
  const diff = formatPatch({
    ...header(path, path, before === null, after === null),
    hunks: hunksBetween(before ?? "", after ?? ""),
  });
  if (diff.length <= limit) return diff;
  const shown = diff.slice(0, diff.lastIndexOf("\n", limit - 1) + 1);
  const left = diff.slice(shown.length).split("\n").length - 1;
  return `${shown}[${left} more lines of this diff left out]\n`;
}

/** The patch that undoes the plan, once it is applied. */
export function reversePatch(plan: Plan): string {
  return plan.files.toReversed().map((file) => formatPatch(reversed(file))).join("");
}

function reversed({ kind, path, from, before, after }: PlannedFile): StructuredPatch {
  if (kind === "copy") return changed(path, path, after, null);
  return changed(path, from ?? path, after, before);
}

function changed(oldPath: string, newPath: string, before: StoredFile | null, after: StoredFile | null) {
  const modes = [before, after].map((file) =>
    file === null ? undefined : file.executable ? "100755" : "100644"
  );
  const [oldMode, newMode] = modes;
  const sameMode = before !== null && after !== null && oldMode === newMode;
  return {
    ...header(oldPath, newPath, before === null, after === null),
    ...(sameMode ? {} : { oldMode, newMode }),
    hunks: hunksBetween(textOf(before), textOf(after)),
  };
}

/** What is no text is only ever renamed or copied: its content does not change. */
function textOf(file: StoredFile | null): string {
  return file === null ? "" : decodeText(file.bytes) ?? "";
}

function header(oldPath: string, newPath: string, isCreate: boolean, isDelete: boolean): StructuredPatch {
  return {
    isGit: true,
    isCreate,
    isDelete,
    isRename: oldPath !== newPath,
    oldFileName: isCreate ? NOTHING : `a/${oldPath}`,
    newFileName: isDelete ? NOTHING : `b/${newPath}`,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: [],
  };
}

function hunksBetween(before: string, after: string): StructuredPatchHunk[] {
  const options = { context: CONTEXT, maxEditLength: MAX_EDITS };
  const patch = structuredPatch("", "", before, after, undefined, undefined, options);
  return patch?.hunks ?? [oneHunk(linesOf(before), linesOf(after))];
}

/** All from the first line that differs to the last one. */
function oneHunk(before: string[], after: string[]): StructuredPatchHunk {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const first = Math.max(0, head - CONTEXT);
  const [oldEnd, newEnd] = [before.length - tail, after.length - tail];
  const behind = before.slice(oldEnd, oldEnd + CONTEXT);
  return {
    oldStart: first + 1,
    oldLines: oldEnd + behind.length - first,
    newStart: first + 1,
    newLines: newEnd + behind.length - first,
    lines: [
      ...before.slice(first, head).flatMap((line) => marked(" ", line)),
      ...before.slice(head, oldEnd).flatMap((line) => marked("-", line)),
      ...after.slice(head, newEnd).flatMap((line) => marked("+", line)),
      ...behind.flatMap((line) => marked(" ", line)),
    ],
  };
}

/** With their line breaks. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(op: string, line: string): string[] {
  return line.endsWith("\n") ? [op + line.slice(0, -1)] : [op + line, "\\ No newline at end of file"];
}
