/**
 * The tool `run_task`: a whole task for the workspace's agent.
 *
 * @module
 */
import type { CallToolResult, Tool } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Limits, RunEvent } from "../../messages/run.ts";
import type { Person } from "../../../workspace/runtime/questions.ts";
import { FINAL_STATES, type OpenQuestion, type Task, type Tasks } from "../../../workspace/tasks/task.ts";
import { ENDING, type Sign, type Work } from "./open_call.ts";
import { errorResult, objectResult } from "./tool_results.ts";

/** Name of the tool. */
export const RUN_TASK = "run_task";

/** Characters of a progress message. */
const MESSAGE_CHARS = 300;

const Arguments = z.strictObject({
  task: z.string().trim().min(1).describe("What to do, with everything the agent has to know"),
  max_turns: z.int().min(1).max(1_000).optional().describe("Inferences it may take"),
  max_tokens: z.int().min(1).optional().describe("Input plus output tokens it may use"),
  max_usd: z.number().min(0).optional().describe("US dollars it may cost"),
  timeout_seconds: z.number().min(0.001).optional().describe("Seconds it may take"),
});

const Outcome = z.object({
  task_id: z.string(),
  status: z.enum(["working", "asking", "completed", "failed", "rejected", "canceled"]),
  answer: z.string().describe("The answer, or what there was when it ended"),
  reason: z.string().optional().describe("Why it was not answered"),
  turns: z.int().optional(),
  tokens: z.int().optional(),
});

/** The tool as it is listed. */
export const RUN_TASK_TOOL: Tool = {
  name: RUN_TASK,
  title: "Run a task",
  description: "Gives a whole task to this workspace's agent, which plans, uses its tools and answers. " +
    "It can take minutes; progress is told on the way.",
  inputSchema: schemaOf(Arguments),
  outputSchema: schemaOf(Outcome),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
};

/** What a caller wants done. */
export interface Wanted {
  readonly text: string;
  readonly limits: Partial<Limits>;
}

/** The arguments of a call; what is wrong with them as text, for the model that wrote them. */
export function wantedOf(args: Readonly<Record<string, unknown>>): Wanted | string {
  const parsed = Arguments.safeParse(args);
  if (!parsed.success) return `Cannot run the task: ${z.prettifyError(parsed.error)}`;
  const { task, max_turns, max_tokens, max_usd, timeout_seconds } = parsed.data;
  return {
    text: task,
    limits: {
      ...(max_turns !== undefined && { turns: max_turns }),
      ...(max_tokens !== undefined && { tokens: max_tokens }),
      ...(max_usd !== undefined && { nanoUsd: Math.round(max_usd * 1e9) }),
      ...(timeout_seconds !== undefined && { wallMs: Math.max(1, Math.round(timeout_seconds * 1_000)) }),
    },
  };
}

/** Runs a task and waits for its end. To give the call up cancels the task; when the server ends it goes on. */
export function runningTask(tasks: Tasks, owner: string, { text, limits }: Wanted): Work {
  return async ({ signal, person, tell }) => {
    let task = await tasks.start(owner, text, { limits });
    const leaving = new AbortController();
    const stop = () => {
      if (signal.reason === ENDING) leaving.abort();
      else void tasks.cancel(owner, task.id).catch(() => {}); // its end is told by the watch
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    const asked = new Set<string>();
    for await (const event of tasks.watch(owner, task.id, leaving.signal)) {
      if (event.type === "run") tell(signOf(event.event));
      else task = event.task;
      for (const open of task.questions.filter(({ id }) => !asked.has(id))) {
        asked.add(open.id);
        void putQuestion(tasks, task, open, person, signal);
      }
    }
    return taskResult(task);
  };
}

async function putQuestion(
  tasks: Tasks,
  { owner, id }: Task,
  open: OpenQuestion,
  person: Person | undefined,
  signal: AbortSignal,
): Promise<void> {
  const verdict = await person?.(open.question, signal) ??
    { allowed: false, reason: "this MCP client cannot ask a person" };
  if (signal.aborted) return;
  await tasks.answer(owner, id, open.id, verdict).catch(() => {}); // then it is over
}

/** What came of a task. */
export function taskResult(task: Task): CallToolResult {
  const { id, state, outcome } = task;
  if (!FINAL_STATES.has(state)) {
    return errorResult(`Task ${id} goes on when the service is back; its transcript is troupe://runs/${id}`);
  }
  const { answer = "", reason, spent } = outcome ?? {};
  const value: z.infer<typeof Outcome> = {
    task_id: id,
    status: state,
    answer,
    ...(reason !== undefined && { reason }),
    ...(spent && { turns: spent.turns, tokens: spent.inputTokens + spent.outputTokens }),
  };
  return objectResult(value, state !== "completed");
}

function signOf(event: RunEvent): Sign {
  const message = messageOf(event);
  return message === undefined ? {} : { message: message.slice(0, MESSAGE_CHARS) };
}

/** What a run is doing, in a line; undefined for what is of no interest. */
function messageOf(event: RunEvent): string | undefined {
  switch (event.type) {
    case "turn_started":
      return `turn ${event.turn}`;
    case "tool_started":
      return `${event.call.name} ${event.call.arguments}`;
    case "tool_ended":
      return event.outcome.ok
        ? `${event.call.name} is done`
        : `${event.call.name} failed: ${event.outcome.message}`;
    case "agent_spawned":
      return `${event.child} begins: ${event.task}`;
    case "decision":
      return `${
        event.decision.allowed ? "allowed" : "denied"
      }: ${event.decision.tool}: ${event.decision.reason}`;
    case "retry":
      return `trying again: ${event.reason}`;
    case "compacted":
      return "the conversation was compacted";
    default:
      return undefined;
  }
}

function schemaOf(schema: z.ZodType): Tool["inputSchema"] {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest as Tool["inputSchema"];
}
