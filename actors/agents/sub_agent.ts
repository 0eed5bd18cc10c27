/**
 * Running a sub-agent, or a colleague, to its end.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { RunOutcome } from "../../protocols/messages/run.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";
import type { AgentOptions, World } from "./agent_options.ts";
import { type Allowance, NOTHING_SPENT } from "./budget.ts";
import { askName, type Colleague, toldAs } from "./colleagues.ts";
import { type Delegation, problemOf, subAgent, subAgentSystem } from "./delegation.ts";
import { RunEnd } from "./ending.ts";
import { followRun, FOREVER_MS, type RunRequest } from "./follow.ts";
import type { Performance } from "./journaled.ts";
import type { Emit } from "./ordered_events.ts";
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
  performance: Performance,
): Promise<RunOutcome> {
  const { options, world } = parent;
  const { name, task, timeoutMs } = delegation;
  const allowed = [...options.tools.map(({ spec }) => spec.name), ...(options.colleagues ?? []).map(askName)];
  const wrong = problemOf(delegation, allowed);
  if (wrong !== null) return ended("failed", `Cannot delegate: ${wrong}`);
  const worker = `${name}.${performance.seq}`;
  const order = { who: subAgent(name), task, timeoutMs, part };
  return await runBelow(parent, order, performance, async (request) => {
    const agent = await world.startAgent(worker, optionsFor(options, delegation));
    try {
      return await followRun(agent, request, { emit: performance.emit, signal: world.signal });
    } finally {
      await world.stopAgent(worker);
    }
  });
}

/**
 * Asks a colleague, with `part` of the budget, and follows its run, or goes on following it.
 * @throws {RunEnd} as {@linkcode runSubAgent}.
 */
export function askColleague(
  parent: Parent,
  { name, ref }: Colleague,
  task: string,
  part: Allowance | null,
  performance: Performance,
): Promise<RunOutcome> {
  const { options, world: { signal } } = parent;
  const path = `${options.name}/${name}`;
  const emit: Emit = (event) => performance.emit(toldAs(path, event));
  const order = { who: `agent "${name}"`, task, timeoutMs: undefined, part };
  return runBelow(parent, order, performance, (request) => followRun(ref, request, { emit, signal }));
}

interface Order {
  readonly who: string;
  readonly task: string;
  readonly timeoutMs: number | undefined;
  readonly part: Allowance | null;
}

/** A run below this one. What keeps it from being followed is a failure of it alone. */
async function runBelow(
  parent: Parent,
  { who, task, timeoutMs, part }: Order,
  { seq, begun }: Performance,
  follow: (request: RunRequest) => Promise<RunOutcome>,
): Promise<RunOutcome> {
  const { journal, world } = parent;
  if (part === null) return ended("limited", "Nothing of the budget is left to share");
  const run = childRun(parent.run, seq);
  const wall = await timeFor(parent, timeoutMs, begun ? run : undefined);
  const request = { run, parent: parent.run, task, limits: { ...part, ...wall }, replay: false };
  try {
    return lasting(who, await follow(request));
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
    colleagues: (options.colleagues ?? []).filter((colleague) => tools?.includes(askName(colleague))),
    mayDelegate: Math.max(0, (options.mayDelegate ?? 0) - 1),
  };
}

/** Its time from its own first start, which a resumed run keeps; absent without any bound. */
async function timeFor(
  { journal, world, deadline = Infinity }: Parent,
  timeoutMs = Infinity,
  known: string | undefined,
): Promise<{ wallMs?: number }> {
  const before = known === undefined ? null : await journal.read({ run: known });
  const startedAt = before?.record.startedAt ?? world.clock.now();
  const wallMs = Math.min(timeoutMs, deadline - startedAt);
  return wallMs <= FOREVER_MS ? { wallMs: Math.max(1, Math.floor(wallMs)) } : {};
}

/** An outcome the parent may keep as a receipt. */
function lasting(who: string, outcome: RunOutcome): RunOutcome {
  if (outcome.status !== "blocked" && outcome.status !== "interrupted") return outcome;
  throw new RunEnd(outcome.status, `The ${who} stopped: ${outcome.reason ?? outcome.status}`);
}

function ended(status: "failed" | "limited", reason: string): RunOutcome {
  return { status, answer: "", reason, spent: NOTHING_SPENT };
}
