/**
 * The journal of the calls that one owner makes from outside: a run that no agent plays, with an `act` for each call.
 *
 * What changes something is begun in the journal before it is done, and its result is safe before it is answered. What only
 * reads is recorded once it is over, together with others: it waits for no fsync.
 *
 * @module
 */
import type { ToolCall } from "../../protocols/messages/model.ts";
import { NOTHING_SPENT } from "../../actors/agents/budget.ts";
import type { Receipt } from "../../actors/agents/journaled.ts";
import type { TimedOutcome } from "../../actors/agents/tool_calls.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";

/** Who calls, as events and records name it. */
export const DESK = "desk";

/** Milliseconds in which calls that only read are gathered. */
const GATHER_MS = 20;
/** Of them in one write, and their characters together. */
const TOGETHER = { calls: 256, chars: 1_000_000 };
/** Of them that may wait to be recorded, and their characters; a call beyond it waits until they are. */
const MAX_WAITING = { calls: 1_024, chars: 16_000_000 };
/** Calls in one run. */
const MAX_CALLS = 10_000;

/** A call that is over, as it is recorded. */
interface Over {
  readonly kind: "act";
  readonly intent: ToolCall;
  readonly value: Receipt<TimedOutcome>;
}

/** With how long it is, nearly. */
interface Waiting {
  readonly over: Over;
  readonly chars: number;
}

/** What a run of calls is kept with. */
export interface CallRunOptions {
  readonly run: string;
  readonly owner: string;
  readonly journal: JournalPort;
  readonly clock: Clock;
}

/** See the module's words. */
export class CallRun {
  readonly #options: CallRunOptions;
  readonly #waiting: Waiting[] = [];
  #waitingChars = 0;
  /** How many effects it has. */
  #next = 0;
  /** Writes that need a number, one after the other. */
  #writing: Promise<unknown> = Promise.resolve();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #broken = false;

  private constructor(options: CallRunOptions) {
    this.#options = options;
  }

  /** Opens it in the journal. @throws {Fault} as the journal does. */
  static async open(options: CallRunOptions): Promise<CallRun> {
    const { run, owner, journal, clock } = options;
    await journal.open({
      run,
      agent: DESK,
      task: `Direct calls by ${owner}`,
      setup: { calls: true, owner },
      limits: { turns: 1 },
      startedAt: clock.now(),
      status: "running",
    });
    return new CallRun(options);
  }

  /** Its id. */
  get run(): string {
    return this.#options.run;
  }

  /** Whether another run is to be used for the next call. */
  get isSpent(): boolean {
    return this.#broken || this.#next + this.#waiting.length >= MAX_CALLS;
  }

  /** Records that a call is going to be made. Answers its number. @throws {Fault} as the journal does. */
  begin(call: ToolCall): Promise<number> {
    return this.#exclusively(async () => {
      await this.#writeWaiting();
      const { journal, run } = this.#options;
      const seq = this.#next;
      await journal.intent({ run, seq, kind: "act", intent: call });
      this.#next++;
      return seq;
    });
  }

  /** Records what came of a call that was begun. @throws {Fault} as the journal does. */
  async end(seq: number, receipt: Receipt<TimedOutcome>): Promise<void> {
    const { journal, run } = this.#options;
    await journal.receipt({ run, seq, value: receipt });
  }

  /**
   * Records a call that only read something, soon; waits only where too many wait already.
   * @throws {Fault} as the journal does, where it waits.
   */
  async record(call: ToolCall, receipt: Receipt<TimedOutcome>): Promise<void> {
    const { outcome } = receipt.value;
    const chars = call.arguments.length + (outcome.ok ? outcome.content : outcome.message).length;
    this.#waiting.push({ over: { kind: "act", intent: call, value: receipt }, chars });
    this.#waitingChars += chars;
    const { length } = this.#waiting;
    if (length >= MAX_WAITING.calls || this.#waitingChars >= MAX_WAITING.chars) await this.#flush();
    // What cannot be written now is written with the next call, or with the end.
    else this.#gathering ??= setTimeout(() => void this.#flush().catch(() => {}), GATHER_MS);
  }

  /** Ends the run, with all that is to be recorded. @throws {Fault} as the journal does. */
  async close(): Promise<void> {
    await this.#flush();
    const { journal, run, clock } = this.#options;
    const outcome = { status: "answered" as const, answer: "", spent: NOTHING_SPENT };
    await journal.end({ run, outcome, endedAt: clock.now() });
  }

  #flush(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    return this.#exclusively(() => this.#writeWaiting());
  }

  async #writeWaiting(): Promise<void> {
    const { journal, run } = this.#options;
    while (this.#waiting.length > 0) {
      const { calls, chars } = this.#firstOfWaiting();
      const effects = this.#waiting.slice(0, calls).map(({ over }) => over);
      await journal.record({ run, seq: this.#next, effects });
      this.#waiting.splice(0, calls);
      this.#waitingChars -= chars;
      this.#next += calls;
    }
  }

  /** As many as go into one write, at least one. */
  #firstOfWaiting(): { calls: number; chars: number } {
    let calls = 0, chars = 0;
    for (const { chars: more } of this.#waiting) {
      if (calls >= TOGETHER.calls || (calls > 0 && chars + more > TOGETHER.chars)) break;
      calls++;
      chars += more;
    }
    return { calls, chars };
  }

  /** Nobody knows what is in the journal after a write that failed, so the run takes no further calls then. */
  #exclusively<Result>(write: () => Promise<Result>): Promise<Result> {
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => this.#broken = true);
    return written;
  }
}
