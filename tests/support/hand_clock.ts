/**
 * A clock that a test moves by hand.
 *
 * @module
 */
import type { Clock } from "../../supervisor/actor/define.ts";

/** Time stands still but for {@linkcode HandClock.advance}. */
export class HandClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ until: number; wake: () => void }>();
  readonly #skipped: number[] = [];

  /** Starts at `now`, milliseconds since 1970. */
  constructor(now = 1_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const skipped = this.#skipped.indexOf(ms);
    if (skipped >= 0) {
      this.#skipped.splice(skipped, 1);
      this.#now += ms;
      return Promise.resolve();
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { until: this.#now + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener("abort", () => {
      this.#sleepers.delete(sleeper);
      reject(signal.reason);
    }, { once: true });
    return promise;
  }

  /** The next sleep of exactly `ms` is over at once, and moves the time. */
  skip(ms: number): void {
    this.#skipped.push(ms);
  }

  /** Moves the time and wakes whoever slept long enough, the earliest first. */
  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of [...this.#sleepers].toSorted((a, b) => a.until - b.until)) {
      if (sleeper.until > this.#now) break;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.size;
  }
}
