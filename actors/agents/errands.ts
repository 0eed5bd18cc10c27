/**
 * What an agent has others do, as journaled steps: tool calls, and sub-agents with or without a call that asked for them.
 *
 * @module
 */
import type { ToolCall, ToolSpec } from "../../protocols/messages/model.ts";
import type { RunEvent, RunOutcome } from "../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { AgentOptions } from "./agent_options.ts";
import type { Allowance } from "./budget.ts";
import { asToolOutcome, DELEGATE, type Delegation, readDelegation } from "./delegation.ts";
import type { Step } from "./journaled.ts";
import { childRun } from "./spent.ts";
import { type Parent, runSubAgent } from "./sub_agent.ts";
import { performCall } from "./perform_call.ts";
import type { TimedOutcome } from "./tool_calls.ts";

/** How a sub-agent ended, as journaled. */
export interface Spawned {
  readonly sub: RunOutcome;
  readonly ms: number;
}

/** A tool call, or a sub-agent to be started. */
export type Errand =
  | { readonly call: ToolCall; readonly wrong?: ToolOutcome }
  | { readonly call?: ToolCall; readonly delegation: Delegation };

/** The tools a model is offered: its agent's, and {@linkcode DELEGATE} where sub-agents are allowed. */
export function offeredTools(options: AgentOptions): ToolSpec[] {
  const specs = options.tools.map(({ spec }) => spec);
  return mayDelegate(options) ? [...specs, DELEGATE] : specs;
}

/** What a call of the model asks for. */
export function errandOf(parent: Parent, call: ToolCall): Errand {
  if (call.name !== DELEGATE.name || !mayDelegate(parent.options)) return { call };
  return { call, ...readDelegation(call, parent.options.tools.map(({ spec }) => spec.name)) };
}

/** An errand as a step; `part` is the budget of a sub-agent. */
export function errandStep(
  parent: Parent,
  kind: string,
  errand: Errand,
  part: Allowance | null,
): Step<TimedOutcome | Spawned> {
  return "delegation" in errand ? spawnStep(parent, errand, part) : callStep(parent, kind, errand);
}

/** What a call of the model is answered. */
export function answerTo(errand: Errand, done: TimedOutcome | Spawned): ToolOutcome {
  if (!("sub" in done)) return done.outcome;
  return asToolOutcome("delegation" in errand ? errand.delegation.name : "", done.sub);
}

/** A tool of that name goes first. */
function mayDelegate({ mayDelegate = 0, tools }: AgentOptions): boolean {
  return mayDelegate > 0 && !tools.some(({ spec }) => spec.name === DELEGATE.name);
}

function callStep(
  parent: Parent,
  kind: string,
  { call, wrong }: { readonly call: ToolCall; readonly wrong?: ToolOutcome },
): Step<TimedOutcome> {
  const { name: agent } = parent.options;
  return {
    kind,
    intent: call,
    before: () => [{ type: "tool_started", agent, call }],
    perform: (performance) =>
      wrong === undefined
        ? performCall(parent, call, performance)
        : Promise.resolve({ outcome: wrong, ms: 0 }),
    after: ({ outcome, ms }) => [{ type: "tool_ended", agent, call, outcome, ms }],
  };
}

function spawnStep(
  parent: Parent,
  { call, delegation }: { readonly call?: ToolCall; readonly delegation: Delegation },
  part: Allowance | null,
): Step<Spawned> {
  const { run, options: { name: agent }, world: { clock } } = parent;
  const { name, task } = delegation;
  const child = `${agent}/${name}`;
  const ofCall = (event: (call: ToolCall) => RunEvent) => call === undefined ? [] : [event(call)];
  return {
    kind: "spawn",
    intent: call === undefined ? delegation : { ...delegation, call },
    before: (seq) => [
      ...ofCall((call) => ({ type: "tool_started", agent, call })),
      { type: "agent_spawned", agent, child, run: childRun(run, seq), task },
    ],
    async perform(performance) {
      const started = clock.now();
      const sub = await runSubAgent(parent, delegation, part, performance);
      return { sub, ms: Math.max(0, clock.now() - started) };
    },
    after: ({ sub, ms }) => [
      { type: "agent_ended", agent, child, outcome: sub },
      ...ofCall((call) => ({ type: "tool_ended", agent, call, outcome: asToolOutcome(name, sub), ms })),
    ],
  };
}
