/**
 * The calls and streams of one link that are not answered yet. Every one settles: by its reply, by its fault, or at
 * its deadline.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { inWorker } from "./bootstrap.ts";
import { type Alarm, clearAlarm, setAlarm } from "./deadline.ts";
import type { ItemQueue } from "./item_queue.ts";
import { Date } from "./natives.ts";

/** One that waits. */
export interface Call {
  readonly name: string;
  /** Milliseconds since 1970; Infinity for none. */
  readonly deadline: number;
  resolve(value: unknown): void;
  reject(fault: Fault): void;
  /** Of a stream. */
  readonly items: ItemQueue<unknown> | undefined;
}

/** See the module's words. */
export class Calls {
  readonly #waiting = new Map<number, Call>();
  /** For the earliest deadline. */
  #alarm: Alarm | undefined;

  /** `giveUp` is called for one whose deadline passed; it is to settle it. */
  constructor(private readonly actor: string, private readonly giveUp: (seq: number, fault: Fault) => void) {}

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether that one waits. */
  has(seq: number): boolean {
    return this.#waiting.has(seq);
  }

  /** The items of a stream that waits. */
  items(seq: number): ItemQueue<unknown> | undefined {
    return this.#waiting.get(seq)?.items;
  }

  /** Waits for its answer. */
  add(seq: number, call: Call): void {
    this.#waiting.set(seq, call);
    if (call.deadline < (this.#alarm?.at ?? Infinity)) this.#sweepAt(call.deadline);
  }

  /** Answers one; nothing when it does not wait any more. */
  settle(seq: number, value: unknown, fault?: Fault): void {
    const call = this.#waiting.get(seq);
    if (call === undefined) return;
    this.#waiting.delete(seq);
    // On the main thread it would keep the process alive.
    if (!inWorker && this.#waiting.size === 0) this.#alarm = clearAlarm(this.#alarm);
    if (fault !== undefined) return refuse(call, fault);
    call.items?.close();
    call.resolve(value);
  }

  /** Refuses all up to that number for the reason given of each. */
  refuseUpTo(seq: number, reason: (name: string) => Fault): void {
    for (const [each, { name }] of [...this.#waiting]) {
      if (each <= seq) this.settle(each, undefined, reason(name));
    }
  }

  #sweepAt(at: number): void {
    clearAlarm(this.#alarm);
    this.#alarm = setAlarm(at, () => this.#sweep());
  }

  #sweep(): void {
    this.#alarm = undefined;
    const now = Date.now();
    let earliest = Infinity;
    for (const [seq, { name, deadline }] of [...this.#waiting]) {
      if (deadline > now) earliest = Math.min(earliest, deadline);
      else this.giveUp(seq, this.#late(name));
    }
    if (earliest < Infinity) this.#sweepAt(earliest);
  }

  #late(name: string): Fault {
    const message = `Cannot wait longer for "${name}" of "${this.actor}": its deadline passed`;
    return new Fault("timeout", message, { retry: "later" });
  }
}

/** Refuses one that need not wait. */
export function refuse({ reject, items }: Call, fault: Fault): void {
  reject(fault);
  items?.fail(fault);
}
