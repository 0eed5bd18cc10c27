/**
 * Makes of the unified diff that a model wrote the one it meant.
 *
 * The parser is strict: it throws where the counts in a hunk's header are wrong, and takes a hunk header
 * without numbers for no hunk at all. Models count badly and put prose and fences around. So hunks are counted
 * anew, and only headers and hunks are passed on. What could be a hunk's line and is not recognisable as one is
 * an error: dropping it would apply half of a change.
 *
 * @module
 */
import { PatchProblem } from "./problem.ts";

const NUMBERS = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const GIT_HEADER = /^((old|new|deleted file|new file) mode \d|(rename|copy) (from|to) \S)/;

/** The same diff with right counts and nothing around it; a hunk that does not say where it belongs gets line 0. */
export function tidyDiff(text: string): string {
  const lines = linesOf(text);
  const tidy: string[] = [];
  let creates = false;
  let git: string | undefined;
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!;
    if (line.startsWith("@@")) {
      const { header, body, next } = readHunk(lines, at, creates);
      tidy.push(header);
      for (const one of body) tidy.push(one);
      at = next;
    } else if (beginsFile(lines, at)) {
      // The parser takes these for the names in git's header, whatever that says, unless another header is between.
      const names: [string, string] = [line, lines[at + 1]!];
      if (git !== undefined && !belongs(git, names)) tidy.push("Index: the next file");
      git = undefined;
      creates = /^--- \/dev\/null\s*$/.test(line);
      tidy.push(...names);
      at += 2;
    } else {
      refuseBinary(line);
      if (line.startsWith("diff --git ")) git = line;
      const more = GIT_HEADER.test(line);
      if (more && git === undefined) throw headless(line);
      if (more || git === line) tidy.push(line);
      at++;
    }
  }
  return tidy.length === 0 ? "" : tidy.join("\n") + "\n";
}

/**
 * Carriage returns belong to the files when only the lines of files have them, and to the way the patch came
 * when its headers have them too.
 */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  const header = lines.find((line) => /^(diff --git |--- |@@)/.test(line));
  return header?.endsWith("\r") ? lines.map((line) => line.replace(/\r$/, "")) : lines;
}

function beginsFile(lines: string[], at: number): boolean {
  return /^---\s+\S/.test(lines[at]!) && /^\+\+\+\s+\S/.test(lines[at + 1] ?? "");
}

function headless(line: string): PatchProblem {
  return new PatchProblem(
    "bad_format",
    `Cannot apply "${line}": a line "diff --git a/old b/new" must come before it`,
  );
}

/** Whether "---" and "+++" name what git's header names; some write only one of them with prefixes. */
function belongs(git: string, [old, now]: [string, string]): boolean {
  const [before, after] = [old, now].map((line) => line.slice(4).split("\t")[0]!.trim()) as [string, string];
  if (after === "/dev/null") {
    return git.startsWith(`diff --git ${before} `) || git.startsWith(`diff --git a/${before} `);
  }
  return [after, `b/${after}`, after.replace(/^b\//, "")].some((name) => git.endsWith(` ${name}`));
}

function refuseBinary(line: string): void {
  if (line !== "GIT binary patch" && !/^Binary files .* differ$/.test(line)) return;
  throw new PatchProblem("binary", `Cannot apply a binary patch ("${line}"): only text files can be patched`);
}

/** A hunk with its own count, and where the text goes on behind it. */
function readHunk(lines: string[], at: number, creates: boolean) {
  const numbers = NUMBERS.exec(lines[at]!);
  const [, oldStart = "0", oldCount = "1", newStart = "0", newCount = "1"] = numbers ?? [];
  const counted = numbers === null ? undefined : countedEnd(lines, at + 1, +oldCount, +newCount);
  const end = counted ?? recountedEnd(lines, at + 1);
  const body = lines.slice(at + 1, end);
  // These may be the hunk's or stand behind it: it can do without them.
  while (body.at(-1) === "") body.pop();
  if (counted === undefined) refuseTorn(lines, end);
  const count = (ops: string) => body.filter((line) => ops.includes(line[0] ?? " ")).length;
  const [olds, news] = [count(" -"), count(" +")];
  if (olds + news === 0 || body[0]!.startsWith("\\")) {
    throw new PatchProblem("bad_format", `Cannot read the hunk "${lines[at]}": no lines follow it`);
  }
  if (numbers === null && olds === 0 && !creates) throw nowhere(lines[at]!);
  // A hunk without old lines is numbered by the line before it.
  const first = olds === 0 && oldCount !== "0" ? Math.max(0, +oldStart - 1) : +oldStart;
  return { header: `@@ -${first},${olds} +${newStart},${news} @@`, body, next: end };
}

function nowhere(header: string): PatchProblem {
  return new PatchProblem(
    "bad_format",
    `Cannot apply the hunk "${header}": it has neither line numbers nor lines of the file, so nothing says where ` +
      "its lines belong",
  );
}

/** The end of a hunk whose header counts right; undefined when it cannot be right. */
function countedEnd(lines: string[], from: number, olds: number, news: number): number | undefined {
  let at = from;
  for (; olds > 0 || news > 0; at++) {
    const line = lines[at];
    if (line === undefined || (line === "" && at === lines.length - 1)) return undefined;
    // Counts that reach over the next file's header would take it for two lines of this one.
    if (beginsFile(lines, at) && lines[at + 2]?.startsWith("@@")) return undefined;
    const op = line[0] ?? " ";
    if (!" +-\\".includes(op)) return undefined;
    if (op === " " || op === "-") olds--;
    if (op === " " || op === "+") news--;
  }
  if (olds < 0 || news < 0) return undefined;
  while (lines[at]?.startsWith("\\")) at++;
  const next = lines[at] ?? "";
  return /^[ +-]/.test(next) && !beginsFile(lines, at) && !isSignature(lines, at) ? undefined : at;
}

/** The end of a hunk whose header is not to be believed. Blank lines at its end are not its own. */
function recountedEnd(lines: string[], from: number): number {
  let end = from;
  for (let at = from; at < lines.length; at++) {
    const line = lines[at]!;
    if (line !== "" && !/^[ +\\-]/.test(line)) break;
    if (beginsFile(lines, at) || isSignature(lines, at)) break;
    if (line !== "") end = at + 1;
  }
  return end;
}

/** "-- " and a version: how mailed patches end. */
function isSignature(lines: string[], at: number): boolean {
  if (!/^-- ?$/.test(lines[at]!)) return false;
  let last = at + 2;
  while (last < lines.length && lines[last]!.trim() === "") last++;
  return last >= lines.length;
}

/** A line that is none of a hunk, with lines of a hunk behind it, before the next header. */
function refuseTorn(lines: string[], end: number): void {
  const header = (at: number) => /^(@@|diff |Index: )/.test(lines[at]!) || beginsFile(lines, at);
  let torn = end;
  while (lines[torn] === "") torn++;
  for (let at = torn; at < lines.length && !header(at) && !isSignature(lines, at); at++) {
    if (!/^[+-]/.test(lines[at]!)) continue;
    throw new PatchProblem(
      "bad_format",
      `Cannot read line ${torn + 1} of the patch, ${
        JSON.stringify(lines[torn])
      }: it stands within a hunk and begins ` +
        'with none of " ", "+" and "-"; lines that stay as they are begin with a space',
    );
  }
}
