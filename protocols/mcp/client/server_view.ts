/**
 * What the main thread knows of one server: the last that its connection told.
 *
 * @module
 */
import { Fault } from "../../messages/fault.ts";
import type { McpConnection, ServerState } from "../../messages/mcp_connection.ts";
import type { ActorRef } from "../../messages/ref.ts";
import { FOREVER_MS } from "../../../actors/agents/follow.ts";
import { within } from "./patience.ts";

/** See the module's words. */
export class ServerView {
  readonly #first = Promise.withResolvers<void>();
  readonly #waited: Promise<void>;
  #state: ServerState = { tools: [], down: "nothing is known of it yet" };

  /**
   * Listens to the connection until it is gone for good. For its first word it is waited `patienceMs` once. `onChange` is
   * called when the tools have changed.
   */
  constructor(
    readonly connection: ActorRef<typeof McpConnection>,
    patienceMs: number,
    private readonly onChange: () => void,
  ) {
    this.#waited = within(patienceMs, this.#first.promise);
    void this.#listen();
  }

  /** What is known; while that is nothing, waits until the patience is over that began with it. */
  async state(): Promise<ServerState> {
    await this.#waited;
    return this.#state;
  }

  /** What is known now. */
  get latest(): ServerState {
    return this.#state;
  }

  async #listen(): Promise<void> {
    for (let gone = false; !gone;) {
      const stream = this.connection.stream("state", {}, { timeoutMs: FOREVER_MS });
      stream.reply.catch(() => {}); // the loop fails alike
      try {
        for await (const state of stream) this.#take(state);
      } catch (error) {
        const { code, message } = Fault.of(error);
        gone = code !== "died" && code !== "timeout";
        this.#state = { ...this.#state, down: message };
        if (gone) this.#first.resolve();
      }
    }
  }

  #take(state: ServerState): void {
    const changed = JSON.stringify(state.tools) !== JSON.stringify(this.#state.tools);
    this.#state = state;
    this.#first.resolve();
    if (changed) this.onChange();
  }
}
