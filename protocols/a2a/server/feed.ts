/**
 * What one listener to a task is told, at their own pace.
 *
 * @module
 */
import type { StreamResponse } from "@a2a-js/sdk";

/** Events a listener may fall behind before progress is left out. */
const BACKLOG = 1_000;

/** What happened, and whether it may be left out. */
export interface Told {
  readonly event: StreamResponse;
  readonly passing: boolean;
}

/** A queue with one reader. */
export class Feed {
  #queue: Told[] = [];
  #wake = Promise.withResolvers<void>();
  #ended = false;

  /** Told behind all else; progress is left out when its reader is too slow. */
  push(told: Told): void {
    if (this.#ended) return;
    if (this.#queue.length >= BACKLOG) {
      const oldest = this.#queue.findIndex(({ passing }) => passing);
      if (oldest >= 0) this.#queue.splice(oldest, 1);
    }
    this.#queue.push(told);
    this.#wake.resolve();
  }

  /** Nothing more comes. */
  end(): void {
    this.#ended = true;
    this.#wake.resolve();
  }

  /** The reader wants no more. */
  leave(): void {
    this.#queue = [];
    this.end();
  }

  /** In order, until ended. */
  async *events(): AsyncGenerator<StreamResponse, void, void> {
    while (true) {
      const told = this.#queue.shift();
      if (told !== undefined) yield told.event;
      else if (this.#ended) return;
      else {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    }
  }
}
