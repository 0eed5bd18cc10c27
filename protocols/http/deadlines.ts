/**
 * Waiting for something, but not for ever. There are two such waits to every request, so they share a timer.
 *
 * @module
 */
import type { Clock } from "../../supervisor/actor/define.ts";

/** What came too late. */
export const TOO_LATE = Symbol("too late");

/** Milliseconds between two looks at what is too late by now. */
const TICK_MS = 1_000;

interface Deadline {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly pass: () => void;
}

/** Passes deadlines, up to a second late. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #open = new Set<Deadline>();
  #ticking = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `work` comes to, or {@linkcode TOO_LATE} once `ms` milliseconds are over; it goes on then, unwatched. */
  async within<T>(ms: number, work: Promise<T>): Promise<T | typeof TOO_LATE> {
    const { promise, resolve } = Promise.withResolvers<typeof TOO_LATE>();
    const deadline = { at: this.#clock.now() + ms, pass: () => resolve(TOO_LATE) };
    this.#open.add(deadline);
    if (!this.#ticking) void this.#tick();
    try {
      return await Promise.race([work, promise]);
    } finally {
      this.#open.delete(deadline);
    }
  }

  /** Passes no more. */
  close(): void {
    this.#closing.abort();
  }

  /** Goes on a little after the last wait, so that not each of those that follow starts a timer. */
  async #tick(): Promise<void> {
    const { signal } = this.#closing;
    this.#ticking = true;
    while (this.#open.size > 0 && !signal.aborted) {
      await this.#clock.sleep(TICK_MS, signal).catch(() => {}); // which is how closing wakes it
      const now = this.#clock.now();
      for (const { at, pass } of this.#open) if (at <= now) pass();
    }
    this.#ticking = false;
  }
}
