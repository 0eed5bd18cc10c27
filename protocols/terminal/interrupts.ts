/**
 * Being asked to stop: the first time what runs is asked to stop cleanly, the second time the program ends.
 *
 * @module
 */
import type { ShellClock, Surroundings } from "./surroundings.ts";

/**
 * Two signals within so many milliseconds are one: a terminal signals the whole process group, and a task
 * runner in it passes the signal on once more.
 */
const SAME_PRESS_MS = 100;

/** Counts requests to stop. */
export class Interrupts {
  /** Resolves when the program must end at once. */
  readonly forced: Promise<void>;
  readonly #clock: ShellClock;
  readonly #stopListening: () => void;
  readonly #force: () => void;
  #gently: (() => void) | undefined;
  #lastAt: number | undefined;

  constructor({ clock, onSignal }: Pick<Surroundings, "clock" | "onSignal">) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.forced = promise;
    this.#force = resolve;
    this.#clock = clock;
    this.#stopListening = onSignal(() => this.#signalled());
  }

  /** What the next request does, once. Without it a request ends the program. */
  firstly(stop: (() => void) | undefined): void {
    this.#gently = stop;
  }

  /** Stops listening. */
  close(): void {
    this.#stopListening();
  }

  #signalled(): void {
    const now = this.#clock.now();
    const again = this.#lastAt !== undefined && now - this.#lastAt < SAME_PRESS_MS;
    this.#lastAt = now;
    if (again) return;
    const gently = this.#gently;
    this.#gently = undefined;
    if (gently === undefined) this.#force();
    else gently();
  }
}
