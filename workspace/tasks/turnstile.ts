/**
 * How many may be at work at once. The others wait in the order they came.
 *
 * @module
 */

/** Lets so many in; whoever was let in leaves once. */
export class Turnstile {
  #free: number;
  readonly #waiting = new Set<(entered: boolean) => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Enters when nobody has to be waited for; answers whether it did. */
  tryEnter(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /** Waits for a place; false when `signal` was aborted first. */
  enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.tryEnter()) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settle = (entered: boolean) => {
      this.#waiting.delete(settle);
      signal.removeEventListener("abort", giveUp);
      resolve(entered);
    };
    const giveUp = () => settle(false);
    this.#waiting.add(settle);
    signal.addEventListener("abort", giveUp, { once: true });
    return promise;
  }

  /** Hands the place to whoever waits longest. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free++;
    else next(true);
  }
}
