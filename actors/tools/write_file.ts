/**
 * The tool that writes a text file of the workspace.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { requireOpen } from "../../sandbox/files/closed.ts";
import { contain, type WorkspaceOptions } from "../../sandbox/files/contain.ts";
import { fileFault } from "../../sandbox/files/file_fault.ts";
import { replaceFile } from "../../sandbox/files/replace_file.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { defineTool } from "./tool.ts";

/** What {@linkcode writeFile} needs: to read the workspace, because it follows links, and to write it. */
export const writeFileGrant = (workspace: string): Permissions => ({ read: [workspace], write: [workspace] });

/**
 * `{ path, content }`; creates the file and the folders it lies in, or replaces its content, all or nothing, and
 * answers with how many bytes it wrote. Writing the same again is harmless.
 */
export const writeFile = defineTool({
  module: import.meta.url,
  name: "write_file",
  description:
    "Writes a UTF-8 text file of the workspace: creates it, with the folders it lies in, or replaces " +
    "its whole content.",
  parameters: (z) =>
    z.object({
      path: z.string().describe("Path of the file, relative to the workspace"),
      content: z.string().describe("The whole new content"),
    }),
  settle: "repeatable",
  needs: ["FileRead", "FileWrite"],
  open: (options: WorkspaceOptions) => options,
  invoke({ workspace }, { path, content }, { newId }) {
    try {
      const target = contain(workspace, path);
      requireOpen(workspace, target);
      refuseUnlessFile(target, path);
      const bytes = new TextEncoder().encode(content);
      Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
      replaceFile(target, bytes, newId());
      return `Wrote ${bytes.length} bytes to ${path}`;
    } catch (error) {
      throw fileFault("write", path, error);
    }
  },
});

function refuseUnlessFile(target: string, path: string): void {
  try {
    if (Deno.statSync(target).isFile) return;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  throw new Fault("bad_file", `Cannot write ${path}: something that is not a file is there`);
}

if (import.meta.main) serve(writeFile);
