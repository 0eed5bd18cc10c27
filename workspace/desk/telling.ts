/**
 * What is told of one call while it is at work: to its caller as it comes, and to the journal when it is over.
 *
 * @module
 */
import type { RunEvent } from "../../protocols/messages/run.ts";
import { OUTPUT_CHARS, type ToolItem } from "../../protocols/messages/tool.ts";
import { RedactedEvents } from "../../sandbox/secrets/redacted_events.ts";
import type { Redactor } from "../../sandbox/secrets/redactor.ts";
import { DESK } from "./call_run.ts";
import type { CallOptions, Progress } from "./desk.ts";

/** See the module's words. No secret is in what it passes on. */
export class Telling {
  /** What is kept with the call. */
  readonly events: RunEvent[] = [];
  readonly #call: string;
  readonly #onItem: CallOptions["onItem"];
  readonly #redactor: Redactor;
  readonly #redacted: RedactedEvents;
  #said: Promise<void> = Promise.resolve();
  #nested = 0;
  #outputLeft = OUTPUT_CHARS;

  /** Of the call with that id. */
  constructor(call: string, redactor: Redactor, onItem: CallOptions["onItem"]) {
    this.#call = call;
    this.#onItem = onItem;
    this.#redactor = redactor;
    this.#redacted = new RedactedEvents(redactor, (event) => {
      this.#tell(event);
      return Promise.resolve();
    });
  }

  /** Tells an event, as an agent would of its call. */
  readonly emit = (event: RunEvent): Promise<void> => this.#redacted.emit(event);

  /** Tells what a tool elsewhere says, in the order in which it is said. */
  item(tool: string, item: ToolItem | Progress): void {
    this.#said = this.#said.then(() => this.#pass(tool, item));
    this.#said.catch(() => {}); // told by `flush`
  }

  /** Tells what was held back: nothing more comes. */
  async flush(): Promise<void> {
    await this.#said;
    await this.#redacted.flush();
  }

  async #pass(tool: string, item: ToolItem | Progress): Promise<void> {
    if (item.type === "progress") return this.#onItem?.(this.#redactor.data(item));
    if (item.type === "decision") {
      return await this.emit({ type: "decision", agent: DESK, decision: { ...item.decision, tool } });
    }
    if (item.type !== "output") return;
    const text = item.text.slice(0, this.#outputLeft);
    this.#outputLeft -= text.length;
    const { channel } = item;
    if (text !== "") await this.emit({ type: "tool_output", agent: DESK, call: this.#call, channel, text });
  }

  #tell(event: RunEvent): void {
    this.events.push(event);
    const item = this.#itemOf(event);
    if (item !== undefined) this.#onItem?.(item);
  }

  #itemOf(event: RunEvent): ToolItem | Progress | undefined {
    switch (event.type) {
      case "tool_output":
        if (event.call !== this.#call) return undefined;
        return { type: "output", channel: event.channel, text: event.text };
      case "decision":
        return { type: "decision", decision: event.decision };
      case "tool_started":
        return { type: "progress", progress: ++this.#nested, message: `calls ${event.call.name}` };
      default:
        return undefined;
    }
  }
}
