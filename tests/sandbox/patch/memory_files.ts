/**
 * Files in memory, to plan patches for.
 *
 * @module
 */
import { type Plan, planPatch, type StoredFile } from "../../../sandbox/patch/plan.ts";
import { PatchProblem } from "../../../sandbox/patch/problem.ts";

/** Content by path; "!" before a path makes the file executable. */
export type Files = Record<string, string>;

/** The plan for these files, or the problem. */
export function plan(files: Files, patch: string): Plan | PatchProblem {
  const stored = new Map(
    Object.entries(files).map(([name, text]): [string, StoredFile] => [
      name.replace("!", ""),
      { bytes: new TextEncoder().encode(text), executable: name.startsWith("!") },
    ]),
  );
  return planPatch(patch, (path) => stored.get(path) ?? null);
}

/** The plan, which must be one. */
export function mustPlan(files: Files, patch: string): Plan {
  const planned = plan(files, patch);
  if (planned instanceof PatchProblem) throw planned;
  return planned;
}

/** What the files are after the plan. */
export function carryOut(files: Files, { files: planned }: Plan): Files {
  const result = { ...files };
  for (const { kind, path, from, after } of planned) {
    const gone = kind === "rename" ? from! : kind === "copy" ? "" : path;
    for (const name of [gone, `!${gone}`]) delete result[name];
    if (after === null) continue;
    result[(after.executable ? "!" : "") + path] = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      after.bytes,
    );
  }
  return result;
}
