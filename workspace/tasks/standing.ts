/**
 * Where a task stands once its run has ended.
 *
 * @module
 */
import type { RunStatus } from "../../protocols/messages/run.ts";
import type { TaskState } from "./task.ts";

/** What the end of its run makes of a task; null where the task is not over with it. */
export const STATE_AFTER: Readonly<Record<RunStatus, TaskState | null>> = {
  answered: "completed",
  failed: "failed",
  limited: "failed",
  denied: "rejected",
  blocked: null,
  interrupted: null,
  running: null,
};
