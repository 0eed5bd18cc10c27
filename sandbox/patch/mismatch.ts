/**
 * Says why a hunk has no place in a file, and shows what the file has there instead: enough for a model to write the hunk
 * again without reading the file.
 *
 * @module
 */
import { type Hunk, newLines, oldLines } from "./file_change.ts";
import type { LineSearch } from "./line_search.ts";
import { PatchProblem } from "./problem.ts";
import type { Line } from "./text_lines.ts";

/** A hunk and the file it is to fit in. */
export interface Site {
  /** Of the file. */
  path: string;
  /** Of the hunk in the file's part of the patch, from 1. */
  number: number;
  /** To be placed. */
  hunk: Hunk;
  /** Of the file. */
  lines: readonly Line[];
  /** In these lines. */
  search: LineSearch;
  /** Where the hunks before it end. */
  from: number;
}

/** Lines of a file shown. */
const SHOWN = 12;
/** Characters of a line shown. */
const WIDTH = 200;
/** Comparisons of lines in the search for similar text. */
const MOST_COMPARISONS = 5_000_000;

/** The hunk fits nowhere; `near` is the line where it should. With `anchor`: that line is what was not found. */
export function mismatch(site: Site, near: number, anchor?: string): PatchProblem {
  const { lines } = site;
  const facts = [intro(site)];
  if (lines.length === 0) facts.push("The file is empty.");
  else if (anchor !== undefined) facts.push(`There is no line ${quoted(anchor)} to begin from.`);
  facts.push(...done(site), ...earlier(site));
  if (lines.length > 0) facts.push(...nearest(site, Math.min(Math.max(near, 0), lines.length - 1)));
  return new PatchProblem("mismatch", facts.join("\n"));
}

/** The hunk fits at all of these lines (indexes), and nothing says at which. */
export function ambiguity(site: Site, places: number[]): PatchProblem {
  const list = places.map((at) => at + 1).join(", ");
  return new PatchProblem(
    "ambiguous",
    `${
      intro(site)
    }\nIt fits at more than one place (lines ${list}): give more lines of context, or the right line number.`,
  );
}

/** The hunk only adds lines, and where is not said or is beyond the end. */
export function misplaced(site: Site, at: number | undefined): PatchProblem {
  const reason = at === undefined
    ? "It shows no line of the file and has no line number: give lines of context."
    : `It adds lines after line ${at}, but the file has only ${site.lines.length}.`;
  return new PatchProblem("mismatch", `${intro(site)}\n${reason}`);
}

function intro({ path, number, hunk }: Site): string {
  const first = hunk.lines[0];
  const line = first === undefined ? "it is empty" : `its first line: ${quoted(first.op + first.text)}`;
  return `Cannot apply hunk ${number} of ${path}: it does not fit the file; ${line}.`;
}

function done({ hunk, search }: Site): string[] {
  const at = hunk.lines.some(({ op }) => op === "+") ? search.find(newLines(hunk)) : -1;
  return at < 0 ? [] : [`The file already has what the hunk makes, at line ${at + 1}.`];
}

function earlier({ hunk, search, from }: Site): string[] {
  const at = from === 0 ? -1 : search.find(oldLines(hunk), from);
  return at < 0
    ? []
    : [`It would fit at line ${at + 1}, but the hunk before it lies behind that: hunks come in order.`];
}

function nearest(site: Site, near: number): string[] {
  const { lines, hunk } = site;
  const needed = oldLines(hunk);
  const best = mostSimilar(lines, needed, near);
  if (best === undefined) {
    return [
      "None of its lines is in the file. The file has there:",
      show(lines, Math.max(0, near - SHOWN / 2)),
    ];
  }
  const facts = [`The nearest text, at line ${best + 1}:`, show(lines, best, needed.length)];
  const wrong = needed.findIndex(({ text }, index) => lines[best + index]?.text !== text);
  if (wrong < 0) return [...facts, "It is not at the end of the file, as the patch says."];
  const there = lines[best + wrong];
  const has = there === undefined ? "the file ends" : `the file has ${quoted(there.text)}`;
  return [
    ...facts,
    `Line ${best + wrong + 1} differs: the patch has ${quoted(needed[wrong]!.text)}, ${has}.`,
  ];
}

/** Where most of the needed lines stand, indentation aside; of equals the nearest. Undefined when none does anywhere. */
function mostSimilar(lines: readonly Line[], needed: readonly Line[], near: number): number | undefined {
  const wanted = needed.map(({ text }) => text.trim());
  const trimmed = lines.map(({ text }) => text.trim());
  const reach = Math.ceil(MOST_COMPARISONS / Math.max(1, wanted.length) / 2);
  let best: number | undefined, score = 0;
  for (let at = Math.max(0, near - reach); at < Math.min(lines.length, near + reach); at++) {
    let same = 0;
    for (const [index, text] of wanted.entries()) {
      // Blank lines are everywhere: they count less than any other.
      if (trimmed[at + index] === text) same += text === "" ? 0.01 : 1;
      if (lines[at + index]?.text === needed[index]!.text) same += 0.001;
    }
    const nearer = best !== undefined && Math.abs(at - near) < Math.abs(best - near);
    if (same > score || (same > 0 && same === score && nearer)) [best, score] = [at, same];
  }
  return best;
}

function show(lines: readonly Line[], from: number, count = SHOWN): string {
  const end = Math.min(from + Math.min(count, SHOWN), lines.length);
  return lines.slice(from, end).map(({ text }, index) =>
    `${String(from + index + 1).padStart(6)}| ${cut(text)}`
  )
    .join("\n");
}

function quoted(text: string): string {
  return JSON.stringify(cut(text));
}

function cut(text: string): string {
  return text.length > WIDTH ? text.slice(0, WIDTH) + "..." : text;
}
