/**
 * The files of a workspace, for a session that works on a copy of them.
 *
 * @module
 */
import { type Infer, protocol, schema } from "./protocol.ts";
import { PythonFile } from "./python.ts";

/** What became of a file. */
export const FileReport = schema((z) =>
  z.object({
    path: z.string(),
    /** `refused`: it may not be written, for the reason given. */
    change: z.enum(["created", "modified", "deleted", "refused"]),
    /** Size now; 0 when it is gone. */
    bytes: z.int(),
    /** Unified, for text. */
    diff: z.string().optional(),
    reason: z.string().optional(),
  })
);
/** See the schema of the same name. */
export type FileReport = Infer<typeof FileReport>;

/** The protocol of whoever copies files between a workspace and a session. */
export const WorkspaceFiles = protocol("workspace-files", (z) => ({
  /** Call. The files whose content is not the one named by its SHA-256 in `known`, within bounds. */
  collect: {
    request: z.object({ known: z.record(z.string(), z.string()) }),
    reply: z.object({ files: z.array(PythonFile(z)), omitted: z.int() }),
  },
  /** Call. Writes and deletes; what may not be written is refused and the others are written all the same. */
  store: {
    request: z.object({ files: z.array(PythonFile(z)), deleted: z.array(z.string()) }),
    reply: z.array(FileReport(z)),
  },
}));
