/**
 * What must hold of a message that was read, and of the history that is shown.
 *
 * @module
 */
import { type Message, Role, type Task } from "@a2a-js/sdk";
import { RequestMalformedError } from "@a2a-js/sdk/errors";

/**
 * The message, when it can be worked on.
 * @throws {RequestMalformedError} otherwise.
 */
export function checkedMessage(message: Message | undefined): Message {
  if (message === undefined) throw new RequestMalformedError("message is required");
  if (message.messageId === "") throw new RequestMalformedError("message.messageId is required");
  if (message.role !== Role.ROLE_USER) throw new RequestMalformedError("message.role must be the user's");
  if (message.parts.length === 0) throw new RequestMalformedError("message.parts must not be empty");
  if (message.parts.some(({ content }) => content === undefined)) {
    throw new RequestMalformedError("Each of message.parts needs one of text, raw, url and data");
  }
  return message;
}

/** The task with its last messages alone: all without a length, none for 0. */
export function lastOf(task: Task, historyLength: number | undefined): Task {
  if (historyLength === undefined) return task;
  return { ...task, history: historyLength <= 0 ? [] : task.history.slice(-historyLength) };
}
