/**
 * What the root serves to the outside, whichever protocol it is asked in.
 *
 * @module
 */
import type { Config } from "../config/load.ts";
import type { ToolSource } from "../desk/desk.ts";
import type { DocumentsPort } from "../../supervisor/durable/documents.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Tasks } from "../tasks/task.ts";

/** Opened once a process. */
export interface Service {
  /** Runs that somebody asked for. */
  readonly tasks: Tasks;
  /** The tools of the workspace and of the servers it federates; each call is journaled. */
  readonly tools: ToolSource;
  /** Where protocols keep what they must know after a restart. */
  readonly documents: DocumentsPort;
  /** Transcripts of runs. */
  readonly runtime: Pick<Runtime, "runs" | "show">;
  /** What was configured, the folder of the files people may see among it. */
  readonly config: Config;
  /** Goes on with the tasks that were at work when the last process ended. Answers how many. */
  recover(): Promise<number>;
  /** Interrupts what is at work, so that the next process goes on with it, and stops every worker. */
  close(): Promise<void>;
}
