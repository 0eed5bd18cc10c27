/**
 * An actor's side of starting and stopping children of its own; the main thread does the work.
 *
 * @module
 */
import { Fault, type FaultData } from "../../protocols/messages/fault.ts";
import type { Protocol } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { FromWorker, ToWorker } from "./control.ts";
import type { ActorDefinition, Children as ChildrenPort, ChildSpec } from "./define.ts";
import type { Holder } from "./holder.ts";
import { JSON } from "./natives.ts";
import { encode } from "./wire.ts";

/** See {@linkcode ChildrenPort}. */
export class Children implements ChildrenPort {
  #lastId = 0;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();

  constructor(
    private readonly post: (message: FromWorker, ports: MessagePort[]) => void,
    private readonly holder: Holder,
  ) {}

  start<P extends Protocol, Options>(
    name: string,
    actor: ActorDefinition<P, Options>,
    options: Options,
    spec: ChildSpec = {},
  ): Promise<ActorRef<P>> {
    const { text, ports } = encode(options);
    return this.#ask((id) =>
      this.post({ op: "spawn", id, name, module: actor.module, options: [text, ...ports], spec }, ports)
    ) as Promise<ActorRef<P>>;
  }

  async keep<P extends Protocol, Options>(
    { module }: ActorDefinition<P, Options>,
    count: number,
    spec: ChildSpec = {},
  ): Promise<void> {
    await this.#ask((id) => this.post({ op: "keep", id, module, count, spec }, []));
  }

  async stop(name: string): Promise<void> {
    await this.#ask((id) => this.post({ op: "stop_child", id, name }, []));
  }

  /** The main thread's answer. */
  answer(message: Extract<ToWorker, { op: "spawned" | "done" }>): void {
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    const result = message.op === "spawned" ? message.result : message.fault;
    if (result === undefined) asked?.resolve(undefined);
    else if (!Array.isArray(result)) asked?.reject(Fault.from(result as FaultData));
    else asked?.resolve(this.holder.decode(JSON.parse(result[0]), result.slice(1) as MessagePort[]));
  }

  #ask(post: (id: number) => void): Promise<unknown> {
    const id = ++this.#lastId;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    post(id);
    return asked.promise;
  }
}
