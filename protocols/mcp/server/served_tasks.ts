/**
 * The messages of the Tasks extension, `io.modelcontextprotocol/tasks`: a call that answers with a task, and `tasks/get`,
 * `tasks/update` and `tasks/cancel` for clients that declare it. Modern clients only; legacy ones wait for the result.
 *
 * @see https://modelcontextprotocol.io/seps/2663-tasks-extension
 * @module
 */
import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequests,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { canAsk } from "./elicitation.ts";
import type { Caller } from "../../../workspace/service/caller.ts";

/** The name of the extension. */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** A task as clients see it. */
export interface ServedTask {
  readonly id: string;
  /** `failed` is for crashes only: what a tool reports as an error is a result. */
  readonly status: "working" | "input_required" | "completed" | "cancelled" | "failed";
  readonly statusMessage?: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /** Milliseconds from its creation on for which it is kept; null is for ever. */
  readonly ttlMs: number | null;
  /** Milliseconds a client should wait before it asks again. Default it decides. */
  readonly pollIntervalMs?: number;
  /** What is asked of the client, while `input_required`. */
  readonly inputRequests?: InputRequests;
  /** Once `completed`. */
  readonly result?: CallToolResult;
  /** Once `failed`. */
  readonly error?: { readonly code: number; readonly message: string };
}

/** What stands behind the extension. A task of somebody else is to a caller as if it were not there. */
export interface ServedTasks {
  /** Null when there is none. A client that cannot ask a person (`asks`) is not told of questions. */
  get(caller: Caller, id: string, asks: boolean): Promise<ServedTask | null>;
  /** What the client answered, by the keys of `inputRequests`; others are ignored. False when there is no such task. */
  answer(caller: Caller, id: string, responses: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Stops it; one that is over stays as it is. False when there is no such task. */
  cancel(caller: Caller, id: string): Promise<boolean>;
}

/** Whether a call may be answered with a task: a modern client that declares the extension. */
export function takesTasks(context: ServerContext): boolean {
  const envelope = context.mcpReq.envelope as Record<string, unknown> | undefined;
  const declared = envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  return declared?.extensions?.[TASKS_EXTENSION] !== undefined;
}

/** @throws {ProtocolError} -32021 when the client does not declare the extension. */
export function requireTasks(context: ServerContext): void {
  if (takesTasks(context)) return;
  throw new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  });
}

/** The answer to a call that became a task. */
export function taskCreated(task: ServedTask): CallToolResult {
  // The library types results only; `TaskServer` passes tasks on.
  return { resultType: "task", ...fieldsOf(task) } as unknown as CallToolResult;
}

const Named = z.object({ taskId: z.string() });
const Anything = z.record(z.string(), z.unknown());
const Update = Named.extend({ inputResponses: Anything });

/** Answers the messages of the extension. */
export function serveTasks(server: Server, tasks: ServedTasks, caller: Caller): void {
  const on = <P extends typeof Named>(
    method: string,
    params: P,
    answer: (params: z.output<P>, context: ServerContext) => Promise<Result | null>,
  ) => {
    server.setRequestHandler(
      method,
      { params: Anything },
      async (given, context) => {
        requireTasks(context);
        // What is no string is looked for in vain; the names of retries were taken out of the parameters.
        const wanted = params.safeParse({ ...given, inputResponses: context.mcpReq.inputResponses });
        const found = wanted.success ? await answer(wanted.data as z.output<P>, context) : null;
        if (found !== null) return found;
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Unknown task, or wrong parameters");
      },
    );
  };
  on("tasks/get", Named, async ({ taskId }, context) => {
    const task = await tasks.get(caller, taskId, canAsk(server, context));
    return task && detailOf(task);
  });
  on("tasks/update", Update, async ({ taskId, inputResponses }) => {
    return await tasks.answer(caller, taskId, inputResponses) ? {} : null;
  });
  on("tasks/cancel", Named, async ({ taskId }) => await tasks.cancel(caller, taskId) ? {} : null);
}

function detailOf(task: ServedTask): Result {
  const { inputRequests, result, error } = task;
  return {
    ...fieldsOf(task),
    ...(inputRequests && { inputRequests }),
    ...(result && { result }),
    ...(error && { error }),
  };
}

function fieldsOf({ id, status, statusMessage, createdAt, updatedAt, ttlMs, pollIntervalMs }: ServedTask) {
  return {
    taskId: id,
    status,
    ...(statusMessage !== undefined && { statusMessage }),
    createdAt: new Date(createdAt).toISOString(),
    lastUpdatedAt: new Date(updatedAt).toISOString(),
    ttlMs,
    ...(pollIntervalMs !== undefined && { pollIntervalMs }),
  };
}
