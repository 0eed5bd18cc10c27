/**
 * Making and reading the pieces messages and artifacts are made of.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type Artifact, type Message, type Part, Role, TaskState } from "@a2a-js/sdk";

/** The states after which nothing happens any more. */
export const TERMINAL: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_STATE_COMPLETED,
  TaskState.TASK_STATE_FAILED,
  TaskState.TASK_STATE_CANCELED,
  TaskState.TASK_STATE_REJECTED,
]);

/** The states in which a task waits for its owner. */
export const INTERRUPTED: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_STATE_INPUT_REQUIRED,
  TaskState.TASK_STATE_AUTH_REQUIRED,
]);

/** Whether whoever waits for a task in that state has waited long enough. */
export function isSettled(state: TaskState | undefined): boolean {
  return state !== undefined && (TERMINAL.has(state) || INTERRUPTED.has(state));
}

/** Plain text. */
export function textPart(text: string): Part {
  return {
    content: { $case: "text", value: text },
    metadata: undefined,
    filename: "",
    mediaType: "text/plain",
  };
}

/** JSON. */
export function dataPart(value: unknown): Part {
  return {
    content: { $case: "data", value },
    metadata: undefined,
    filename: "",
    mediaType: "application/json",
  };
}

/** A file with its bytes. */
export function filePart(filename: string, mediaType: string, base64: string): Part {
  const value = Buffer.from(base64, "base64");
  return { content: { $case: "raw", value }, metadata: undefined, filename, mediaType };
}

/** A message of the agent in a task; outside of any without one. */
export function agentMessage(parts: readonly Part[], taskId = "", contextId = ""): Message {
  return {
    messageId: crypto.randomUUID(),
    contextId,
    taskId,
    role: Role.ROLE_AGENT,
    parts: [...parts],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}

/** Something a task made. */
export function artifact(
  artifactId: string,
  name: string,
  parts: readonly Part[],
  description = "",
): Artifact {
  return { artifactId, name, description, parts: [...parts], metadata: undefined, extensions: [] };
}
