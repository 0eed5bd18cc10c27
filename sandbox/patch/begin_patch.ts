/**
 * The other format that models write: `*** Begin Patch`, sections for files, hunks found by their text alone.
 *
 * ```text
 * *** Begin Patch
 * *** Update File: src/a.py
 * *** Move to: src/b.py
 * @@ def f():
 * -    return 1
 * +    return 2
 * *** Add File: new.txt
 * +its only line
 * *** Delete File: old.txt
 * *** End Patch
 * ```
 *
 * A line after `@@` is an anchor: the hunk comes after it. `*** End of File` ends a hunk that fits only there.
 *
 * @module
 */
import type { FileChange, Hunk, HunkLine } from "./file_change.ts";
import { filePath } from "./file_path.ts";
import { PatchProblem } from "./problem.ts";
import { endedLine } from "./text_lines.ts";

const BEGIN = "*** Begin Patch";
const END = "*** End Patch";
const SECTION = /^\*\*\* (Add|Update|Delete) File: (.*)$/;

/** Whether a text is in this format. */
export function isBeginPatch(text: string): boolean {
  return text.split("\n").some((line) => line.trim() === BEGIN);
}

/**
 * Reads it.
 * @throws {PatchProblem} `bad_format`, and what is wrong with a path.
 */
export function readBeginPatch(text: string): FileChange[] {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const begin = lines.findIndex((line) => line.trim() === BEGIN);
  const end = lines.findIndex((line) => line.trim() === END);
  if (end < begin) {
    throw new PatchProblem("bad_format", `Cannot read the patch: its last line, "${END}", is missing`);
  }
  const changes: FileChange[] = [];
  for (let at = begin + 1; at < end;) {
    const section = SECTION.exec(lines[at]!.trimEnd());
    if (section === null) throw unreadable(at, lines[at]!, 'it is no "*** Add|Update|Delete File: <path>"');
    let next = at + 1;
    while (next < end && !SECTION.test(lines[next]!)) next++;
    const [, kind, name] = section;
    changes.push(readSection(kind!, filePath(name!.trim()), lines.slice(at + 1, next), at + 1));
    at = next;
  }
  return changes;
}

function unreadable(at: number, line: string, reason: string): PatchProblem {
  return new PatchProblem(
    "bad_format",
    `Cannot read line ${at + 1} of the patch, ${JSON.stringify(line)}: ${reason}`,
  );
}

function readSection(kind: string, path: string, lines: string[], at: number): FileChange {
  if (kind === "Delete") {
    const more = lines.findIndex((line) => line.trim() !== "");
    if (more >= 0) throw unreadable(at + more, lines[more]!, 'nothing follows "*** Delete File"');
    return { kind: "delete", path, unseen: true, hunks: [] };
  }
  if (kind === "Add") return { kind: "create", path, hunks: readAdded(lines, at) };
  const move = /^\*\*\* Move to: (.*)$/.exec(lines[0]?.trimEnd() ?? "");
  if (move === null) return { kind: "modify", path, hunks: readHunks(lines, at) };
  return {
    kind: "rename",
    path: filePath(move[1]!.trim()),
    from: path,
    hunks: readHunks(lines.slice(1), at + 1),
  };
}

function readAdded(lines: string[], at: number): Hunk[] {
  const added = lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
  const wrong = added.findIndex((line) => !line.startsWith("+"));
  if (wrong >= 0) throw unreadable(at + wrong, added[wrong]!, 'each line of an added file begins with "+"');
  return added.length === 0 ? [] : [{ start: 0, anchors: [], atEnd: false, lines: added.map(hunkLine) }];
}

function readHunks(lines: string[], at: number): Hunk[] {
  const hunks: Hunk[] = [];
  let hunk: Hunk | undefined;
  // Blank lines within a hunk are context, before the next header they only separate.
  let blanks: string[] = [];
  for (const [index, line] of lines.entries()) {
    const anchor = /^@@(?: -(\d+)\S* \+\S+ @@.*| ?(.*))$/.exec(line);
    if (line === "") {
      blanks.push(line);
      continue;
    }
    if (anchor !== null) {
      if (hunk === undefined || hunk.lines.length > 0) hunks.push(hunk = emptyHunk());
      if (anchor[1] !== undefined) hunk.start = Math.max(0, Number(anchor[1]) - 1);
      else if (anchor[2]!.trim() !== "") hunk.anchors.push(anchor[2]!.trim());
    } else if (line.trimEnd() === "*** End of File" && hunk !== undefined) {
      hunk.atEnd = true;
      hunk = undefined;
    } else if (/^[ +-]/.test(line)) {
      if (hunk === undefined) hunks.push(hunk = emptyHunk());
      for (const one of [...blanks, line]) hunk.lines.push(hunkLine(one));
    } else {
      throw unreadable(at + index, line, 'a hunk\'s lines begin with " ", "+" or "-"');
    }
    blanks = [];
  }
  return hunks;
}

function emptyHunk(): Hunk {
  return { start: undefined, anchors: [], atEnd: false, lines: [] };
}

function hunkLine(line: string): HunkLine {
  const op = (line[0] ?? " ") as HunkLine["op"];
  return { op, ...endedLine(line.slice(1)) };
}
