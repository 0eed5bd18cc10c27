/**
 * Ending a program from its own thread.
 *
 * While Python computes, no timer of its worker can fire. But the interpreter asks for signals every few bytecodes, by a
 * function it was handed: one that looks at the clock needs no other thread and no shared memory. First the program is
 * interrupted. One that goes on is ended by an exception of JavaScript, which Python cannot catch. One that does
 * not even ask for signals, such as a loop in C, is ended with its process by whoever started it.
 *
 * @module
 */
import type { Imports } from "./engine.ts";

const SIGINT = 2;
/** Milliseconds after the interrupt in which a program may still end by itself. */
export const GRACE_MS = 450;

/** The program was ended; nothing runs in its interpreter any more. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** Taken before a thread loses its globals. */
const { load, store } = Atomics;

/** Goes off once as SIGINT, and then for good. */
export class Alarm {
  #next = Infinity;
  #rung = false;

  /**
   * Another thread sets the first number of `stop` to 1 to have it go off, also before it is set: code may be given up
   * before it has begun.
   */
  constructor(private readonly stop: Int32Array = new Int32Array(1)) {}

  /** Whether it went off since it was set. */
  get rung(): boolean {
    return this.#rung;
  }

  /** Milliseconds of `performance.now()` when it goes off next. */
  get next(): number {
    return this.#next;
  }

  /** Goes off in `ms` milliseconds. */
  set(ms: number): void {
    this.#next = performance.now() + ms;
    this.#rung = false;
  }

  /** Does not go off any more, however often it was wanted to. */
  disarm(): void {
    this.#next = Infinity;
    store(this.stop, 0, 0);
  }

  /** Goes off now, unless it did. */
  ring(): void {
    if (!this.#rung) this.#next = Math.min(this.#next, performance.now());
  }

  /**
   * Whether the interpreter will be given a signal when it asks.
   * @throws {Killed} as {@linkcode Alarm.signal}.
   */
  get due(): boolean {
    if (this.#next < Infinity && load(this.stop, 0) !== 0) this.ring();
    if (performance.now() < this.#next) return false;
    if (this.#rung) throw new Killed("The program did not end when it was interrupted");
    return true;
  }

  /**
   * What the interpreter asks for signals: 2 once when it goes off, else 0.
   * @throws {Killed} when the program has gone on for {@linkcode GRACE_MS} since.
   */
  signal(): number {
    if (!this.due) return 0;
    this.#rung = true;
    this.#next += GRACE_MS;
    return SIGINT;
  }
}

/** Has the interpreter ask `signal` for signals. Call it before the interpreter is made. */
export function guardSignals(imports: Imports, signal: () => number): void {
  imports._Py_CheckEmscriptenSignals_Helper = Object.assign(signal, { sig: "i" });
}
