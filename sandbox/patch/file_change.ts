/**
 * A patch as all formats are read: what is to be done with which file.
 *
 * @module
 */
import type { Line } from "./text_lines.ts";

/** One line of a hunk. */
export interface HunkLine extends Line {
  /** Context, to be removed, or to be added. */
  op: " " | "-" | "+";
}

/** A piece of a file and what becomes of it. */
export interface Hunk {
  /** Index of the file's line where it should fit; undefined when the patch does not say. */
  start: number | undefined;
  /** Lines that come before it in the file, in this order; their indentation does not count. */
  anchors: string[];
  /** It fits only at the end of the file. */
  atEnd: boolean;
  /** In order. */
  lines: HunkLine[];
}

/** What is to be done with one file. Paths are relative to the workspace, with neither "." nor ".." in them. */
export interface FileChange {
  /** `rename` and `copy` may change the content too. */
  kind: "create" | "modify" | "delete" | "rename" | "copy";
  /** What the file is called afterwards; a deleted one: was called. */
  path: string;
  /** What a renamed or copied file is called before. */
  from?: string;
  /** What else `path` may mean, when there is no such file: it is not certain that "a/" is a mere prefix. */
  otherwise?: string;
  /** The permission to execute, when the patch sets it. */
  executable?: boolean;
  /** A deletion that does not show what is deleted. */
  unseen?: boolean;
  /** In the order of the file. */
  hunks: Hunk[];
}

/** The lines of the file that a hunk needs, in order. */
export function oldLines(hunk: Hunk): HunkLine[] {
  return hunk.lines.filter(({ op }) => op !== "+");
}

/** The lines that are there when a hunk is applied, in order. */
export function newLines(hunk: Hunk): HunkLine[] {
  return hunk.lines.filter(({ op }) => op !== "-");
}
