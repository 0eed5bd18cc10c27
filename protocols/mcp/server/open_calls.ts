/**
 * Calls that may stop to ask a person. A call answers its request with what it asks, stays open, and goes on when the
 * request is repeated with the answers. That is how modern clients are asked; for legacy ones the library asks in the
 * middle of the request and repeats it by itself.
 *
 * @module
 */
import {
  type CallToolResult,
  inputRequired,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { boundTo } from "./offer.ts";
import { ENDING, OpenCall, type Patience, type Round, type Work } from "./open_call.ts";

/** What the state says that a client carries to its next request. */
export interface CarriedState {
  readonly call: string;
}

/** Seals it to its caller and for a time. */
export type Seal = (state: CarriedState, context: ServerContext) => Promise<string>;

/** Milliseconds a call waits for answers. */
export const WAIT_MS = 10 * 60_000;
/** Calls that wait for answers at once; more give up the one that has waited for longest. */
const MOST = 1_000;

/** See the module. */
export class OpenCalls {
  readonly #seal: Seal;
  readonly #patience: Patience;
  /** Those that wait for answers, by id, longest waiting first, and whose they are. */
  readonly #waiting = new Map<string, { call: OpenCall; of: string }>();
  /** Those whose request is being answered. */
  readonly #answering = new Map<OpenCall, Promise<Round>>();
  #ending = false;

  constructor(seal: Seal, patience: Patience) {
    this.#seal = seal;
    this.#patience = patience;
  }

  /**
   * Answers a request to call `tool`: begins the call, or goes on with the one whose state it carries. With `asks` its
   * person can be asked.
   * @throws {ProtocolError} when that call is gone.
   * @throws {Fault} code `stopping`, and what the work throws.
   */
  async answer(
    context: ServerContext,
    tool: string,
    asks: boolean,
    work: Work,
  ): Promise<CallToolResult | InputRequiredResult> {
    if (this.#ending) throw ENDING;
    const of = `${boundTo(context)}\0${tool}`;
    const id = context.mcpReq.requestState<CarriedState>()?.call;
    const call = id === undefined ? new OpenCall(work, asks, this.#patience) : this.#take(id, of);
    const answer = call.round(context);
    this.#answering.set(call, answer);
    const round = await answer.finally(() => this.#answering.delete(call));
    if ("result" in round) return round.result;
    const requestState = await this.#seal({ call: call.id }, context);
    this.#keep(call, of);
    return inputRequired({ inputRequests: round.questions, requestState });
  }

  /** Gives up all calls; resolves when their requests have been answered. */
  async close(): Promise<void> {
    this.#ending = true;
    for (const { call } of this.#waiting.values()) call.giveUp(ENDING);
    this.#waiting.clear();
    for (const call of this.#answering.keys()) call.giveUp(ENDING);
    await Promise.allSettled(this.#answering.values());
    await new Promise((resolve) => setTimeout(resolve, 0)); // what was answered is on its way
  }

  #take(id: string, of: string): OpenCall {
    const known = this.#waiting.get(id);
    if (known?.of === of) {
      this.#waiting.delete(id);
      return known.call;
    }
    const reason = "it is over, or its server was restarted";
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Cannot go on with the call: ${reason}`);
  }

  #keep(call: OpenCall, of: string): void {
    this.#waiting.set(call.id, { call, of });
    const [longest] = this.#waiting.values();
    if (this.#waiting.size > MOST && longest !== undefined) this.#drop(longest.call);
    void this.#expire(call);
  }

  async #expire(call: OpenCall): Promise<void> {
    const { rounds } = call;
    await this.#patience.clock.sleep(WAIT_MS, call.over).catch(() => {});
    if (call.rounds === rounds) this.#drop(call);
  }

  #drop(call: OpenCall): void {
    if (this.#waiting.delete(call.id)) call.giveUp();
  }
}
