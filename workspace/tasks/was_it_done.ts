/**
 * Calls that were cut off: what can be known of them, and the question to a person where nothing can.
 *
 * @module
 */
import type { Question, Verdict } from "../../protocols/messages/approval.ts";
import type { JournalEntry } from "../../protocols/messages/journal.ts";
import type { ToolCall } from "../../protocols/messages/model.ts";
import type { RunOutcome } from "../../protocols/messages/run.ts";
import type { Assumption } from "../../actors/agents/assume.ts";
import type { OpenQuestion } from "./task.ts";

/** To the owner of a task whose run ended as blocked. */
export function wasItDone({ reason = "A call was cut off" }: RunOutcome): Question {
  return {
    tool: "task",
    action: "go on after a call that was cut off",
    reason,
    form: {
      type: "object",
      properties: { done: { type: "boolean", title: "Was it done?" } },
      required: ["done"],
    },
  };
}

/** What was said; null when it was refused. Who allows it and fills nothing in says that it was done. */
export function assumptionOf({ allowed, content }: Verdict): Assumption | null {
  if (!allowed) return null;
  return content?.done === false ? "not-done" : "done";
}

/**
 * Whether all calls without an end still waited for a permission: whoever asks for one has done nothing yet. A form is
 * also filled in for calls that are half done.
 */
export function stillWaited(entries: readonly JournalEntry[], questions: readonly OpenQuestion[]): boolean {
  const cutOff = entries.filter(({ receipt }) => receipt === undefined);
  const waiting = questions.filter(({ question }) => question.form === undefined);
  return cutOff.length > 0 && cutOff.length === waiting.length &&
    cutOff.every(({ intent }) =>
      waiting.some(({ question }) => isFor(intent as Partial<ToolCall>, question))
    );
}

function isFor(call: Partial<ToolCall>, { tool, action }: Question): boolean {
  return call.name === tool && call.arguments?.includes(JSON.stringify(action)) === true;
}
