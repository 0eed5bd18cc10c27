/**
 * What one reader still has to hear, at their own pace.
 *
 * @module
 */

/** How much may wait. */
export interface BacklogOptions<Item> {
  /** Items beyond which the oldest that may be dropped is. Default without bound. */
  readonly limit?: number;
  /** Default none. */
  readonly mayDrop?: (item: Item) => boolean;
}

/** A queue with one reader, whose loop ends once the queue was closed and is empty. */
export class Backlog<Item> implements AsyncIterable<Item> {
  readonly #limit: number;
  readonly #mayDrop: (item: Item) => boolean;
  #queue: Item[] = [];
  #wake = Promise.withResolvers<void>();
  #closed = false;

  constructor({ limit = Infinity, mayDrop = () => false }: BacklogOptions<Item> = {}) {
    this.#limit = limit;
    this.#mayDrop = mayDrop;
  }

  /** Adds an item; nothing comes after the end. */
  push(item: Item): void {
    if (this.#closed) return;
    if (this.#queue.length >= this.#limit) {
      const oldest = this.#queue.findIndex(this.#mayDrop);
      if (oldest >= 0) this.#queue.splice(oldest, 1);
    }
    this.#queue.push(item);
    this.#wake.resolve();
  }

  /** Nothing comes after what is here. */
  close(): void {
    this.#closed = true;
    this.#wake.resolve();
  }

  /** The reader wants no more, not even what is here. */
  leave(): void {
    this.#queue = [];
    this.close();
  }

  /** The loop. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    while (true) {
      while (this.#queue.length > 0) yield this.#queue.shift()!;
      if (this.#closed) return;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}
