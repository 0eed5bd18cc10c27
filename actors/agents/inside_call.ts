/**
 * What a tool says while its call lasts: output to show, decisions, and calls of other tools it asks for.
 *
 * It is told in the order in which it was said: what is said while a nested call is at work is told after that call.
 *
 * @module
 */
import type { Decision } from "../../protocols/messages/capability.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { ToolCall } from "../../protocols/messages/model.ts";
import type { ActorRef, ActorStream } from "../../protocols/messages/ref.ts";
import {
  OUTPUT_CHARS,
  type ToolItem,
  type ToolOutcome,
  type ToolProtocol,
} from "../../protocols/messages/tool.ts";
import { RunEnd } from "./ending.ts";
import type { NestedCalls } from "./nested_calls.ts";
import { type Emit, type Lane, laneOpener } from "./ordered_events.ts";

/** What a call and those nested in it may still show. */
export interface Allowance {
  chars: number;
  items: number;
  decisions: number;
}

/** The call, and who is told of it. */
export interface InsideOptions {
  readonly agent: string;
  readonly call: ToolCall;
  readonly emit: Emit;
  readonly allowance: Allowance;
  /** Null for a tool that may not use others. */
  readonly nested: NestedCalls | null;
}

/** All that one call may show. */
export function wholeAllowance(): Allowance {
  return { chars: OUTPUT_CHARS, items: 4_096, decisions: 100 };
}

/** See the module's words. One for each call, through all its tries. */
export class InsideCall {
  readonly #on: InsideOptions;
  readonly #openLane: () => Lane;
  /** For what the tool itself says from now on. */
  #own: Lane;
  /** Nested calls at work, until they are told of and answered. */
  readonly #running = new Set<Promise<void>>();
  /** Calls asked for in this try. */
  #heard = 0;
  #said = false;
  #refused = false;
  #failure: { readonly error: unknown } | undefined;
  /** What the call comes to, whatever its tool answers. */
  #halted: ToolOutcome | undefined;
  #cancel = () => {};

  constructor(on: InsideOptions) {
    this.#on = on;
    this.#openLane = laneOpener(on.emit);
    this.#own = this.#openLane();
  }

  /** Tells of a decision about this call. */
  async decided(decision: Decision): Promise<void> {
    if (this.#on.allowance.decisions-- > 0) {
      await this.#own.emit({ type: "decision", agent: this.#on.agent, decision });
    }
  }

  /** Hears one try of the call to its end. Rejects as the stream does. */
  async listen(stream: ActorStream<ToolItem, ToolOutcome>, tool: ActorRef<ToolProtocol>): Promise<void> {
    this.#cancel = () => stream.cancel();
    this.#heard = 0;
    if (this.#isOver) this.#cancel();
    for await (const item of stream) {
      try {
        await this.#take(item, tool);
      } catch (error) {
        return this.#fail(error);
      }
    }
  }

  /**
   * The tool's actor died; it is going to be asked again, from the start.
   * @throws what made going on impossible.
   */
  async again(reason: string, attempt: number): Promise<void> {
    await this.#settled();
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#on.nested?.again();
    if (!this.#said) return;
    this.#said = false;
    await this.#own.emit({ type: "retry", agent: this.#on.agent, reason, attempt, delayMs: 0 });
  }

  /**
   * The call is over with this outcome. Answers what it comes to, once nothing of it is at work any more.
   * @throws what made going on impossible, `RunEnd` when only a person can help.
   */
  async end(outcome: ToolOutcome): Promise<ToolOutcome> {
    const { nested, call } = this.#on;
    // After a failure the others still get their receipts: the run may go on later.
    if (this.#failure === undefined) nested?.cancel();
    await this.#settled();
    if (this.#failure !== undefined) throw this.#failure.error;
    const final = this.#halted ?? outcome;
    const known = await nested?.close(final) ?? final;
    if (!known.ok && known.kind === "denied" && !this.#refused) {
      const { message: reason } = known;
      await this.decided({ tool: call.name, allowed: false, denied: [], grant: "the platform", reason });
    }
    await this.#own.close();
    return known;
  }

  /** The run ends in the middle of the call: resolves once nothing of it is at work any more. */
  abandon(): Promise<void> {
    return this.#settled();
  }

  get #isOver(): boolean {
    return this.#failure !== undefined || this.#halted !== undefined;
  }

  async #take(item: ToolItem, tool: ActorRef<ToolProtocol>): Promise<void> {
    if (this.#isOver) return;
    if (item.type === "output") await this.#output(item);
    else if (item.type === "decision") await this.decided(this.#decisionOf(item.decision));
    else if (item.type === "call") await this.#nest(item, tool);
  }

  async #output({ channel, text }: Extract<ToolItem, { type: "output" }>): Promise<void> {
    const { agent, call, allowance } = this.#on;
    const shown = String(text).slice(0, allowance.chars);
    if (shown === "" || allowance.items-- <= 0) return;
    allowance.chars -= shown.length;
    this.#said = true;
    await this.#own.emit({
      type: "tool_output",
      agent,
      call: call.id,
      channel: channel === "stderr" ? "stderr" : "stdout",
      text: shown,
    });
  }

  /** A tool speaks for no other one. */
  #decisionOf({ allowed, denied, grant, reason }: Decision): Decision {
    this.#refused ||= !allowed;
    return { tool: this.#on.call.name, allowed, denied, grant, reason };
  }

  async #nest(
    { id, at, name, arguments: text }: Extract<ToolItem, { type: "call" }>,
    tool: ActorRef<ToolProtocol>,
  ): Promise<void> {
    const { nested, call } = this.#on;
    // A worker that is being killed may lose a post and not the next one: what comes then is not taken up.
    if (at !== this.#heard) return;
    this.#heard++;
    if (nested === null) {
      const message = `TOOL_DENIED: ${call.name} may not use other tools here`;
      return this.#answer(tool, id, { ok: false, kind: "denied", message });
    }
    this.#said = true;
    await this.#own.close();
    const lane = this.#openLane();
    this.#own = this.#openLane();
    const used = nested.use({ name: String(name), arguments: String(text) }, lane.emit);
    const told = used.then(async (done) => {
      await lane.close();
      if ("halt" in done) this.#halt(done.halt);
      else this.#answer(tool, id, done.outcome);
    }).catch((error) => this.#fail(error)).finally(() => this.#running.delete(told));
    this.#running.add(told);
  }

  #answer(tool: ActorRef<ToolProtocol>, id: string, outcome: ToolOutcome): void {
    try {
      tool.cast("answer", { id, outcome });
    } catch (error) {
      this.#halt({ ok: false, kind: "transient", message: Fault.of(error).message });
    }
  }

  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #halt(outcome: ToolOutcome): void {
    this.#halted ??= outcome;
    this.#cancel();
  }

  /** Real failures count before ends of the run. */
  #fail(error: unknown): void {
    if (this.#failure === undefined || this.#failure.error instanceof RunEnd) this.#failure = { error };
    this.#cancel();
  }
}
