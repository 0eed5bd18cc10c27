/**
 * The life of a run: opened in the journal, played to its end or to one of its limits, ended there.
 *
 * A run that ended as interrupted, limited, failed or blocked goes on where it stopped when it is asked for again; one
 * that was answered is told again from its journal. A failed inference has no receipt, so going on asks it again.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { RunRecord } from "../../protocols/messages/journal.ts";
import type { RunEvent, RunOutcome, Spent } from "../../protocols/messages/run.ts";
import { Redactor } from "../../sandbox/secrets/redactor.ts";
import {
  isFinal,
  type JournaledRun,
  journalOver,
  type JournalPort,
  patient,
} from "../../supervisor/durable/journal.ts";
import { replayUnended } from "../../supervisor/durable/replay.ts";
import type { AgentOptions, World } from "./agent_options.ts";
import { NOTHING_SPENT } from "./budget.ts";
import { interrupted, limited, RunEnd } from "./ending.ts";
import { FOREVER_MS, type RunRequest } from "./follow.ts";
import { Interpreter } from "./interpreter.ts";
import type { Emit } from "./ordered_events.ts";
import { openRun, programOf, startedEvent } from "./run_opening.ts";
import { spentInJournal } from "./spent.ts";

/** One run of one agent. */
interface Running {
  readonly options: AgentOptions;
  readonly journal: JournalPort;
  readonly world: World;
}

/**
 * Runs a task, goes on with it, or replays it.
 * @throws {Fault} of a replay: `unknown_run`, `replay_incomplete`, `replay_diverged`. Other ends are outcomes.
 */
export async function runAgent(
  options: AgentOptions,
  request: RunRequest,
  world: World,
): Promise<RunOutcome> {
  const { run } = request;
  const journal = patient(journalOver(options.journal), world.clock);
  const running = { options, journal, world: { ...world, emit: teller(world) } };
  if (request.replay) {
    const known = await journal.read({ run });
    if (known === null) throw new Fault("unknown_run", `Cannot replay run "${run}": there is none`);
    return await replay(running, known);
  }
  const startedAt = world.clock.now();
  try {
    const known = await openRun(options, journal, request, startedAt);
    return isFinal(known.record.status) ? await replay(running, known) : await goOn(running, known);
  } catch (error) {
    const outcome = asEnd(error).outcome("", NOTHING_SPENT);
    return await lastWord(running, { run, startedAt }, outcome, world.clock.now());
  }
}

async function goOn(running: Running, { record, entries }: JournaledRun): Promise<RunOutcome> {
  const { options, journal, world } = running;
  const { run, limits, startedAt } = record;
  const deadline = limits.wallMs === undefined ? undefined : startedAt + limits.wallMs;
  const ending = endingOf(world, deadline);
  const within = { ...running, run, limits, deadline, entries, replay: false };
  const interpreter = new Interpreter({ ...within, world: { ...world, signal: ending.signal } });
  let outcome: RunOutcome;
  try {
    await world.emit(startedEvent(options, record));
    const answer = await interpreter.play(programOf(options, record));
    outcome = { status: "answered", answer, spent: interpreter.spent };
  } catch (error) {
    outcome = asEnd(error).outcome(interpreter.lastText, await spentBy(interpreter, journal, run));
  } finally {
    ending.stop();
  }
  outcome = new Redactor(options.secrets ?? []).data(outcome);
  const endedAt = world.clock.now();
  return await lastWord(running, record, await recordEnd(journal, { run, outcome, endedAt }), endedAt);
}

/** Tells a run again from its journal alone. */
async function replay(running: Running, { record, entries }: JournaledRun): Promise<RunOutcome> {
  const { options, world } = running;
  const { run, limits, outcome, startedAt, endedAt } = record;
  const interpreter = new Interpreter({
    ...running,
    run,
    limits,
    deadline: undefined,
    entries,
    replay: true,
  });
  await world.emit(startedEvent(options, record));
  let answer: string | undefined;
  try {
    answer = await interpreter.play(programOf(options, record));
  } catch (error) {
    // A run that ended early is told up to the effect that has no receipt.
    if (outcome === undefined || !(error instanceof Fault) || error.code !== "replay_incomplete") throw error;
  }
  if (outcome === undefined || endedAt === undefined) throw replayUnended(run);
  if (outcome.status === "answered" && answer !== outcome.answer) {
    throw new Fault("replay_diverged", `Cannot replay run "${run}": another answer is recorded`);
  }
  await world.emit({ type: "run_ended", agent: options.name, run, outcome, ms: endedAt - startedAt });
  return outcome;
}

/** An exception that ends a run, or else it goes on to the supervisor. */
function asEnd(error: unknown): RunEnd {
  if (error instanceof RunEnd) return error;
  if (error instanceof Fault) return new RunEnd("failed", error.message);
  throw error;
}

/** Exact also when sub-agents were cut off; a journal that cannot be read leaves what was counted here. */
async function spentBy(interpreter: Interpreter, journal: JournalPort, run: string): Promise<Spent> {
  try {
    return await spentInJournal(journal, run);
  } catch (error) {
    if (error instanceof Fault) return interpreter.spent;
    throw error;
  }
}

/** A run whose end cannot be recorded has ended all the same, and says so. */
async function recordEnd(journal: JournalPort, end: Parameters<JournalPort["end"]>[0]): Promise<RunOutcome> {
  try {
    await journal.end(end);
    return end.outcome;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const reasons = [end.outcome.reason, `The end of the run is not recorded: ${error.message}`];
    return { ...end.outcome, reason: reasons.filter((reason) => reason !== undefined).join(". ") };
  }
}

async function lastWord(
  { options, world }: Running,
  { run, startedAt }: Pick<RunRecord, "run" | "startedAt">,
  outcome: RunOutcome,
  endedAt: number,
): Promise<RunOutcome> {
  const event: RunEvent = { type: "run_ended", agent: options.name, run, outcome, ms: endedAt - startedAt };
  try {
    await world.emit(event);
  } catch (error) {
    if (!(error instanceof RunEnd)) throw error; // else nobody is left to be told
  }
  return outcome;
}

/** Who does not listen any more wants the run stopped. */
function teller(world: World): Emit {
  return async (event) => {
    try {
      await world.emit(event);
    } catch (error) {
      throw error instanceof Fault ? interrupted() : error;
    }
  };
}

/** A signal aborted when nobody waits any more, and at the deadline; its reason is a RunEnd. */
function endingOf(world: World, deadline: number | undefined): { signal: AbortSignal; stop(): void } {
  const ending = new AbortController();
  const over = new AbortController();
  const interrupt = () => ending.abort(interrupted());
  if (world.signal.aborted) interrupt();
  else world.signal.addEventListener("abort", interrupt, { once: true, signal: over.signal });
  const left = (deadline ?? Infinity) - world.clock.now();
  const ring = () => ending.abort(limited("wall_clock"));
  if (left <= 0) ring();
  else if (left <= FOREVER_MS) {
    world.clock.sleep(left, over.signal).then(ring, () => undefined); // rejects when the run is over first
  }
  return { signal: ending.signal, stop: () => over.abort() };
}
