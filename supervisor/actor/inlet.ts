/**
 * The receiving end of one holder's link.
 *
 * Owns: the stream credits and the acknowledgements.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { InletSpec } from "./control.ts";
import { STREAM_WINDOW } from "./item_queue.ts";
import { type Decode, WINDOW } from "./link.ts";
import { encode, failure, type Frame, framesOf, FrameWriter, Kind, type Packet } from "./wire.ts";

/** A message on its way to a handler. */
export interface Message {
  readonly inlet: Inlet;
  readonly kind: number;
  readonly seq: number;
  readonly name: string;
  readonly request: unknown;
  /** Milliseconds since 1970; 0 for none. */
  readonly deadline: number;
}

/** Where messages go. */
export interface Mailbox {
  put(message: Message): void;
  /** The holder gave up on a message. */
  cancel(inlet: Inlet, seq: number): void;
}

/** An item written once for many receivers. Made by {@linkcode encodeOnce}. */
export class Encoded {
  constructor(readonly text: string) {}
}

/** Writes an item that is sent to many streams. It must hold no references. */
export function encodeOnce(item: unknown): Encoded {
  return new Encoded(JSON.stringify(item));
}

/** One holder's end at this actor. */
export class Inlet {
  readonly #writer: FrameWriter;
  readonly #port: MessagePort;
  readonly #ledger: Float64Array;
  readonly #slot: number;
  readonly #credits = new Map<number, { left: number; room?: PromiseWithResolvers<void> }>();
  #unacknowledged = 0;

  constructor({ slot, port }: InletSpec, ledger: Float64Array, mailbox: Mailbox, decode: Decode) {
    this.#port = port;
    this.#slot = slot * 2;
    this.#ledger = ledger;
    this.#writer = new FrameWriter(port, () => {
      if (slot >= 0) ledger[this.#slot + 1]!++;
    });
    port.onmessage = (event) => this.#receive(event.data, mailbox, decode);
  }

  /** Marks a message as begun: from here on no other incarnation will see it. */
  begin(seq: number): void {
    if (this.#slot >= 0) this.#ledger[this.#slot] = seq;
  }

  /** Says that a cast was handled, now and then. */
  done(seq: number): void {
    if (++this.#unacknowledged < WINDOW / 2) return;
    this.#unacknowledged = 0;
    this.#writer.write(`[${Kind.done},${seq}]`);
  }

  /** Answers a call or ends a stream. */
  reply(seq: number, value: unknown): void {
    this.#unacknowledged = 0;
    this.#credits.delete(seq);
    const { text, ports } = encode(value);
    this.#writer.writeWith(`[${Kind.reply},${seq},${text}]`, ports);
  }

  /** Refuses a call or a stream. */
  fail(seq: number, fault: Fault): void {
    this.#unacknowledged = 0;
    this.#endCredits(seq);
    this.#writer.write(failure(seq, fault.toJSON()));
  }

  /** Sends an item; resolves when there is room for the next. */
  item(seq: number, item: unknown): Promise<void> {
    const { text, ports } = item instanceof Encoded ? { text: item.text, ports: [] } : encode(item);
    this.#writer.writeWith(`[${Kind.item},${seq},${text}]`, ports);
    let credit = this.#credits.get(seq);
    if (credit === undefined) this.#credits.set(seq, credit = { left: STREAM_WINDOW });
    if (--credit.left > 0) return DONE;
    return (credit.room ??= Promise.withResolvers()).promise;
  }

  /** Posts what waits. */
  flush(): void {
    this.#writer.flush();
  }

  /** Cuts the link. */
  close(): void {
    this.#writer.flush();
    this.#port.close();
    for (const seq of [...this.#credits.keys()]) this.#endCredits(seq);
  }

  #receive(packet: Packet, mailbox: Mailbox, decode: Decode): void {
    const [text, ports] = typeof packet === "string"
      ? [packet, []]
      : [packet[0], packet.slice(1) as MessagePort[]];
    for (const frame of framesOf(text)) this.#take(frame, ports, mailbox, decode);
  }

  #take(frame: Frame, ports: MessagePort[], mailbox: Mailbox, decode: Decode): void {
    const [kind, seq, name, request, deadline] = frame as [number, number, string, unknown, number];
    if (kind <= Kind.stream) {
      mailbox.put({ inlet: this, kind, seq, name, request: decode(request, ports), deadline });
    } else if (kind === Kind.cancel) {
      this.#endCredits(seq);
      mailbox.cancel(this, seq);
    } else if (kind === Kind.more) {
      const credit = this.#credits.get(seq);
      if (credit === undefined) return;
      credit.left += frame[2] as number;
      credit.room?.resolve();
      credit.room = undefined;
    }
  }

  /** A sender waiting for room that will not come goes on; its signal is aborted. */
  #endCredits(seq: number): void {
    this.#credits.get(seq)?.room?.resolve();
    this.#credits.delete(seq);
  }
}

const DONE = Promise.resolve();
