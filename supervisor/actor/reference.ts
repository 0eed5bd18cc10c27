/**
 * The kernel's {@linkcode ActorRef}: a link, and how copies of it are made for others.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ActorRef, ActorStream, CallOptions, LentRef } from "../../protocols/messages/ref.ts";
import type { Link } from "./link.ts";
import { attach, type WireRef } from "./wire.ts";

/** See {@linkcode ActorRef}; typed by whoever hands it out. */
export class Reference implements LentRef {
  readonly #link: Link;
  readonly #lent: readonly string[];

  constructor(link: Link, lent: readonly string[] = []) {
    this.#link = link;
    this.#lent = lent;
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

  lend(): LentRef {
    return new Reference(this.#link, [...this.#lent, crypto.randomUUID()]);
  }

  revoke(): void {
    const newest = this.#lent.at(-1);
    if (newest === undefined) {
      throw new Fault(
        "not_lent",
        `Cannot revoke "${this.name}": only what lend() returned can be taken back`,
      );
    }
    this.#link.exchange.revoke(newest);
  }

  close(): void {
    this.#link.end(new Fault("closed", `Cannot reach "${this.name}": the reference was closed`));
    this.#link.exchange.close(this.#link.token);
  }

  /** Called when a message with this reference in it is written: the receiver gets a port of its own. */
  toJSON(): WireRef {
    const { port1, port2 } = new MessageChannel();
    const token = crypto.randomUUID();
    const wire = attach(port1, token, this.name);
    this.#link.exchange.mint(this.#link.token, this.#lent, token, port2);
    return wire;
  }
}

/** The same reference, typed. */
export function typed<P extends import("../../protocols/messages/protocol.ts").Protocol>(
  ref: Reference,
): ActorRef<P> {
  return ref as unknown as ActorRef<P>;
}
