/**
 * Finds where the hunks of a patch belong in a file, and what they make of it.
 *
 * A hunk belongs where its context and its removed lines stand in the file one after another, character by character;
 * only how lines end may differ. Where it says it belongs comes first, shifted as the hunk before it was. When it
 * does not fit there, the nearest place where it fits is taken; two equally near ones are ambiguous, and so are
 * two at all when the patch gives no line number and no anchor: a wrong place would be a silent mistake, a
 * refusal costs one more try. Hunks come in the order of the file and do not overlap, but their context may.
 *
 * Lines of the file keep their ends. An added line ends as written when the ends of the hunk's other lines are those
 * of the file; else the patch was written without looking at them, and the line ends as most of the file's do,
 * and at the end of the file as its last line did.
 *
 * @module
 */
import { type Hunk, type HunkLine, oldLines } from "./file_change.ts";
import { LineSearch } from "./line_search.ts";
import { ambiguity, mismatch, misplaced, type Site } from "./mismatch.ts";
import { type Line, usualEnd } from "./text_lines.ts";

/** Where a hunk went. */
export interface Placed {
  /** Line of the old file, from 1. */
  line: number;
  /** Lines from where the patch said, the shift of the hunks before it included; 0 when it did not say. */
  offset: number;
  /** It fits at other places too, farther away. */
  elsewhere: boolean;
}

/** What hunks make of a file. */
export interface Patched {
  /** The new file. */
  lines: Line[];
  /** Of each hunk. */
  placed: Placed[];
}

/** Lines taken out at one place, and what is put there. */
interface Edit {
  at: number;
  remove: number;
  insert: Line[];
}

/**
 * Applies all hunks.
 * @throws {PatchProblem} `mismatch` or `ambiguous`, naming the hunk and showing the file.
 */
export function placeHunks(path: string, lines: readonly Line[], hunks: readonly Hunk[]): Patched {
  const edits: Edit[] = [];
  const placed: Placed[] = [];
  const search = new LineSearch(path, lines);
  let from = 0;
  let shift = 0;
  for (const [index, hunk] of hunks.entries()) {
    const site = { path, number: index + 1, hunk, lines, search, from };
    const expected = hunk.start === undefined ? undefined : hunk.start + shift;
    const { at, elsewhere } = expected === undefined ? findUnnumbered(site) : findNearest(site, expected);
    const offset = expected === undefined ? 0 : at - expected;
    shift += offset;
    placed.push({ line: at + 1, offset, elsewhere });
    for (const edit of editsOf(hunk, at, lines)) edits.push(edit);
    const last = edits.at(-1);
    if (last !== undefined) from = Math.max(from, last.at + last.remove);
  }
  return { lines: edited(lines, edits), placed };
}

function findNearest(site: Site, expected: number): { at: number; elsewhere: boolean } {
  const { lines, from, hunk } = site;
  const fits = fitting(site);
  if (oldLines(hunk).length === 0 && !hunk.atEnd && expected > lines.length) throw misplaced(site, expected);
  if (fits(expected)) return { at: expected, elsewhere: false };
  const farthest = Math.max(expected - from, lines.length - expected);
  let found: number | undefined;
  for (let distance = 1; distance <= farthest; distance++) {
    const places = [expected - distance, expected + distance].filter(fits);
    if (found !== undefined && places.length > 0) return { at: found, elsewhere: true };
    if (places.length === 2) throw ambiguity(site, places);
    found ??= places[0];
  }
  if (found === undefined) throw mismatch(site, expected);
  return { at: found, elsewhere: false };
}

function findUnnumbered(site: Site): { at: number; elsewhere: boolean } {
  const { lines, hunk } = site;
  const fits = fitting(site);
  const from = afterAnchors(site);
  if (oldLines(hunk).length === 0 && !hunk.atEnd) throw misplaced(site, undefined);
  const places: number[] = [];
  for (let at = from; at <= lines.length && places.length < 4; at++) if (fits(at)) places.push(at);
  if (places.length === 0) throw mismatch(site, from);
  // An anchor says: the first one after it.
  if (places.length > 1 && hunk.anchors.length === 0) throw ambiguity(site, places);
  return { at: places[0]!, elsewhere: places.length > 1 };
}

/** Whether the hunk fits at a line. */
function fitting({ hunk, lines, search, from }: Site): (at: number) => boolean {
  const needed = oldLines(hunk);
  return (at) => {
    const end = at + needed.length;
    if (at < from || end > lines.length || (hunk.atEnd && end !== lines.length)) return false;
    return search.fits(at, needed);
  };
}

function afterAnchors(site: Site): number {
  let at = site.from;
  for (const anchor of site.hunk.anchors) {
    while (at < site.lines.length && site.lines[at]!.text.trim() !== anchor) at++;
    if (at === site.lines.length) throw mismatch(site, site.from, anchor);
    at++;
  }
  return at;
}

function editsOf(hunk: Hunk, at: number, lines: readonly Line[]): Edit[] {
  const endOf = endsOfAdded(hunk, at, lines);
  const edits: Edit[] = [];
  let edit: Edit | undefined;
  let cursor = at;
  for (const line of hunk.lines) {
    if (line.op === " ") {
      edit = undefined;
      cursor++;
      continue;
    }
    if (edit === undefined) edits.push(edit = { at: cursor, remove: 0, insert: [] });
    if (line.op === "+") {
      edit.insert.push({ text: line.text, end: endOf(line) });
    } else {
      edit.remove++;
      cursor++;
    }
  }
  return edits;
}

/** How lines end that a hunk adds. */
function endsOfAdded(hunk: Hunk, at: number, lines: readonly Line[]): (line: HunkLine) => Line["end"] {
  const needed = oldLines(hunk);
  const seen = needed.length > 0 && needed.every(({ end }, index) => lines[at + index]!.end === end);
  if (seen || lines.length === 0) return ({ end }) => end;
  const usual = usualEnd(lines);
  const unended = (op: string) => hunk.lines.some((line) => line.op === op && line.end === "");
  const atEnd = at + needed.length === lines.length;
  const open = atEnd && (unended("+") && !unended("-") && !unended(" ") || lines.at(-1)!.end === "");
  const last = hunk.lines.at(-1)?.op === " " ? undefined : hunk.lines.findLast(({ op }) => op === "+");
  return (line) => open && line === last ? "" : usual;
}

function edited(lines: readonly Line[], edits: Edit[]): Line[] {
  const result: Line[] = [];
  let from = 0;
  for (const { at, remove, insert } of edits) {
    for (; from < at; from++) result.push(lines[from]!);
    for (const line of insert) result.push(line);
    from = at + remove;
  }
  for (; from < lines.length; from++) result.push(lines[from]!);
  // The line that was the last and is not any more needs an end.
  const usual = usualEnd(lines);
  return result.map((line, index) =>
    line.end === "" && index < result.length - 1 ? { text: line.text, end: usual } : line
  );
}
