/**
 * The tool that lists a folder of the workspace.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { contain, type WorkspaceOptions } from "../../sandbox/files/contain.ts";
import { fileFault } from "../../sandbox/files/file_fault.ts";
import { type Listing, walkTree } from "../../sandbox/files/walk_tree.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { defineTool } from "./tool.ts";

/** Lines answered at most. */
const MAX_LINES = 1000;
/** Entries counted at most. */
const MAX_COUNT = 100_000;

/** What {@linkcode listFiles} needs: to read the workspace. */
export const listFilesGrant = (workspace: string): Permissions => ({ read: [workspace] });

/**
 * `{ path?, recursive? }`; answers with one path a line, sorted, relative to the workspace so that it can be handed to
 * the other tools; folders end with "/". At most 1 000 lines, then how many there are.
 */
export const listFiles = defineTool({
  module: import.meta.url,
  name: "list_files",
  description:
    'Lists a folder of the workspace, one path a line, relative to the workspace; folders end with "/". ' +
    "Links are listed and not followed. At most 1000 lines are returned, then a count.",
  parameters: (z) =>
    z.object({
      path: z.string().optional()
        .describe("Path of the folder, relative to the workspace; default the workspace itself"),
      recursive: z.boolean().optional().describe("Whether to list what lies below as well; default false"),
    }),
  settle: "repeatable",
  needs: ["FileRead"],
  open: (options: WorkspaceOptions) => options,
  invoke({ workspace }, { path = ".", recursive = false }) {
    try {
      const folder = contain(workspace, path);
      const listing = walkTree(folder, recursive, MAX_LINES, MAX_COUNT);
      return described(listing, prefixOf(folder, contain(workspace, ".")));
    } catch (error) {
      if (error instanceof Deno.errors.NotADirectory) {
        throw new Fault("bad_file", `Cannot list ${path}: it is not a folder`);
      }
      throw fileFault("list", path, error);
    }
  },
});

function prefixOf(folder: string, root: string): string {
  const inside = folder.slice(root.length).replace(/^\//, "");
  return inside === "" ? "" : inside + "/";
}

function described({ paths, seen, complete, unreadable }: Listing, prefix: string): string {
  const lines = paths.map((path) => oneLine(prefix + path));
  if (seen === 0) lines.push("[the folder is empty]");
  if (seen > paths.length) {
    const left = `${seen - paths.length}${complete ? "" : " or more"}`;
    lines.push(`[${left} left out; list a folder below to see them]`);
  }
  for (const path of unreadable) lines.push(`[${oneLine(prefix + path)} cannot be read]`);
  return lines.join("\n");
}

/** A name may hold a line break, which would look like two names. */
function oneLine(path: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return /[\x00-\x1f\x7f]/.test(path) ? JSON.stringify(path) : path;
}

if (import.meta.main) serve(listFiles);
