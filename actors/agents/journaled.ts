/**
 * Performing effects so that none is lost and none is done twice: the intent is journaled before, the receipt after,
 * and what has a receipt is recalled instead of performed.
 *
 * Watchers see an effect begin once its intent is safe and end once its receipt is. What a replay could not work out
 * from intent and result, such as streamed text, is kept in the receipt, so a replay tells exactly the same.
 *
 * @module
 */
import type { JournalEntry } from "../../protocols/messages/journal.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import { RedactedEvents } from "../../sandbox/secrets/redacted_events.ts";
import { Redactor } from "../../sandbox/secrets/redactor.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";
import { type Begun, find, type Found, replayIncomplete } from "../../supervisor/durable/replay.ts";
import { RunEnd } from "./ending.ts";
import { type Emit, type Lane, lanes } from "./ordered_events.ts";

/** How an effect is performed. */
export interface Performance {
  /** Its number in the journal. */
  readonly seq: number;
  /** True when it was begun before and nobody knows how it ended. */
  readonly begun: boolean;
  /** Tells watchers of it, now and in every replay. */
  readonly emit: Emit;
}

/** One effect with a journal entry of its own. */
export interface Step<Value> {
  readonly kind: string;
  /** Plain data, the same each time the program is played. */
  readonly intent: unknown;
  /** What its beginning tells watchers. */
  before?(seq: number): readonly RunEvent[];
  /** Asked before it is performed, not when it is recalled. @throws {RunEnd} when it may not be. */
  admit?(): void;
  /** Gives plain data. What it throws leaves it without a receipt. */
  perform(performance: Performance): Promise<Value>;
  /** What its result tells watchers. */
  after?(value: Value, seq: number): readonly RunEvent[];
}

/** A receipt as it is journaled. */
export interface Receipt<Value> {
  readonly value: Value;
  readonly events: readonly RunEvent[];
}

/** A run's journal and its watchers. */
export interface JournaledOptions {
  readonly run: string;
  readonly journal: JournalPort;
  /** What the journal knew at the start. */
  readonly entries: readonly JournalEntry[];
  /** Recalls only; what has no receipt fails with `replay_incomplete`. */
  readonly replay: boolean;
  readonly emit: Emit;
  /** Aborted with the reason why the run ends. */
  readonly signal: AbortSignal;
  /** What is taken out of all that is journaled, told or handed to the program. Default nothing. */
  readonly secrets?: readonly Fingerprint[];
}

interface Numbered<Value> {
  readonly step: Step<Value>;
  readonly effect: Begun;
  readonly found: Found;
}

/** The effects of one run, numbered in the order in which they are handed in. */
export class Journaled {
  readonly #options: JournaledOptions;
  readonly #redactor: Redactor;
  #next = 0;
  /** Settles when the intents of all effects so far are written. */
  #begun: Promise<void> = Promise.resolve();

  constructor(options: JournaledOptions) {
    this.#options = options;
    this.#redactor = new Redactor(options.secrets ?? []);
  }

  /** One effect; `emit` as of {@linkcode Journaled.all}. */
  async one<Value>(step: Step<Value>, emit?: Emit): Promise<Value> {
    const [value] = await this.all([step], emit);
    return value as Value;
  }

  /**
   * Effects that do not wait for one another: all intents are journaled in order, then all are performed at
   * once. When some fail, the others still get their receipts; then the first failure is thrown, real ones before
   * ends of the run. `emit` tells of these effects where others are performed meanwhile. Default that of the run.
   */
  async all<Value>(steps: readonly Step<Value>[], emit: Emit = this.#options.emit): Promise<Value[]> {
    const { run, entries } = this.#options;
    const numbered = steps.map((step): Numbered<Value> => {
      const effect = { seq: this.#next++, kind: step.kind, intent: this.#redactor.data(step.intent) };
      return { step, effect, found: find(run, entries, effect) };
    });
    await (this.#begun = this.#begun.then(async () => {
      for (const each of numbered) if (each.found.state === "new") await this.#begin(each);
    }));
    const ways = lanes(numbered.length, emit);
    const settled = await Promise.allSettled(
      numbered.map((each, at) => this.#through(each, ways[at] as Lane)),
    );
    const failures = settled.filter((result) => result.status === "rejected").map((result) => result.reason);
    if (failures.length > 0) throw failures.find((failure) => !(failure instanceof RunEnd)) ?? failures[0];
    return settled.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  }

  async #begin<Value>({ step, effect }: Numbered<Value>): Promise<void> {
    const { run, journal, replay, signal } = this.#options;
    if (replay) throw replayIncomplete(run, effect);
    signal.throwIfAborted();
    step.admit?.();
    await journal.intent({ run, ...effect });
  }

  async #through<Value>(each: Numbered<Value>, lane: Lane): Promise<Value> {
    const { step, effect: { seq }, found } = each;
    for (const event of step.before?.(seq) ?? []) await lane.emit(this.#redactor.data(event));
    const value = found.state === "done"
      ? await recall<Value>(found.value, lane)
      : await this.#live(each, lane);
    for (const event of step.after?.(value, seq) ?? []) await lane.emit(this.#redactor.data(event));
    await lane.close();
    return value;
  }

  async #live<Value>({ step, effect, found }: Numbered<Value>, lane: Lane): Promise<Value> {
    const { run, journal, replay, signal } = this.#options;
    if (replay) throw replayIncomplete(run, effect);
    signal.throwIfAborted();
    const begun = found.state === "begun";
    if (begun) step.admit?.();
    const events: RunEvent[] = [];
    const emit: Emit = (event) => {
      events.push(event);
      return lane.emit(event);
    };
    const told = new RedactedEvents(this.#redactor, emit);
    const performance = { seq: effect.seq, begun, emit: (event: RunEvent) => told.emit(event) };
    const value = this.#redactor.data(
      await step.perform(performance).catch((error) => {
        signal.throwIfAborted();
        throw error;
      }),
    );
    await told.flush();
    const receipt: Receipt<Value> = { value, events };
    await journal.receipt({ run, seq: effect.seq, value: receipt });
    return value;
  }
}

async function recall<Value>(recorded: unknown, lane: Lane): Promise<Value> {
  const { value, events } = recorded as Receipt<Value>;
  for (const event of events) await lane.emit(event);
  return value;
}
