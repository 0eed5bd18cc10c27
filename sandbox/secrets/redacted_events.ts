/**
 * Events on their way out, without secrets, also where one comes in pieces.
 *
 * @module
 */
import type { RunEvent } from "../../protocols/messages/run.ts";
import type { Redactor } from "./redactor.ts";

/** An event whose text goes on in the next one of its kind. */
type Flowing = RunEvent & { readonly text: string };

/**
 * Passes events on. The end of a flowing text that may be the beginning of a secret is held back until more of it, or
 * something else, comes: the last word, as no secret has a space in it.
 */
export class RedactedEvents {
  readonly #redactor: Redactor;
  readonly #pass: (event: RunEvent) => Promise<void>;
  /** By the flow they belong to. */
  readonly #held = new Map<string, Flowing>();

  /** Hands to `pass` what may be told, in order. */
  constructor(redactor: Redactor, pass: (event: RunEvent) => Promise<void>) {
    this.#redactor = redactor;
    this.#pass = pass;
  }

  /** Passes an event on, or as much of it as can be told. */
  async emit(event: RunEvent): Promise<void> {
    if (this.#redactor.longest === 0) return await this.#pass(event);
    if (!isFlowing(event)) {
      await this.flush();
      return await this.#pass(this.#redactor.data(event));
    }
    const flow = JSON.stringify({ ...event, text: "" });
    const text = (this.#held.get(flow)?.text ?? "") + event.text;
    const cut = this.#settledEnd(text);
    this.#held.delete(flow);
    if (cut < text.length) this.#held.set(flow, { ...event, text: text.slice(cut) });
    await this.#tell({ ...event, text: text.slice(0, cut) });
  }

  /** Passes on what is held back: nothing more of it comes. */
  async flush(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const event of held) await this.#tell(event);
  }

  async #tell(event: Flowing): Promise<void> {
    if (event.text !== "") await this.#pass(this.#redactor.data(event));
  }

  /** Where the text ends in which no secret can begin that goes on in the next piece. */
  #settledEnd(text: string): number {
    const { longest } = this.#redactor;
    if (longest === 0) return text.length;
    const word = text.length - (/\S*$/.exec(text.slice(-longest))?.[0].length ?? 0);
    const cut = Math.max(word, text.length - longest + 1);
    const across = this.#redactor.find(text).find(({ start, end }) => start < cut && cut < end);
    return across?.end ?? cut;
  }
}

function isFlowing(event: RunEvent): event is Flowing {
  return event.type === "text" || event.type === "tool_output";
}
