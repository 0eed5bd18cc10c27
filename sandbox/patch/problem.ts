/**
 * Why a patch cannot be applied, in words that help whoever wrote it to write a better one.
 *
 * @module
 */

/**
 * What is wrong, for programs: `bad_format` (cannot be read), `no_changes`, `binary`, `too_large`, `bad_path` (a path
 * that patches may not touch), `missing` and `exists` (files), `mismatch` and `ambiguous` (hunks), `changed`
 * (a file is not any more what was planned for).
 */
export type PatchCode =
  | "bad_format"
  | "no_changes"
  | "binary"
  | "too_large"
  | "bad_path"
  | "missing"
  | "exists"
  | "mismatch"
  | "ambiguous"
  | "changed";

/** An expected outcome: inside this folder it is thrown, its public functions return it. */
export class PatchProblem extends Error {
  /** Always `PatchProblem`. */
  override readonly name = "PatchProblem";

  /** A problem of the kind `code`; the message begins with "Cannot" and is for the patch's author. */
  constructor(readonly code: PatchCode, message: string) {
    super(message);
  }
}

/** What `work` returns, or the problem it throws; other errors pass. */
export function orProblem<T>(work: () => T): T | PatchProblem {
  try {
    return work();
  } catch (error) {
    if (error instanceof PatchProblem) return error;
    throw error;
  }
}
