/**
 * Calls of tools that a tool asked for, a piece of Python say: each is journaled before and after it is performed,
 * under the id of the outer call as if that were a run.
 *
 * When the outer call is made again, because a process or its tool's actor died, its code runs again from the start.
 * The n-th call it asks for is then the n-th that is journaled: what has a receipt is recalled, what has none is
 * settled by its tool's class. So the code must ask for the same calls in the same order, also where it asks for
 * several at once. When it does not, the outer call fails and its outcome lists what was done: nothing is guessed.
 *
 * @module
 */
import type { JournalEntry, RunRecord } from "../../protocols/messages/journal.ts";
import type { ToolCall } from "../../protocols/messages/model.ts";
import {
  NESTED_CALLS,
  NESTED_CHARS,
  type SettleClass,
  type ToolOutcome,
} from "../../protocols/messages/tool.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import { Redactor } from "../../sandbox/secrets/redactor.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";
import { NOTHING_SPENT } from "./budget.ts";
import { RunEnd } from "./ending.ts";
import { Journaled, type Performance, type Step } from "./journaled.ts";
import { differenceOf, divergedOutcome, toldCall, toldOutcome } from "./nested_words.ts";
import type { Emit } from "./ordered_events.ts";
import type { TimedOutcome } from "./tool_calls.ts";

/** What a nested call is journaled as: enough to settle it when nobody knows how it ended. */
export interface UseIntent extends ToolCall {
  readonly settle: SettleClass;
}

/** What a tool asks for. */
export type Asked = Pick<ToolCall, "name" | "arguments">;

/** What comes of it: its outcome, or what the outer call comes to because of it. */
export type Done = { readonly outcome: ToolOutcome } | { readonly halt: ToolOutcome };

/** The outer call. */
export interface Nesting {
  readonly agent: string;
  readonly outer: ToolCall;
  readonly journal: JournalPort;
  /** What is recorded as their run, with the first of them. */
  readonly record: RunRecord;
  /** Whether the outer call may have been made before. */
  readonly begun: boolean;
  readonly clock: Clock;
  /** Aborted with the reason why the run ends. */
  readonly signal: AbortSignal;
  /** As of its run. */
  readonly secrets: readonly Fingerprint[] | undefined;
  settleOf(name: string): SettleClass;
  /** Performs one, as the agent would for its model. */
  perform(call: ToolCall, performance: Performance, signal: AbortSignal): Promise<TimedOutcome>;
}

/** What the journal knew when the code began. */
interface Past {
  readonly entries: readonly JournalEntry[];
  /** The code came to its end before. */
  readonly ended: boolean;
}

/** See the module's words. */
export class NestedCalls {
  readonly #on: Nesting;
  /** As calls are journaled, so are they compared. */
  readonly #redactor: Redactor;
  /** Aborted when the outer call is over. */
  readonly #over = new AbortController();
  #signal: AbortSignal | undefined;
  readonly #cutOff: ToolCall[] = [];
  #mayBeKnown: boolean;
  #opened: Promise<Past & { readonly journaled: Journaled }> | undefined;
  #asked = 0;
  #chars = 0;
  /** How many were told of already, in an earlier try. */
  #told = 0;
  /** How the code differs from what was journaled. */
  #difference: string | undefined;

  constructor(on: Nesting) {
    this.#on = on;
    this.#redactor = new Redactor(on.secrets ?? []);
    this.#mayBeKnown = on.begun;
  }

  /**
   * Performs the next call, or recalls it.
   * @throws {RunEnd} `blocked` when only a person can say whether it happened.
   */
  use(asked: Asked, emit: Emit): Promise<Done> {
    return this.#use(this.#asked++, asked, emit);
  }

  /** The code is going to run again: what it asked for has ended, and is recalled when it asks for it again. */
  again(): void {
    this.#told = Math.max(this.#told, this.#asked);
    this.#mayBeKnown ||= this.#asked > 0;
    this.#asked = this.#chars = 0;
    this.#opened = undefined;
  }

  /** The outer call is over: those still at work are cut off. */
  cancel(): void {
    this.#over.abort();
  }

