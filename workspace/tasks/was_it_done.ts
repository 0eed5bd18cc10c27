/**
 * The question of a run that nobody can go on with before a person has said whether a call was done.
 *
 * @module
 */
import type { Question, Verdict } from "../../protocols/messages/approval.ts";
import type { RunOutcome } from "../../protocols/messages/run.ts";
import type { Assumption } from "../../actors/agents/assume.ts";

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
