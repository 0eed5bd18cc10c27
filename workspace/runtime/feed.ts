/**
 * The events of one run on their way to whoever watches it.
 *
 * @module
 */
import type { RunEvent } from "../../protocols/messages/run.ts";

/** A queue with one reader. */
export class Feed implements AsyncIterable<RunEvent> {
  readonly #queue: RunEvent[] = [];
  #wake = Promise.withResolvers<void>();
  #closed = false;

  /** Adds an event. */
  push(event: RunEvent): void {
    this.#queue.push(event);
    this.#wake.resolve();
  }

  /** Ends the reader's loop after what is here. */
  close(): void {
    this.#closed = true;
    this.#wake.resolve();
  }

  /** The loop. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void, void> {
    while (true) {
      while (this.#queue.length > 0) yield this.#queue.shift()!;
      if (this.#closed) return;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}