  /** None is at work any more, and the outer call has this outcome: answers what it comes to. */
  async close(outcome: ToolOutcome): Promise<ToolOutcome> {
    const { journal, clock, record: { run } } = this.#on;
    const past = await (this.#opened ?? this.#recall());
    if (past === null) return outcome;
    if (this.#asked < past.entries.length) {
      this.#difference ??= `it ended after ${this.#asked} of them`;
    }
    if (!past.ended) {
      const end = { status: "answered" as const, answer: "", spent: NOTHING_SPENT };
      await journal.end({ run, outcome: end, endedAt: clock.now() });
    }
    if (this.#difference !== undefined) {
      const known = await journal.read({ run });
      return divergedOutcome(this.#on.outer.name, this.#difference, known?.entries ?? []);
    }
    return withCutOff(outcome, this.#cutOff);
  }

  async #use(at: number, { name, arguments: text }: Asked, emit: Emit): Promise<Done> {
    const { outer, settleOf } = this.#on;
    this.#chars += text.length;
    if (at >= NESTED_CALLS || this.#chars > NESTED_CHARS) return { halt: tooMany(outer.name) };
    const { entries, ended, journaled } = await (this.#opened ??= this.#open());
    const before = entries[at]?.intent as UseIntent | undefined;
    this.#difference ??= differenceOf(at, before, this.#redactor.data({ name, arguments: text }), ended);
    if (this.#difference !== undefined) {
      return { halt: { ok: false, kind: "permanent", message: this.#difference } };
    }
    const settle = before?.settle ?? settleOf(name);
    const intent = { id: `${outer.id}.${at}`, name, arguments: text, settle };
    const silent = () => Promise.resolve();
    const { outcome } = await journaled.one(this.#step(intent), at < this.#told ? silent : emit);
    return { outcome };
  }

  #step(intent: UseIntent): Step<TimedOutcome> {
    const { agent, outer: { id: parent } } = this.#on;
    const { settle: _settle, ...call } = intent;
    const told = toldCall(call);
    return {
      kind: "use",
      intent,
      before: () => [{ type: "tool_started", agent, call: told, parent }],
      perform: (performance) => this.#perform(intent, performance),
      after: ({ outcome, ms }) => [
        { type: "tool_ended", agent, call: told, outcome: toldOutcome(outcome), ms, parent },
      ],
    };
  }

  async #perform({ settle, ...call }: UseIntent, performance: Performance): Promise<TimedOutcome> {
    const { signal, perform } = this.#on;
    const over = this.#over.signal;
    try {
      return await perform(call, performance, this.#signal ??= AbortSignal.any([signal, over]));
    } catch (error) {
      if (!over.aborted || signal.aborted || error instanceof RunEnd) throw error;
      if (settle === "ask") this.#cutOff.push(call);
      return { outcome: cutOff(call), ms: 0 };
    }
  }

  async #open(): Promise<Past & { readonly journaled: Journaled }> {
    const { record, journal, signal, secrets } = this.#on;
    const past = await this.#recall();
    if (past === null) await journal.open(record);
    const { entries, ended } = past ?? { entries: [], ended: false };
    const emit = () => Promise.resolve(); // each says to whom it is told
    const journaled = new Journaled({
      run: record.run,
      journal,
      entries,
      replay: false,
      emit,
      signal,
      secrets,
    });
    return { entries, ended, journaled };
  }

  async #recall(): Promise<Past | null> {
    if (!this.#mayBeKnown) return null;
    const known = await this.#on.journal.read({ run: this.#on.record.run });
    return known && { entries: known.entries, ended: known.record.outcome !== undefined };
  }
}

function tooMany(outer: string): ToolOutcome {
  const message =
    `Cannot finish ${outer}: it asked for more than ${NESTED_CALLS} calls of tools, or for more than ` +
    `${NESTED_CHARS} characters of their arguments`;
  return { ok: false, kind: "permanent", message };
}

function cutOff({ name }: ToolCall): ToolOutcome {
  const message =
    `${name} was cut off, since the call that asked for it is over: it may or may not have been done`;
  return { ok: false, kind: "transient", message };
}

/** A failure says what else is not known now. */
function withCutOff(outcome: ToolOutcome, calls: readonly ToolCall[]): ToolOutcome {
  if (outcome.ok || calls.length === 0) return outcome;
  const names = calls.map(({ name }) => name).join(", ");
  return {
    ...outcome,
    message: `${outcome.message} (cut off with it, so they may or may not have been done: ${names})`,
  };
}
