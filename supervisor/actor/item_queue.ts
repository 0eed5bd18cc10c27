/**
 * The items of a stream between arrival and use, with the credits that keep them few.
 *
 * @module
 */
import type { Fault } from "../../protocols/messages/fault.ts";

/** Items an actor may send before the reader has taken any. */
export const STREAM_WINDOW = 64;

/** A bounded queue read by one loop. */
export class ItemQueue<T> {
  readonly #items: T[] = [];
  readonly #more: (n: number) => void;
  #taken = 0;
  #wake: PromiseWithResolvers<void> | undefined;
  #closed = false;
  #fault: Fault | undefined;

  /** `more` gives the sender that many further credits. */
  constructor(more: (n: number) => void) {
    this.#more = more;
  }

  /** Adds an item. */
  push(item: T): void {
    this.#items.push(item);
    this.#stir();
  }

  /** Ends the loop after the items that are here. */
  close(): void {
    this.#closed = true;
    this.#stir();
  }

  /** Ends the loop with an error after the items that are here. */
  fail(fault: Fault): void {
    this.#fault = fault;
    this.close();
  }

  /** The loop. `left` is called when it is left before the end. */
  async *iterate(left: () => void): AsyncGenerator<T, void, void> {
    try {
      while (true) {
        while (this.#items.length > 0) {
          yield this.#items.shift()!;
          this.#count();
        }
        if (this.#fault !== undefined) throw this.#fault;
        if (this.#closed) return;
        await (this.#wake ??= Promise.withResolvers()).promise;
      }
    } finally {
      if (!this.#closed) left();
    }
  }

  #count(): void {
    if (++this.#taken < STREAM_WINDOW / 2 || this.#closed) return;
    this.#more(this.#taken);
    this.#taken = 0;
  }

  #stir(): void {
    this.#wake?.resolve();
    this.#wake = undefined;
  }
}
