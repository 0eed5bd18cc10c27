/**
 * The life of a run: opened in the journal, played to its end or to one of its limits, ended there.
 *
 * A run that ended as interrupted, limited, failed or blocked goes on where it stopped when it is asked for again; one
 * that was answered or denied is told again from its journal. What failed has no receipt, so going on tries it again.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { RunRecord } from "../../protocols/messages/journal.ts";
import type { Limits, RunEvent, RunOutcome, Spent } from "../../protocols/messages/run.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import { Redactor } from "../../sandbox/secrets/redactor.ts";
import { isFinal, type JournaledRun, type JournalPort } from "../../supervisor/durable/journal.ts";
import { replayUnended } from "../../supervisor/durable/replay.ts";
import type { World } from "./agent_options.ts";
import { NOTHING_SPENT } from "./budget.ts";
import { interrupted, limited, RunEnd } from "./ending.ts";
import { FOREVER_MS, type RunRequest } from "./follow.ts";
import type { JournaledOptions } from "./journaled.ts";
import type { Emit } from "./ordered_events.ts";
import { spentInJournal } from "./spent.ts";

/** What lives: an agent, and how it plays a run. */
export interface Life {
  /** Its path in events. */
  readonly name: string;
  readonly journal: JournalPort;
  readonly world: Pick<World, "clock" | "signal" | "emit">;
  /** Taken out of the outcome. Default nothing. */
  readonly secrets?: readonly Fingerprint[];
  /** Asked before a run is opened or reopened. @throws {RunEnd} when it may not be. Default it always may. */
  admit?(): void;
  /** The record of a new run; `now` is milliseconds since 1970. */
  recordOf(now: number): RunRecord;
  /** The event a run begins with. */
  startedEvent(record: RunRecord): RunEvent;
  /** Who plays it. */
  player(playing: Playing): Player;
}

/** A run to be played. */
export interface Playing extends Omit<JournaledOptions, "secrets"> {
  readonly record: RunRecord;
  readonly limits: Limits;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
}

/** Plays one run. */
export interface Player {
  /** What there is by way of an answer when it ends early. */
  readonly lastText: string;
  /** The sum of the receipts so far. */
  readonly spent: Spent;
  /** Answers what it came to. @throws {RunEnd} when it ends first. */
  play(): Promise<string>;
}

/**
 * Runs a task, goes on with it, or replays it.
 * @throws {Fault} of a replay: `unknown_run`, `replay_incomplete`, `replay_diverged`. Other ends are outcomes.
 */
export async function liveRun(life: Life, request: RunRequest): Promise<RunOutcome> {
  const { run } = request;
  const { journal, world } = life;
  const living = { ...life, world: { ...world, emit: teller(world) } };
  if (request.replay) {
    const known = await journal.read({ run });
    if (known === null) throw new Fault("unknown_run", `Cannot replay run "${run}": there is none`);
    return await replay(living, known);
  }
  const startedAt = world.clock.now();
  try {
    const known = await openRun(life, request, startedAt);
    return isFinal(known.record.status) ? await replay(living, known) : await goOn(living, known);
  } catch (error) {
    const outcome = asEnd(error).outcome("", NOTHING_SPENT);
    return await lastWord(living, { run, startedAt }, outcome, world.clock.now());
  }
}

/** The run as its journal knows it, opened or reopened with the limits asked for; one that is over for good stays so. */
async function openRun(
  life: Life,
  { run, parent, task, limits }: RunRequest,
  now: number,
): Promise<JournaledRun> {
  const { journal } = life;
  life.admit?.();
  const known = await journal.read({ run });
  if (known === null) {
    const record = life.recordOf(now);
    await journal.open(record);
    return { record, entries: [] };
  }
  if (known.record.task !== task || known.record.parent !== parent) {
    throw new RunEnd("failed", `Cannot start run "${run}": it is the run of another task`);
  }
  if (isFinal(known.record.status)) return known;
  await journal.reopen({ run, limits });
  const { outcome: _outcome, endedAt: _endedAt, ...record } = known.record;
  return { record: { ...record, status: "running", limits }, entries: known.entries };
}

