/**
 * The events of one run on their way to whoever watches it.
 *
 * @module
 */
import type { Redactor } from "../../sandbox/secrets/redactor.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";

/** A queue with one reader, who hears of no secret. */
export class Feed implements AsyncIterable<RunEvent> {
  readonly #redactor: Redactor;
  readonly #queue: RunEvent[] = [];
  #wake = Promise.withResolvers<void>();
  #closed = false;

  /** Takes out what the redactor knows. What agents tell has no secret in it any more; the platform's words may. */
  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** Adds an event. */
  push(event: RunEvent): void {
    this.#queue.push(this.#redactor.data(event));
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
