/**
 * Watches what a process is asked: notes in the ledger what it was given and what came back, and says so
 * when the message it must be working on is past its deadline.
 *
 * What was given counts as begun: whether the process had taken it up is not known after its death.
 *
 * @module
 */
import { type Frame, Kind } from "../actor/wire.ts";

/** Milliseconds after its deadline, or after it was given up, that a message may still take to end by itself. */
const GRACE_MS = 250;

/** See the module's words. */
export class Overdue {
  ledger: Float64Array = new Float64Array(0);
  readonly #slots = new Map<number, number>();
  /** Calls and streams not answered, oldest first: "port seq" to the time its answer is due. */
  readonly #open = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly late: (reason: string) => void) {}

  /** Whether it is working on something somebody waits for. */
  get busy(): boolean {
    return this.#open.size > 0;
  }

  /** A holder's end with its place in the ledger. */
  add(port: number, slot: number): void {
    this.#slots.set(port, slot);
  }

  /** A holder's end was dropped. */
  remove(port: number): void {
    this.#slots.delete(port);
    for (const key of this.#open.keys()) if (key.startsWith(`${port} `)) this.#open.delete(key);
  }

  /** Went to the process. */
  sent(port: number, frames: readonly Frame[]): void {
    const slot = this.#slots.get(port);
    if (slot === undefined) return; // a link the process holds, not one to it
    for (const frame of frames) {
      const [kind, seq] = frame;
      if (kind <= Kind.stream && slot >= 0) this.ledger[slot * 2] = seq;
      const deadline = Number(frame[4]);
      if ((kind === Kind.call || kind === Kind.stream) && deadline > 0) {
        this.#open.set(`${port} ${seq}`, deadline);
      }
      if (kind === Kind.cancel && this.#open.has(`${port} ${seq}`)) {
        this.#open.set(`${port} ${seq}`, Math.min(Date.now(), this.#open.get(`${port} ${seq}`)!));
      }
    }
    this.#watch();
  }

  /** Came from the process, in one post. */
  answered(port: number, frames: readonly Frame[]): void {
    const slot = this.#slots.get(port);
    if (slot === undefined) return;
    if (slot >= 0) this.ledger[slot * 2 + 1]!++;
    for (const [kind, seq] of frames) {
      if (kind === Kind.reply || kind === Kind.fail) this.#open.delete(`${port} ${seq}`);
    }
    this.#watch();
  }

  /** Nothing is watched any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#open.clear();
  }

  /** An actor handles one message at a time: only the oldest can be blamed. */
  #watch(): void {
    clearTimeout(this.#timer);
    const [oldest] = this.#open.values();
    if (oldest === undefined) return;
    this.#timer = setTimeout(() => {
      this.late("it did not answer by its deadline and its process was killed");
    }, Math.min(Math.max(0, oldest + GRACE_MS - Date.now()), 2 ** 31 - 1));
  }
}
