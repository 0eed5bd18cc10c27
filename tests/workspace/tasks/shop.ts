/**
 * Tasks over a runtime played by hand and documents in memory, and what tests read of them.
 *
 * @module
 */
import { type DocumentsPort } from "../../../supervisor/durable/documents.ts";
import { memoryDocuments } from "../../../supervisor/durable/memory_documents.ts";
import { type OpenedTasks, openTasks, type OpenTasksOptions } from "../../../workspace/tasks/open_tasks.ts";
import type { Task, TaskEvent, Tasks, TaskState } from "../../../workspace/tasks/task.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { HandRuntime } from "./hand_runtime.ts";

/** One process of a service. */
export interface Shop {
  readonly tasks: OpenedTasks;
  readonly runtime: HandRuntime;
  readonly documents: DocumentsPort;
  readonly clock: HandClock;
}

/** Opens one; ids are "t1", "t2" and so on, those of questions too. */
export function shop(
  parts: Partial<Omit<Shop, "tasks">> & Pick<OpenTasksOptions, "atOnce" | "secrets"> = {},
): Shop {
  const { runtime = new HandRuntime(), documents = memoryDocuments(), clock = new HandClock() } = parts;
  let ids = 0;
  const tasks = openTasks({
    runtime,
    documents,
    clock,
    newId: () => `t${++ids}`,
    atOnce: parts.atOnce,
    secrets: parts.secrets,
  });
  return { tasks, runtime, documents, clock };
}

/** The process was killed and another one is there. */
export function afterKill({ runtime, documents, clock }: Shop): Shop {
  return shop({ runtime: runtime.killed(), documents, clock });
}

/** The task once it stands like that; what was seen until then is forgotten. */
export async function standing(tasks: Tasks, id: string, state: TaskState, owner = "ann"): Promise<Task> {
  for await (const event of tasks.watch(owner, id)) {
    if (event.type === "task" && event.task.state === state) return event.task;
  }
  throw new Error(`task ${id} never was ${state}`);
}

/** Everything a watcher is told, in short: states, and texts of the run. */
export async function seen(watch: AsyncIterable<TaskEvent>): Promise<string[]> {
  const words: string[] = [];
  for await (const event of watch) {
    if (event.type === "task") words.push(event.task.state);
    else if (event.event.type === "text") words.push(`"${event.event.text}"`);
  }
  return words;
}
