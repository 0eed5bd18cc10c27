/**
 * The tool that reads a text file of the workspace.
 *
 * @module
 */
import { contain, type WorkspaceOptions } from "../../sandbox/files/contain.ts";
import { fileFault } from "../../sandbox/files/file_fault.ts";
import { readText } from "../../sandbox/files/read_text.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { defineTool } from "./tool.ts";

/** Bytes answered at most. */
const MAX_BYTES = 256 * 1024;

/** What {@linkcode readFile} needs: to read the workspace. */
export const readFileGrant = (workspace: string): Permissions => ({ read: [workspace] });

/**
 * `{ path, offset?, limit? }`, both in bytes; answers with the text, at most 256 KiB of it, and then says how much
 * was left out and where to go on.
 */
export const readFile = defineTool({
  module: import.meta.url,
  name: "read_file",
  description: "Reads a UTF-8 text file of the workspace. At most 256 KiB are returned at once; " +
    "a last line in brackets then says how much was left out and the offset to go on with.",
  parameters: (z) =>
    z.object({
      path: z.string().describe("Path of the file, relative to the workspace"),
      offset: z.int().min(0).optional().describe("First byte to read; default 0"),
      limit: z.int().min(4).max(MAX_BYTES).optional().describe("Bytes to read; default and maximum 262144"),
    }),
  settle: "repeatable",
  needs: ["FileRead"],
  open: (options: WorkspaceOptions) => options,
  invoke({ workspace }, { path, offset = 0, limit = MAX_BYTES }) {
    try {
      const { text, next, size } = readText(contain(workspace, path), path, offset, limit);
      const left = size - next;
      return left > 0 ? `${text}\n[${left} of ${size} bytes left out; go on with offset ${next}]` : text;
    } catch (error) {
      throw fileFault("read", path, error);
    }
  },
});

if (import.meta.main) serve(readFile);
