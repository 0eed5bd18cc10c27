/**
 * Handing a part of the work to a sub-agent: fewer tools, a part of the budget, an earlier deadline, a journal entry
 * in the parent's run and a run of its own.
 *
 * @module
 */
import type { ToolCall, ToolSpec } from "../../protocols/messages/model.ts";
import type { RunOutcome } from "../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { Spawn } from "../programs/effects.ts";
import { argumentsOf, failed } from "./tool_calls.ts";

/** What a sub-agent is for. */
export type Delegation = Omit<Spawn, "kind">;

/** The tool with which a model starts a sub-agent. */
export const DELEGATE: ToolSpec = {
  name: "delegate",
  description:
    "Hands a task to a sub-agent that works on its own and answers with its result. It sees nothing of this " +
    "conversation: the task must say everything it needs. Several calls in one turn work at the same time.",
  parameters: {
    type: "object",
    properties: {
      name: { type: "string", description: "What it is called: letters, digits, - and _, at most 40" },
      task: { type: "string", description: "What it is to do, complete in itself" },
      tools: {
        type: "array",
        items: { type: "string" },
        description: "The tools it may use; default all of yours but those that ask other agents",
      },
      share: { type: "number", description: "Its part of the budget left, above 0 and at most 1" },
    },
    required: ["name", "task"],
    additionalProperties: false,
  },
};

const NAME = /^[A-Za-z0-9_-]{1,40}$/;

/** A call of {@linkcode DELEGATE} read, or what is wrong with it. `tools` are the names it may hand on. */
export function readDelegation(
  call: ToolCall,
  tools: readonly string[],
): { readonly delegation: Delegation } | { readonly wrong: ToolOutcome } {
  const read = argumentsOf(call);
  if ("wrong" in read) return read;
  const { name, task, share, ...rest } = read.args;
  const delegation = {
    name: name as string,
    task: task as string,
    ...(share === undefined || share === null ? {} : { share: share as number }),
    ...(rest.tools === undefined || rest.tools === null ? {} : { tools: rest.tools as string[] }),
  };
  const wrong = problemOf(delegation, tools);
  return wrong === null ? { delegation } : { wrong: failed("permanent", `Cannot delegate: ${wrong}`) };
}

/** Why a sub-agent cannot be started so; null when it can. */
export function problemOf(
  { name, task, share, tools }: Delegation,
  allowed: readonly string[],
): string | null {
  if (typeof name !== "string" || !NAME.test(name)) return "`name` must be 1 to 40 letters, digits, - or _";
  if (typeof task !== "string" || task.trim() === "") return "`task` must say what to do";
  if (share !== undefined && !(typeof share === "number" && share > 0 && share <= 1)) {
    return "`share` must be a number above 0 and at most 1";
  }
  if (tools === undefined) return null;
  if (!Array.isArray(tools)) return "`tools` must be a list of names";
  const beyond = tools.filter((tool) => !allowed.includes(tool));
  if (beyond.length === 0) return null;
  return `you may hand on ${allowed.join(", ") || "no tools"}, not ${beyond.map(String).join(", ")}`;
}

/** How people and models are told of a sub-agent. */
export function subAgent(name: string): string {
  return `sub-agent "${name}"`;
}

/** The instructions of a sub-agent. */
export function subAgentSystem(name: string): string {
  return `You are the sub-agent "${name}" of an AI agent. Do the task you are given and answer with its result alone.`;
}

/** What the end of an agent is to the model that asked it; `who` is 'sub-agent "x"', say. */
export function asToolOutcome(who: string, { status, answer, reason = status }: RunOutcome): ToolOutcome {
  if (status === "answered") return { ok: true, content: answer };
  const soFar = answer === "" ? "" : ` What it had by then: ${answer}`;
  const kind = status === "denied" ? "denied" : status === "failed" ? "transient" : "permanent";
  return failed(kind, `The ${who} ended as ${status}: ${reason}.${soFar}`);
}
