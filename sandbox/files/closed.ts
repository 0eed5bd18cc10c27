/**
 * What no tool writes, although it lies in the workspace: it says what is run or allowed later.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";

/** Folders, wherever they are: hooks and settings of git, what undoes patches. Compared without case. */
const FOLDERS: ReadonlySet<string> = new Set([".git", ".troupe"]);
/** Files at the top: the configuration the next run begins with. */
const TOP_FILES: ReadonlySet<string> = new Set(["troupe.toml", ".env"]);

/** The part of a path below the workspace that tools do not write to; undefined when there is none. */
export function closedPart(path: string): string | undefined {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length === 1 && TOP_FILES.has(parts[0]!.toLowerCase())) return parts[0];
  return parts.find((part) => FOLDERS.has(part.toLowerCase()));
}

/** @throws {Fault} code `denied` when `target`, as `contain` gives it, is closed. */
export function requireOpen(workspace: string, target: string): void {
  const closed = closedPart(target.slice(workspace.replace(/\/+$/, "").length));
  if (closed !== undefined) {
    throw new Fault("denied", `tools do not change ${closed}: it says what is run or allowed later`);
  }
}
