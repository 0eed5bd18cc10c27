/**
 * Asking an agent that works elsewhere: a call of a tool of its own, `ask_<name>`, with a run of its own below.
 *
 * It is journaled as any call of a tool is, so a run is told again, or goes on, also where the colleague is not there any
 * more. What its run tells is kept with the call.
 *
 * @module
 */
import type { Agent } from "../../protocols/messages/agent.ts";
import type { ToolCall, ToolSpec } from "../../protocols/messages/model.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { AgentTool } from "./tool_calls.ts";
import { argumentsOf, failed } from "./tool_calls.ts";

/** An agent that works elsewhere. */
export interface Colleague {
  /** What models know it by: 1 to 40 letters, digits, `-` or `_`. */
  readonly name: string;
  /** What it is good for. */
  readonly description: string;
  /** To it. */
  readonly ref: ActorRef<typeof Agent>;
}

/** Whom an agent may ask, and its tools; a tool of the same name goes first. */
export interface Circle {
  readonly tools: readonly AgentTool[];
  readonly colleagues?: readonly Colleague[];
}

/** The tools with which a model asks colleagues. */
export function askTools({ tools, colleagues = [] }: Circle): ToolSpec[] {
  const taken = new Set(tools.map(({ spec }) => spec.name));
  return colleagues.map(askTool).filter(({ name }) => !taken.has(name));
}

/** Name of the tool that asks it. */
export function askName({ name }: Pick<Colleague, "name">): string {
  return `ask_${name}`;
}

/** The colleague whom a call of that name asks. */
export function colleagueBehind({ tools, colleagues = [] }: Circle, call: string): Colleague | undefined {
  if (tools.some(({ spec }) => spec.name === call)) return undefined;
  return colleagues.find((colleague) => askName(colleague) === call);
}

/** What a call asks for, or what is wrong with it. */
export function readQuestion(call: ToolCall): { readonly task: string } | { readonly wrong: ToolOutcome } {
  const read = argumentsOf(call);
  if ("wrong" in read) return read;
  const { task } = read.args;
  if (typeof task === "string" && task.trim() !== "") return { task };
  return { wrong: failed("permanent", `Cannot use ${call.name}: \`task\` must say what to do`) };
}

/** An event of a colleague as whoever watches the one who asked is told of it; `path` is what it is called there. */
export function toldAs(path: string, event: RunEvent): RunEvent {
  if (event.type === "actor") return event;
  const below = (agent: string) => [path, ...agent.split("/").slice(1)].join("/");
  const told = { ...event, agent: below(event.agent) };
  return "child" in told ? { ...told, child: below(told.child) } : told;
}

function askTool(colleague: Colleague): ToolSpec {
  const { name, description } = colleague;
  return {
    name: askName(colleague),
    description:
      `Hands a task to ${name}, an agent that works elsewhere, and answers with its result. It sees ` +
      `nothing of this conversation: the task must say everything it needs. What it is good for: ${description}`,
    parameters: {
      type: "object",
      properties: { task: { type: "string", description: "What it is to do, complete in itself" } },
      required: ["task"],
      additionalProperties: false,
    },
  };
}
