/**
 * Where one owner's calls are taken: each is recorded, made and answered, whatever goes wrong.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ToolCall } from "../../protocols/messages/model.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import { RunEnd } from "../../actors/agents/ending.ts";
import type { Receipt } from "../../actors/agents/journaled.ts";
import { failed, type TimedOutcome } from "../../actors/agents/tool_calls.ts";
import type { Redactor } from "../../sandbox/secrets/redactor.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import { newId } from "../../supervisor/actor/id.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";
import { lockRun, type RunLock } from "../runtime/run_lock.ts";
import { CallRun } from "./call_run.ts";
import type { Called, CallOptions } from "./desk.ts";
import { Telling } from "./telling.ts";

/** What counters share. */
export interface CounterParts {
  readonly journal: JournalPort;
  /** Folder of the locks that say which runs are worked on. */
  readonly locks: string;
  readonly redactor: Redactor;
  readonly clock: Clock;
}

/** A call as it is to be made. */
export interface Errand {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** It changes nothing: recorded once it is over. */
  readonly readOnly: boolean;
  /** Makes it. What it throws becomes an outcome. */
  perform(performing: Performing): Promise<Called>;
}

/** A call that is being made. */
export interface Performing {
  readonly call: ToolCall;
  readonly run: string;
  /** Its number in the journal; null for what is recorded once it is over. */
  readonly seq: number | null;
  readonly telling: Telling;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** A run, and who still needs it. */
interface Kept {
  readonly run: CallRun;
  readonly lock: RunLock;
  users: number;
  retired: boolean;
}

/** See the module's words. */
export class Counter {
  /** Milliseconds since 1970. */
  usedAt: number;
  readonly #owner: string;
  readonly #parts: CounterParts;
  readonly #stops = new Set<AbortController>();
  readonly #working = new Set<Promise<unknown>>();
  readonly #closing: Promise<void>[] = [];
  #kept: Kept | undefined;
  #opening: Promise<Kept> | undefined;
  #calls = 0;
  #closed = false;

  /** Nothing is recorded before the first call. */
  constructor(owner: string, parts: CounterParts) {
    this.#owner = owner;
    this.#parts = parts;
    this.usedAt = parts.clock.now();
  }

  /** Whether calls are being made. */
  get isBusy(): boolean {
    return this.#working.size > 0;
  }

  /** Makes a call. @throws {Fault} code `cancelled` when its signal was aborted, or this is closed. */
  async take(errand: Errand, options: CallOptions): Promise<Called> {
    this.usedAt = this.#parts.clock.now();
    if (options.signal.aborted || this.#closed) throw cancelled(errand.name);
    const stop = new AbortController();
    const abort = () => stop.abort(cancelled(errand.name));
    options.signal.addEventListener("abort", abort, { once: true });
    this.#stops.add(stop);
    const called = this.#record(errand, options, stop.signal);
    this.#working.add(called);
    try {
      return await called;
    } finally {
      this.#working.delete(called);
      this.#stops.delete(stop);
      options.signal.removeEventListener("abort", abort);
      this.usedAt = this.#parts.clock.now();
    }
  }

  /** Cancels what is being made and ends the journal of it. @throws {Fault} as the journal does. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop.abort(cancelled("the call"));
    await Promise.allSettled(this.#working);
    await this.#opening?.catch(() => {}); // whoever wanted it was told
    this.#retire();
    await Promise.all(this.#closing);
  }

  async #record(errand: Errand, { onItem }: CallOptions, signal: AbortSignal): Promise<Called> {
    const { redactor } = this.#parts;
    const { name, args, readOnly } = errand;
    const call = { id: `call_${++this.#calls}`, name, arguments: JSON.stringify(args) };
    const kept = redactor.data(call);
    let run: Kept, seq: number | null;
    try {
      run = await this.#take();
    } catch (error) {
      return unrecorded(`Cannot call ${name}: it`, error);
    }
    try {
      seq = readOnly ? null : await run.run.begin(kept);
    } catch (error) {
      this.#leave(run);
      return unrecorded(`Cannot call ${name}: it`, error);
    }
    try {
      const telling = new Telling(call.id, redactor, onItem);
      const [called, receipt] = await this.#perform(errand, { call, run: run.run.run, seq, telling, signal });
      if (seq === null) await run.run.record(kept, receipt);
      else await run.run.end(seq, receipt);
      if (signal.aborted) throw signal.reason;
      return called;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return unrecorded(`${name} was called, but that`, error);
    } finally {
      this.#leave(run);
    }
  }

  async #perform(errand: Errand, performing: Performing): Promise<[Called, Receipt<TimedOutcome>]> {
    const { clock, redactor } = this.#parts;
    const { telling, signal } = performing;
    const started = clock.now();
    const made = await errand.perform(performing).catch((error) => ({
      outcome: outcomeOf(errand.name, error, signal.aborted),
    }));
    await telling.flush();
    const called = redactor.data(made);
    const ms = Math.max(0, clock.now() - started);
    return [called, { value: { outcome: called.outcome, ms }, events: telling.events }];
  }

  /** The run to record a call in. */
  async #take(): Promise<Kept> {
    let kept = this.#kept;
    if (kept === undefined || kept.run.isSpent) {
      kept = await (this.#opening ??= this.#open().finally(() => this.#opening = undefined));
    }
    kept.users++;
    return kept;
  }

  async #open(): Promise<Kept> {
    this.#retire();
    const { journal, locks, clock } = this.#parts;
    const run = newId(clock.now(), crypto.getRandomValues(new Uint8Array(10)));
    const lock = lockRun(locks, run);
    try {
      const opened = await CallRun.open({ run, owner: this.#owner, journal, clock });
      return this.#kept = { run: opened, lock, users: 0, retired: false };
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  #leave(kept: Kept): void {
    kept.users--;
    if (kept.retired && kept.users === 0) this.#end(kept);
  }

  #retire(): void {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined) return;
    kept.retired = true;
    if (kept.users === 0) this.#end(kept);
  }

  #end({ run, lock }: Kept): void {
    const ended = run.close().finally(() => lock[Symbol.dispose]());
    ended.catch(() => {}); // told by `close`
    this.#closing.push(ended);
  }
}

function cancelled(name: string): Fault {
  return new Fault("cancelled", `Cannot finish ${name}: it was cancelled`);
}

function unrecorded(what: string, error: unknown): Called {
  const { message, retry } = Fault.of(error);
  const kind = retry === "later" ? "transient" : "permanent";
  return { outcome: failed(kind, `${what} cannot be recorded (${message})`) };
}

function outcomeOf(name: string, error: unknown, aborted: boolean): ToolOutcome {
  const unknown = "it may or may not have been done";
  if (aborted) return failed("transient", `${name} was cancelled: ${unknown}`);
  if (error instanceof RunEnd) {
    return failed("transient", `${name} died: ${unknown}, find out before you repeat it`);
  }
  const { message, retry } = Fault.of(error);
  return failed(retry === "later" ? "transient" : "permanent", message);
}
