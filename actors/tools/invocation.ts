/**
 * One call of a tool, as the tool sees it: what it may use, and what it says while it works.
 *
 * @module
 */
import type { Decision } from "../../protocols/messages/capability.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import {
  type Channel,
  NESTED_CALLS,
  NESTED_CHARS,
  OUTPUT_CHARS,
  type ToolItem,
  type ToolOutcome,
} from "../../protocols/messages/tool.ts";
import { type Alarm, clearAlarm, setAlarm } from "../../supervisor/actor/deadline.ts";
import type { Context, StreamContext } from "../../supervisor/actor/define.ts";

/** What a tool may use beside its state and its arguments. */
export interface ToolContext extends Context {
  /**
   * Shows output to whoever watches. Never waits; comes together within 100 ms, and what is beyond
   * {@linkcode OUTPUT_CHARS} is left out.
   */
  output(channel: Channel, text: string): void;
  /** Reports what a policy or a person decided about this call. */
  decided(decision: Decision): void;
  /**
   * Has the caller make another call on this one's behalf, with the caller's rights. A refusal is an outcome.
   * @throws {Fault} code `not_concurrent` unless the tool is `concurrent` and `repeatable`; `cancelled` and `timeout`
   * with the call itself.
   */
  use(name: string, args: Record<string, unknown>): Promise<ToolOutcome>;
}

/** The calls a tool's actor waits for, by id. */
export type Waiting = Map<string, PromiseWithResolvers<ToolOutcome>>;

/** Milliseconds in which pieces of output are put together. */
const TOGETHER_MS = 100;

/** See the module's words. */
export class Invocation {
  /** What the tool is handed. */
  readonly context: ToolContext;
  readonly #stream: StreamContext<ToolItem>;
  /** Null for a tool that may not use others. */
  readonly #waiting: Waiting | null;
  readonly #asked = new Set<string>();
  #nestedChars = 0;
  #pieces: { channel: Channel; text: string }[] = [];
  #outputLeft = OUTPUT_CHARS;
  #nextPost = 0;
  #alarm: Alarm | undefined;

  constructor(stream: StreamContext<ToolItem>, waiting: Waiting | null) {
    this.#stream = stream;
    this.#waiting = waiting;
    this.context = Object.assign(stream, {
      output: (channel: Channel, text: string) => this.#output(channel, text),
      decided: (decision: Decision) => this.#say({ type: "decision", decision }),
      use: (name: string, args: Record<string, unknown>) => {
        const outcome = this.#use(name, args);
        outcome.catch(() => {}); // who does not await it any more must not die of it
        return outcome;
      },
    });
  }

  /** The tool is done: what it still has to show is sent, what it still waits for is given up. */
  end(): void {
    this.#post();
    for (const id of this.#asked) {
      this.#waiting?.get(id)?.reject(new Fault("cancelled", "Cannot use another tool: the call is over"));
      this.#waiting?.delete(id);
    }
  }

  #output(channel: Channel, text: string): void {
    const piece = text.slice(0, this.#outputLeft);
    if (piece === "") return;
    this.#outputLeft -= piece.length;
    const last = this.#pieces.at(-1);
    if (last?.channel === channel) last.text += piece;
    else this.#pieces.push({ channel, text: piece });
    if (Date.now() >= this.#nextPost) this.#post();
    else this.#alarm ??= setAlarm(this.#nextPost, () => this.#post());
  }

  /** Posted at once: a tool that computes keeps its thread, and its output would come when it is done. */
  #post(): void {
    this.#alarm = clearAlarm(this.#alarm);
    if (this.#pieces.length === 0) return;
    this.#nextPost = Date.now() + TOGETHER_MS;
    const pieces = this.#pieces;
    this.#pieces = [];
    for (const piece of pieces) this.#stream.push({ type: "output", ...piece });
  }

  #say(item: ToolItem): void {
    this.#post();
    this.#stream.push(item);
  }

  async #use(name: string, args: Record<string, unknown>): Promise<ToolOutcome> {
    const waiting = this.#waiting;
    if (waiting === null) {
      const message = `Cannot use ${name}: only a concurrent, repeatable tool may use others`;
      throw new Fault("not_concurrent", message);
    }
    const { signal } = this.#stream;
    signal.throwIfAborted();
    const text = JSON.stringify(args);
    if (this.#asked.size >= NESTED_CALLS || this.#nestedChars + text.length > NESTED_CHARS) {
      return { ok: false, kind: "permanent", message: beyond(name) };
    }
    this.#nestedChars += text.length;
    const id = this.#stream.newId();
    const answer = Promise.withResolvers<ToolOutcome>();
    const abort = () => answer.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const at = this.#asked.size;
    this.#asked.add(id);
    waiting.set(id, answer);
    try {
      this.#say({ type: "call", id, at, name, arguments: text });
      return await answer.promise;
    } finally {
      waiting.delete(id);
      signal.removeEventListener("abort", abort);
    }
  }
}

/** Why a call of another tool is refused that would be one too many. */
function beyond(name: string): string {
  return `Cannot use ${name}: one call may make ${NESTED_CALLS} others, with ${NESTED_CHARS} characters of ` +
    "arguments together";
}
