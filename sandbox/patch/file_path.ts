/**
 * Which paths a patch may name, judged by their text; where links lead is judged when files are touched.
 *
 * @module
 */
import { closedPart } from "../files/closed.ts";
import { PatchProblem } from "./problem.ts";

/**
 * The path in its simplest form.
 * @throws {PatchProblem} `bad_path` when it is empty, absolute, leads up, holds a NUL or lies in a closed folder.
 */
export function filePath(name: string): string {
  const refuse = (reason: string) =>
    new PatchProblem("bad_path", `Cannot patch ${JSON.stringify(name)}: ${reason}`);
  if (name.includes("\0")) throw refuse("its name has a NUL character in it");
  if (name.startsWith("/")) throw refuse("its path is absolute; paths are relative to the workspace");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length === 0 || name.endsWith("/")) throw refuse("that is not the name of a file");
  if (parts.includes("..")) throw refuse('there may be no ".." in its path');
  const closed = closedPart(parts.join("/"));
  if (closed !== undefined) throw refuse(`patches do not change what is in ${closed}`);
  return parts.join("/");
}
