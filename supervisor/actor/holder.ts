/**
 * All references one thread holds.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Exchange, LinkNews } from "./exchange.ts";
import { Link } from "./link.ts";
import { JSON } from "./natives.ts";
import { Reference } from "./reference.ts";
import { type Packet, revive, type WireRef } from "./wire.ts";

/** Keeps the links of a worker, or of the main thread, and passes them the news. */
export class Holder {
  readonly #links = new Map<string, Link>();
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = { ...exchange, close: (token) => (this.#links.delete(token), exchange.close(token)) };
  }

  /** A received value with its references made usable. */
  readonly decode = (value: unknown, ports: readonly MessagePort[]): unknown =>
    ports.length === 0 ? value : revive(value, ports, (wire, port) => this.#claim(wire, port));

  /** A received packet, and the references in it so that they can be closed together. */
  receive(packet: Packet): { value: unknown; references: Reference[] } {
    if (typeof packet === "string") return { value: JSON.parse(packet), references: [] };
    const [text, ...ports] = packet;
    const references: Reference[] = [];
    const value = revive(JSON.parse(text), ports, (wire, port) => {
      const reference = this.#claim(wire, port);
      references.push(reference);
      return reference;
    });
    return { value, references };
  }

  /** A reference for a token that is booked for this holder; `port` is absent while its actor is down. */
  adopt(token: string, name: string, port: MessagePort | undefined, loan?: string): Reference {
    const link = new Link(token, name, this.#exchange, this.decode, port);
    this.#links.set(token, link);
    return new Reference(link, this, loan);
  }

  /** Passes on what the main thread says. */
  tell(news: LinkNews): void {
    const link = this.#links.get(news.token);
    if (link === undefined) return news.op === "up" ? news.port.close() : undefined;
    if (news.op === "gone") this.#links.delete(news.token);
    link.tell(news);
  }

  /** Gives everything up, when the thread ends. */
  end(): void {
    for (const link of this.#links.values()) {
      link.end(new Fault("closed", `Cannot reach "${link.name}": its holder ended`));
    }
    this.#links.clear();
  }

  /** Kept before it is claimed: the answer may be that its actor is down. */
  #claim(wire: WireRef, port: MessagePort): Reference {
    const reference = this.adopt(wire.token, wire.name, port);
    this.#exchange.hold(wire.token);
    return reference;
  }
}
