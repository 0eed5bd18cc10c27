/**
 * The events of one run on their way to whoever watches it.
 *
 * @module
 */
import type { Redactor } from "../../sandbox/secrets/redactor.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";
import { Backlog } from "./backlog.ts";

/** Has one reader, who hears of no secret. */
export class Feed {
  /** What the reader loops over. */
  readonly events: AsyncIterable<RunEvent>;
  readonly #redactor: Redactor;
  readonly #backlog = new Backlog<RunEvent>();

  /** Takes out what the redactor knows. What agents tell has no secret in it any more; the platform's words may. */
  constructor(redactor: Redactor) {
    this.#redactor = redactor;
    this.events = this.#backlog;
  }

  /** Adds an event. */
  push(event: RunEvent): void {
    this.#backlog.push(this.#redactor.data(event));
  }

  /** Ends the reader's loop after what is here. */
  close(): void {
    this.#backlog.close();
  }
}
