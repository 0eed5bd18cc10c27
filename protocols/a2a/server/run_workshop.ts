/**
 * The runs of this machine as what works on A2A tasks: a task is a run of the same id.
 *
 * @module
 */
import { type Message, type Task as A2aTask, TaskState } from "@a2a-js/sdk";
import { TaskNotFoundError, UnsupportedOperationError } from "@a2a-js/sdk/errors";
import type { OpenQuestion, Task, Tasks, TaskState as Standing } from "../../../workspace/tasks/task.ts";
import { askedAgain, questionParts, verdictOf } from "./asking.ts";
import { artifact, textPart } from "./parts.ts";
import { happenings } from "./progress.ts";
import { taskText } from "./task_text.ts";
import type { Happening, Order, Reception, Workshop } from "./workshop.ts";

const STATES: Readonly<Record<Standing, TaskState>> = {
  working: TaskState.TASK_STATE_WORKING,
  asking: TaskState.TASK_STATE_INPUT_REQUIRED,
  completed: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  rejected: TaskState.TASK_STATE_REJECTED,
  canceled: TaskState.TASK_STATE_CANCELED,
};

/** Works on them by `tasks`. */
export function runWorkshop(tasks: Tasks): Workshop {
  return {
    async begin({ owner, taskId, message, earlier }: Order): Promise<null> {
      await tasks.start(owner, conversation(earlier) + taskText(message), { id: taskId });
      return null;
    },
    reply: (order) => reply(tasks, order),
    async *watch(owner, taskId, signal) {
      let asked: string | undefined;
      for await (const event of tasks.watch(owner, taskId, signal)) {
        if (event.type === "run") {
          yield* happenings(event.event);
          continue;
        }
        const [first] = event.task.questions;
        if (event.task.state === "asking" && first?.id === asked) continue;
        asked = first?.id;
        yield status(event.task, first);
      }
    },
    async cancel(owner, taskId) {
      const task = await tasks.cancel(owner, taskId);
      return task === null ? null : status(task);
    },
  };
}

/** What was asked and answered before, for a run that knows nothing of other runs; empty when it is the first. */
function conversation(earlier: readonly A2aTask[]): string {
  const turns = earlier.flatMap(({ history, status }) => {
    const [asked] = history;
    const answer = status?.message;
    return asked === undefined || answer === undefined ? [] : [`User: ${said(asked)}\nYou: ${said(answer)}`];
  });
  return turns.length === 0 ? "" : `Earlier in this conversation:\n\n${turns.join("\n\n")}\n\nNow:\n\n`;
}

function said({ parts }: Message): string {
  return parts.flatMap(({ content }) => content?.$case === "text" ? [content.value] : []).join("\n");
}

async function reply(tasks: Tasks, { owner, taskId, message }: Order): Promise<Reception> {
  const task = await tasks.get(owner, taskId);
  if (task === null) throw new TaskNotFoundError(`Task not found: ${taskId}`);
  const [open] = task.questions;
  if (open === undefined) {
    throw new UnsupportedOperationError(`Task ${taskId} asked nothing; it takes a message when it does`);
  }
  const verdict = verdictOf(message, open);
  if (typeof verdict === "string") return { taken: false, say: askedAgain(open, verdict) };
  if (await tasks.answer(owner, taskId, open.id, verdict)) return { taken: true };
  throw new UnsupportedOperationError(`Task ${taskId} does not wait for that answer any more`);
}

function status(task: Task, question?: OpenQuestion): Extract<Happening, { type: "status" }> {
  const at = task.updatedAt;
  if (question !== undefined) {
    return { type: "status", state: STATES.asking, parts: questionParts(question), at };
  }
  const words = finalWords(task);
  const parts = words === "" ? [] : [textPart(words)];
  const answer = task.outcome?.answer ?? "";
  const made = answer === "" ? {} : { made: artifact("answer", "answer", [textPart(answer)]) };
  return { type: "status", state: STATES[task.state], parts, at, ...made };
}

/** The answer; why there is none, otherwise. */
function finalWords({ state, outcome }: Task): string {
  switch (state) {
    case "completed":
      return outcome?.answer ?? "";
    case "failed":
    case "rejected":
      return outcome?.reason ?? outcome?.answer ?? "";
    case "canceled":
      return "Canceled";
    default:
      return "";
  }
}
