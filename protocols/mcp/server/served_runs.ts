/**
 * Tasks of the workspace as tasks of the extension: durable, their owner's alone, and real runs.
 *
 * @module
 */
import type { InputRequests } from "@modelcontextprotocol/server";
import type { Task, Tasks, TaskState } from "../../../workspace/tasks/task.ts";
import { elicitationOf, verdictOf } from "./elicitation.ts";
import { taskResult } from "./run_task.ts";
import type { ServedTask, ServedTasks } from "./served_tasks.ts";

/** Milliseconds a client should wait before it asks again. */
const POLL_MS = 1_000;

const STATUS: Readonly<Record<TaskState, ServedTask["status"]>> = {
  working: "working",
  asking: "input_required",
  completed: "completed",
  // What the agent reports as failed is a result that says so.
  failed: "completed",
  rejected: "completed",
  canceled: "cancelled",
};

/** The tasks of the workspace behind the extension. */
export function servedRuns(tasks: Tasks): ServedTasks {
  return {
    async get({ owner }, id, asks) {
      const task = await tasks.get(owner, id);
      if (task === null || task.state !== "asking" || asks) return task && servedTask(task);
      const nobody = { allowed: false, reason: "this MCP client cannot ask a person" };
      await Promise.all(task.questions.map((question) => tasks.answer(owner, id, question.id, nobody)));
      const then = await tasks.get(owner, id);
      return then && servedTask(then);
    },
    async answer({ owner }, id, responses) {
      const task = await tasks.get(owner, id);
      for (const open of task?.questions ?? []) {
        const verdict = verdictOf(open.question, responses, open.id);
        if (verdict !== undefined) await tasks.answer(owner, id, open.id, verdict);
      }
      return task !== null;
    },
    async cancel({ owner }, id) {
      return await tasks.cancel(owner, id) !== null;
    },
  };
}

/** One of them. */
export function servedTask(task: Task): ServedTask {
  const { id, state, createdAt, updatedAt, questions, outcome } = task;
  const status = STATUS[state];
  const inputRequests: InputRequests = Object.fromEntries(
    questions.map(({ id, question }) => [id, elicitationOf(question)]),
  );
  return {
    id,
    status,
    ...(outcome?.reason !== undefined && { statusMessage: outcome.reason }),
    createdAt,
    updatedAt,
    ttlMs: null,
    pollIntervalMs: POLL_MS,
    ...(status === "input_required" && { inputRequests }),
    ...(status === "completed" && { result: taskResult(task) }),
  };
}
