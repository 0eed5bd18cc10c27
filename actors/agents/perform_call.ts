/**
 * Performing a call of the model, and those its tool asks for on the way.
 *
 * @module
 */
import type { RunRecord } from "../../protocols/messages/journal.ts";
import type { ToolCall } from "../../protocols/messages/model.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";
import { colleagueBehind } from "./colleagues.ts";
import { DELEGATE } from "./delegation.ts";
import type { AgentOptions, World } from "./agent_options.ts";
import { type Allowance, InsideCall, wholeAllowance } from "./inside_call.ts";
import type { Performance } from "./journaled.ts";
import { NestedCalls } from "./nested_calls.ts";
import { childRun } from "./spent.ts";
import { type AgentTool, callTool, failed, type TimedOutcome, type Toolbox } from "./tool_calls.ts";

/** Whose tools are used: an agent in the middle of a run, or whoever else keeps a journal of calls. */
export interface Caller {
  readonly run: string;
  readonly options: Pick<AgentOptions, "name" | "tools" | "colleagues" | "secrets">;
  readonly journal: JournalPort;
  readonly world: Pick<World, "clock" | "signal">;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
  /** Goes around each call, nested ones too: may have it wait for others. Default nothing. */
  inTurn?(call: ToolCall, signal: AbortSignal, perform: () => Promise<TimedOutcome>): Promise<TimedOutcome>;
}

/**
 * Performs a call with the tools of an agent.
 * @throws {RunEnd} `blocked` when only a person can say whether it, or a call nested in it, happened.
 */
export function performCall(caller: Caller, call: ToolCall, performance: Performance): Promise<TimedOutcome> {
  const { options: { name: agent, tools }, world, deadline } = caller;
  const toolbox = { tools, clock: world.clock, signal: world.signal, deadline };
  const allowance = wholeAllowance();
  const { begun, emit } = performance;
  // Its code runs again from the start after a crash, which only such a tool allows.
  const mayNest = toolNamed(tools, call.name)?.settle === "repeatable";
  const nested = mayNest ? nestedIn(caller, toolbox, call, performance, allowance) : null;
  const inside = new InsideCall({ agent, call, emit, allowance, nested });
  return inTurn(caller, call, world.signal, () => callTool(toolbox, call, begun, inside));
}

function inTurn(
  caller: Caller,
  call: ToolCall,
  signal: AbortSignal,
  perform: () => Promise<TimedOutcome>,
): Promise<TimedOutcome> {
  return caller.inTurn === undefined ? perform() : caller.inTurn(call, signal, perform);
}

function nestedIn(
  caller: Caller,
  toolbox: Toolbox,
  outer: ToolCall,
  { seq, begun }: Performance,
  allowance: Allowance,
): NestedCalls {
  const { run, options, journal, world: { clock, signal } } = caller;
  const { name: agent, tools, secrets } = options;
  const startedAt = clock.now();
  return new NestedCalls({
    agent,
    outer,
    journal,
    record: recordOf(run, seq, agent, outer, startedAt),
    begun,
    clock,
    signal,
    secrets,
    settleOf: (name) => toolNamed(tools, name)?.settle ?? "repeatable",
    perform: async (call, { begun, emit }, signal) => {
      const wrong = refusalOf(options, outer, call);
      if (wrong !== undefined) return { outcome: wrong, ms: 0 };
      const inside = new InsideCall({ agent, call, emit, allowance, nested: null });
      return await inTurn(caller, call, signal, () => callTool({ ...toolbox, signal }, call, begun, inside));
    },
  });
}

/** What may not be done from inside a call. */
function refusalOf(
  options: Caller["options"],
  outer: ToolCall,
  { name }: ToolCall,
): ToolOutcome | undefined {
  if (name === outer.name) return failed("denied", `TOOL_DENIED: ${name} may not use itself`);
  const delegates = name === DELEGATE.name && toolNamed(options.tools, name) === undefined;
  if (!delegates && colleagueBehind(options, name) === undefined) return undefined;
  return failed("denied", `TOOL_DENIED: ${name} is for the agent alone, ${outer.name} may not use it`);
}

/** Nested calls are journaled as a run of their own, which is never played by itself. */
function recordOf(run: string, seq: number, agent: string, outer: ToolCall, startedAt: number): RunRecord {
  return {
    run: childRun(run, seq),
    parent: run,
    agent,
    task: `Calls made by ${outer.name}`,
    setup: { callsOf: outer.name },
    limits: { turns: 1 },
    startedAt,
    status: "running",
  };
}

function toolNamed(tools: readonly AgentTool[], name: string): AgentTool | undefined {
  return tools.find(({ spec }) => spec.name === name);
}
