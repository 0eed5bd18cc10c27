/**
 * Running a sub-agent to its end.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { RunOutcome } from "../../protocols/messages/run.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";
import type { AgentOptions, World } from "./agent_options.ts";
import { type Allowance, NOTHING_SPENT } from "./budget.ts";
import { type Delegation, problemOf, subAgentSystem } from "./delegation.ts";
import { RunEnd } from "./ending.ts";
import { followRun, FOREVER_MS } from "./follow.ts";
import type { Performance } from "./journaled.ts";
import { childRun, spentInJournal } from "./spent.ts";

/** The run that delegates. */
export interface Parent {
  readonly run: string;
  readonly options: AgentOptions;
  readonly journal: JournalPort;
  readonly world: World;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
}

/**
 * Starts a sub-agent with `part` of the budget, follows its run and stops it. A run that was begun before goes on
 * where its own journal stands.
 * @throws {RunEnd} when it ended as `blocked` or `interrupted`: so does its parent, to be resumed with it.
 */
export async function runSubAgent(
  parent: Parent,
  delegation: Delegation,
  part: Allowance | null,
  { seq, begun, emit }: Performance,
): Promise<RunOutcome> {
  const { options, journal, world } = parent;
  const wrong = problemOf(delegation, options.tools.map(({ spec }) => spec.name));
  if (wrong !== null) return ended("failed", `Cannot delegate: ${wrong}`);
  if (part === null) return ended("limited", "Nothing of the budget is left to share");
  const run = childRun(parent.run, seq);
  const worker = `${delegation.name}.${seq}`;
  const timeoutMs = await timeFor(parent, delegation, begun ? run : undefined);
  const request = {
    run,
    parent: parent.run,
    task: delegation.task,
    limits: { ...part, ...timeoutMs },
    replay: false,
  };
  try {
    const agent = await world.startAgent(worker, optionsFor(options, delegation));
    try {
      return lasting(delegation.name, await followRun(agent, request, { emit, signal: world.signal }));
    } finally {
      await world.stopAgent(worker);
    }
  } catch (error) {
    if (!(error instanceof Fault) || world.signal.aborted) throw error;
    return { ...ended("failed", error.message), spent: await spentInJournal(journal, run) };
  }
}

/** What a sub-agent is made of: what it was given of its parent's, and nothing else. */
function optionsFor(options: AgentOptions, { name, tools }: Delegation): AgentOptions {
  return {
    ...options,
    name: `${options.name}/${name}`,
    system: subAgentSystem(name),
    tools: tools === undefined
      ? options.tools
      : options.tools.filter(({ spec }) => tools.includes(spec.name)),
    mayDelegate: Math.max(0, (options.mayDelegate ?? 0) - 1),
  };
}

/** Its time from its own first start, which a resumed run keeps; absent without any bound. */
async function timeFor(
  { journal, world, deadline = Infinity }: Parent,
  { timeoutMs = Infinity }: Delegation,
  known: string | undefined,
): Promise<{ wallMs?: number }> {
  const before = known === undefined ? null : await journal.read({ run: known });
  const startedAt = before?.record.startedAt ?? world.clock.now();
  const wallMs = Math.min(timeoutMs, deadline - startedAt);
  return wallMs <= FOREVER_MS ? { wallMs: Math.max(1, Math.floor(wallMs)) } : {};
}

/** An outcome the parent may keep as a receipt. */
function lasting(name: string, outcome: RunOutcome): RunOutcome {
  if (outcome.status !== "blocked" && outcome.status !== "interrupted") return outcome;
  throw new RunEnd(outcome.status, `The sub-agent "${name}" stopped: ${outcome.reason ?? outcome.status}`);
}

function ended(status: "failed" | "limited", reason: string): RunOutcome {
  return { status, answer: "", reason, spent: NOTHING_SPENT };
}
