/**
 * How many restarts are too many, and how long to wait before the next.
 *
 * @module
 */
import type { Backoff, Intensity } from "./spec.ts";

/** Counts restarts in a sliding window. */
export class RestartWindow {
  #times: number[] = [];

  /** Empty. */
  constructor(private readonly intensity: Intensity) {}

  /** Records a restart at `now` (milliseconds); false when it is one too many (K8). */
  admit(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < this.intensity.withinMs);
    this.#times.push(now);
    return this.#times.length <= this.intensity.restarts;
  }
}

/** Defaults of {@linkcode Backoff}. */
export const BACKOFF: Backoff = { baseMs: 0, capMs: 60_000, jitter: 0.5 };

/** With a base of 0 the first wait is none and the later ones double from this, in milliseconds. */
const FIRST_STEP_MS = 10;

/** Milliseconds before the `attempt`-th restart in a row (1, 2, ...); `random` is uniform in [0, 1). */
export function delayBefore(attempt: number, { baseMs, capMs, jitter }: Backoff, random: number): number {
  const full = baseMs > 0
    ? baseMs * 2 ** (attempt - 1)
    : attempt === 1
    ? 0
    : FIRST_STEP_MS * 2 ** (attempt - 2);
  return Math.min(capMs, full) * (1 - jitter * random);
}
