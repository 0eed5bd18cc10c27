/**
 * What an agent has others do, as journaled steps: tool calls, and sub-agents with or without a call that asked for them.
 *
 * @module
 */
import type { ToolCall, ToolSpec } from "../../protocols/messages/model.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { AgentOptions } from "./agent_options.ts";
import type { Allowance } from "./budget.ts";
import { askName, askTools, type Colleague, colleagueBehind, readQuestion } from "./colleagues.ts";
import { asToolOutcome, DELEGATE, type Delegation, readDelegation, subAgent } from "./delegation.ts";
import type { Performance, Step } from "./journaled.ts";
import { childRun, type Spawned } from "./spent.ts";
import { askColleague, type Parent, runSubAgent } from "./sub_agent.ts";
import { performCall } from "./perform_call.ts";
import type { TimedOutcome } from "./tool_calls.ts";

/** A call, and how the run ended that it led to, as journaled. */
export type Answered = TimedOutcome & Spawned;

/** A tool call, a colleague to be asked, or a sub-agent to be started. */
export type Errand =
  | { readonly call: ToolCall; readonly wrong?: ToolOutcome }
  | { readonly call: ToolCall; readonly colleague: Colleague; readonly task: string }
  | { readonly call?: ToolCall; readonly delegation: Delegation };

/** The tools a model is offered: its agent's, those that ask colleagues, and {@linkcode DELEGATE} where it may. */
export function offeredTools(options: AgentOptions): ToolSpec[] {
  const specs = [...options.tools.map(({ spec }) => spec), ...askTools(options)];
  return mayDelegate(options) ? [...specs, DELEGATE] : specs;
}

/** What a call of the model asks for. */
export function errandOf(parent: Parent, call: ToolCall): Errand {
  const { options } = parent;
  const colleague = colleagueBehind(options, call.name);
  if (colleague !== undefined) {
    const read = readQuestion(call);
    return "wrong" in read ? { call, ...read } : { call, colleague, ...read };
  }
  if (call.name !== DELEGATE.name || !mayDelegate(options)) return { call };
  return { call, ...readDelegation(call, handedOn(options)) };
}

/** Whether a part of the budget goes to it. */
export function takesPart(errand: Errand): boolean {
  return "delegation" in errand || "colleague" in errand;
}

/** An errand as a step; `part` is the budget of a sub-agent or a colleague. */
export function errandStep(
  parent: Parent,
  kind: string,
  errand: Errand,
  part: Allowance | null,
): Step<TimedOutcome | Spawned | Answered> {
  if ("delegation" in errand) return spawnStep(parent, errand, part);
  const { call } = errand;
  if ("colleague" in errand) {
    const { colleague, task } = errand;
    return callStep(
      parent,
      kind,
      call,
      (performance) => askedStep(parent, colleague, task, part, performance),
    );
  }
  const { wrong } = errand;
  return callStep(
    parent,
    kind,
    call,
    (performance) =>
      wrong === undefined
        ? performCall(parent, call, performance)
        : Promise.resolve({ outcome: wrong, ms: 0 }),
  );
}

/** What a call of the model is answered. */
export function answerTo(errand: Errand, done: TimedOutcome | Spawned | Answered): ToolOutcome {
  if ("outcome" in done) return done.outcome;
  return asToolOutcome(subAgent("delegation" in errand ? errand.delegation.name : ""), done.sub);
}

/** What sub-agents may be given. */
function handedOn(options: AgentOptions): string[] {
  return [
    ...options.tools.map(({ spec }) => spec.name),
    ...(options.colleagues ?? []).map(askName),
  ];
}

/** A tool of that name goes first. */
function mayDelegate({ mayDelegate = 0, tools }: AgentOptions): boolean {
  return mayDelegate > 0 && !tools.some(({ spec }) => spec.name === DELEGATE.name);
}

function callStep<Done extends TimedOutcome>(
  parent: Parent,
  kind: string,
  call: ToolCall,
  perform: (performance: Performance) => Promise<Done>,
): Step<Done> {
  const { name: agent } = parent.options;
  return {
    kind,
    intent: call,
    before: () => [{ type: "tool_started", agent, call }],
    perform,
    after: ({ outcome, ms }) => [{ type: "tool_ended", agent, call, outcome, ms }],
  };
}

/** Told from within, so that a replay tells it whether the colleague is there or not. */
async function askedStep(
  parent: Parent,
  colleague: Colleague,
  task: string,
  part: Allowance | null,
  performance: Performance,
): Promise<Answered> {
  const { run, options: { name: agent }, world: { clock } } = parent;
  const { seq, emit } = performance;
  const child = `${agent}/${colleague.name}`;
  const started = clock.now();
  await emit({ type: "agent_spawned", agent, child, run: childRun(run, seq), task });
  const sub = await askColleague(parent, colleague, task, part, performance);
  await emit({ type: "agent_ended", agent, child, outcome: sub });
  const outcome = asToolOutcome(`agent "${colleague.name}"`, sub);
  return { outcome, sub, ms: Math.max(0, clock.now() - started) };
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
      ...ofCall((call) => ({
        type: "tool_ended",
        agent,
        call,
        outcome: asToolOutcome(subAgent(name), sub),
        ms,
      })),
    ],
  };
}
