/**
 * Looks for lines in a file, with an end to the patience: hunks of repeated lines in a file of them take as many
 * comparisons as the product of both lengths.
 *
 * @module
 */
import { PatchProblem } from "./problem.ts";
import type { Line } from "./text_lines.ts";

/** Comparisons of lines for one file of a patch. */
const PATIENCE = 20_000_000;

/** One file to look in. Throws a {@linkcode PatchProblem} `too_large` when it was asked too much. */
export class LineSearch {
  #left = PATIENCE;

  /** Looks in `lines`; `path` is what errors call them. */
  constructor(readonly path: string, readonly lines: readonly Line[]) {}

  /** Whether the texts of `wanted` are those of the lines from `at` on. How lines end does not count. */
  fits(at: number, wanted: readonly Line[]): boolean {
    let same = 0;
    while (same < wanted.length && this.lines[at + same]?.text === wanted[same]!.text) same++;
    this.#left -= same + 1;
    if (this.#left < 0) {
      throw new PatchProblem(
        "too_large",
        `Cannot patch ${this.path}: finding where its hunks fit takes too long; give the right line numbers`,
      );
    }
    return same === wanted.length;
  }

  /** The first line before `end` from which on `wanted` stands there; -1 for none, and for nothing wanted. */
  find(wanted: readonly Line[], end: number = this.lines.length): number {
    if (wanted.length === 0) return -1;
    for (let at = 0; at + wanted.length <= end; at++) if (this.fits(at, wanted)) return at;
    return -1;
  }
}