async function goOn(life: Life, { record, entries }: JournaledRun): Promise<RunOutcome> {
  const { journal, world } = life;
  const { run, limits, startedAt } = record;
  const deadline = limits.wallMs === undefined ? undefined : startedAt + limits.wallMs;
  const ending = endingOf(world, deadline);
  const { signal } = ending;
  const player = life.player({
    run,
    record,
    limits,
    deadline,
    journal,
    entries,
    replay: false,
    emit: world.emit,
    signal,
  });
  let outcome: RunOutcome;
  try {
    await world.emit(life.startedEvent(record));
    const answer = await player.play();
    outcome = { status: "answered", answer, spent: player.spent };
  } catch (error) {
    outcome = asEnd(error).outcome(player.lastText, await spentBy(player, journal, run));
  } finally {
    ending.stop();
  }
  outcome = new Redactor(life.secrets ?? []).data(outcome);
  const endedAt = world.clock.now();
  return await lastWord(life, record, await recordEnd(journal, { run, outcome, endedAt }), endedAt);
}

/** Tells a run again from its journal alone. */
async function replay(life: Life, { record, entries }: JournaledRun): Promise<RunOutcome> {
  const { journal, world: { emit, signal } } = life;
  const { run, limits, outcome, startedAt, endedAt } = record;
  const player = life.player({
    run,
    record,
    limits,
    deadline: undefined,
    journal,
    entries,
    replay: true,
    emit,
    signal,
  });
  await emit(life.startedEvent(record));
  let answer: string | undefined;
  try {
    answer = await player.play();
  } catch (error) {
    // A run that ended early is told up to the effect that has no receipt, or to what ended it.
    const early = error instanceof RunEnd || error instanceof Fault && error.code === "replay_incomplete";
    if (outcome === undefined || !early) throw error;
  }
  if (outcome === undefined || endedAt === undefined) throw replayUnended(run);
  if (outcome.status === "answered" && answer !== outcome.answer) {
    throw new Fault("replay_diverged", `Cannot replay run "${run}": another answer is recorded`);
  }
  await emit({ type: "run_ended", agent: life.name, run, outcome, ms: endedAt - startedAt });
  return outcome;
}

/** An exception that ends a run, or else it goes on to the supervisor. */
function asEnd(error: unknown): RunEnd {
  if (error instanceof RunEnd) return error;
  if (error instanceof Fault) return new RunEnd("failed", error.message);
  throw error;
}

/** Exact also when sub-agents were cut off; a journal that cannot be read leaves what was counted here. */
async function spentBy(player: Player, journal: JournalPort, run: string): Promise<Spent> {
  try {
    return await spentInJournal(journal, run);
  } catch (error) {
    if (error instanceof Fault) return player.spent;
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
  { name, world }: Life,
  { run, startedAt }: Pick<RunRecord, "run" | "startedAt">,
  outcome: RunOutcome,
  endedAt: number,
): Promise<RunOutcome> {
  const event: RunEvent = { type: "run_ended", agent: name, run, outcome, ms: endedAt - startedAt };
  try {
    await world.emit(event);
  } catch (error) {
    if (!(error instanceof RunEnd)) throw error; // else nobody is left to be told
  }
  return outcome;
}

/** Who does not listen any more wants the run stopped. */
function teller(world: Pick<World, "emit">): Emit {
  return async (event) => {
    try {
      await world.emit(event);
    } catch (error) {
      throw error instanceof Fault ? interrupted() : error;
    }
  };
}

/** A signal aborted when nobody waits any more, and at the deadline; its reason is a RunEnd. */
function endingOf(
  { clock, signal }: Pick<World, "clock" | "signal">,
  deadline: number | undefined,
): { signal: AbortSignal; stop(): void } {
  const ending = new AbortController();
  const over = new AbortController();
  const interrupt = () => ending.abort(interrupted());
  if (signal.aborted) interrupt();
  else signal.addEventListener("abort", interrupt, { once: true, signal: over.signal });
  const left = (deadline ?? Infinity) - clock.now();
  const ring = () => ending.abort(limited("wall_clock"));
  if (left <= 0) ring();
  else if (left <= FOREVER_MS) {
    clock.sleep(left, over.signal).then(ring, () => undefined); // rejects when the run is over first
  }
  return { signal: ending.signal, stop: () => over.abort() };
}
