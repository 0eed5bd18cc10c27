/**
 * The kernel's {@linkcode ActorRef}: a link, and how copies of it are made for others.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ActorRef, ActorStream, CallOptions, LentRef } from "../../protocols/messages/ref.ts";
import type { Link } from "./link.ts";
import { MessageChannel, randomUUID } from "./natives.ts";
import { attach, type WireRef } from "./wire.ts";

/** Where the references of a thread are kept. */
export interface Keeper {
  /** Keeps one more; `loan` is the name under which it was lent. */
  adopt(token: string, name: string, port: MessagePort, loan: string): Reference;
}

/** See {@linkcode ActorRef}; typed by whoever hands it out. */
export class Reference implements LentRef {
  readonly #link: Link;
  readonly #keeper: Keeper;
  readonly #loan: string | undefined;

  constructor(link: Link, keeper: Keeper, loan?: string) {
    this.#link = link;
    this.#keeper = keeper;
    this.#loan = loan;
  }

  get name(): string {
    return this.#link.name;
  }

  call(name: string, request: unknown, options?: CallOptions): Promise<never> {
    return this.#link.call(name, request, options) as Promise<never>;
  }

  cast(name: string, request: unknown): boolean {
    return this.#link.cast(name, request);
  }

  stream(name: string, request: unknown, options?: CallOptions): ActorStream<never, never> {
    return this.#link.stream(name, request, options) as ActorStream<never, never>;
  }

  ready(): Promise<void> {
    return this.#link.ready();
  }

  /** A right of its own, with its own line to the actor: the book ends it and all made from it. */
  lend(): LentRef {
    const { port1, port2 } = new MessageChannel();
    const [token, loan] = [randomUUID(), randomUUID()];
    const { exchange } = this.#link;
    exchange.mint(this.#link.token, [loan], token, port2);
    const lent = this.#keeper.adopt(token, this.name, port1, loan);
    exchange.hold(token);
    return lent;
  }

  revoke(): void {
    if (this.#loan === undefined) {
      throw new Fault(
        "not_lent",
        `Cannot revoke "${this.name}": only what lend() returned can be taken back`,
      );
    }
    this.#link.end(new Fault("revoked", `Cannot reach "${this.name}": the reference was revoked`));
    this.#link.exchange.revoke(this.#loan);
  }

  /** Whether it can never be used again. */
  get isOver(): boolean {
    return this.#link.isOver;
  }

  close(): void {
    this.#link.end(new Fault("closed", `Cannot reach "${this.name}": the reference was closed`));
    this.#link.exchange.close(this.#link.token);
  }

  /** Called when a message with this reference in it is written: the receiver gets a port of its own. */
  toJSON(): WireRef {
    const { exchange, token: via } = this.#link;
    const token = randomUUID();
    return attach(token, this.name, (port) => exchange.mint(via, [], token, port));
  }
}

/** The same reference, typed. */
export function typed<P extends import("../../protocols/messages/protocol.ts").Protocol>(
  ref: Reference,
): ActorRef<P> {
  return ref as unknown as ActorRef<P>;
}
