/**
 * Keeps paths that a model wrote inside one folder.
 *
 * Two walls, because each has a hole the other closes. Deno's permission check holds whatever this code gets wrong, but it
 * compares names: measured on Deno 2.9.6, under `read: [folder]` and `write: [folder]` a link inside the folder that
 * leads out of it is followed, for reading, writing, listing, making folders and renaming alike, and only making such a
 * link is refused. {@linkcode contain} follows the links first and refuses what ends outside.
 *
 * What neither stops: another program that swaps a folder for a link between the check and the use, and hard
 * links. Both need somebody who can already write here by other means; no tool of this project makes links.
 *
 * Paths are POSIX paths.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";

/** Where the file tools work. */
export interface WorkspaceOptions {
  /** Absolute path of the one folder they may touch. */
  workspace: string;
}

/**
 * The path to use for what `path` names, relative to `workspace` or absolute: within the workspace, with all links
 * followed. What does not exist yet is fine as long as it would be created inside.
 *
 * Needs the permission to read the workspace, which may itself be a link.
 * @throws {Fault} code `denied` when it leads out of the workspace or through a link to nothing; `bad_path` when
 * it is empty, holds a NUL, goes through a file or round in circles; `bad_workspace`.
 */
export function contain(workspace: string, path: string): string {
  if (path === "") throw new Fault("bad_path", 'Cannot use an empty path; the workspace itself is "."');
  if (path.includes("\0")) throw new Fault("bad_path", "Cannot use a path with a NUL character in it");
  const base = normalize(workspace);
  const asked = normalize(path.startsWith("/") ? path : `${base}/${path}`);
  if (!within(base, asked)) throw outside(path);
  const root = realWorkspace(workspace, base);
  const { real, missing } = deepestExisting(asked, path);
  if (!within(root, real)) throw outside(path);
  return normalize(`${base}/${real.slice(root.length)}/${missing}`);
}

/** Resolves `.`, `..` and doubled slashes of an absolute path by its text alone. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return "/" + parts.join("/");
}

function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? folder : folder + "/");
}

function realWorkspace(workspace: string, base: string): string {
  const unusable = (reason: string) =>
    new Fault("bad_workspace", `Cannot use the workspace ${workspace}: ${reason}`);
  if (!workspace.startsWith("/")) throw unusable("its path is not absolute");
  try {
    return Deno.realPathSync(base);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw unusable("it does not exist");
    throw error;
  }
}

/** The real path of as much of `asked` as there is, and the rest, which holds no links because it is not there. */
function deepestExisting(asked: string, path: string): { real: string; missing: string } {
  let existing = asked;
  for (;;) {
    try {
      return { real: Deno.realPathSync(existing), missing: asked.slice(existing.length) };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw unusable(path, error);
    }
    if (isLink(existing)) {
      throw new Fault("denied", `Cannot use ${path}: it goes through a link that leads nowhere`);
    }
    existing = existing.slice(0, existing.lastIndexOf("/")) || "/";
  }
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function outside(path: string): Fault {
  return new Fault("denied", `Cannot use ${path}: it is outside the workspace`);
}

function unusable(path: string, error: unknown): unknown {
  const reason = error instanceof Deno.errors.FilesystemLoop
    ? "its links lead round in a circle"
    : error instanceof Deno.errors.NotADirectory
    ? "a part of it is a file, not a folder"
    : undefined;
  return reason === undefined
    ? error
    : new Fault("bad_path", `Cannot use ${path}: ${reason}`, { cause: error });
}
