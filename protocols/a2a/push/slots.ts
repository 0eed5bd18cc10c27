/**
 * So many at once, the others in turn.
 *
 * @module
 */

/** See the module. */
export class Slots {
  #free: number;
  readonly #queue: (() => void)[] = [];

  /** `count` may be in use at once. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Does `step` once there is room for it. */
  async use<T>(step: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((enter) => this.#queue.push(enter));
    try {
      return await step();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
