/**
 * The receiving end of one holder's link.
 *
 * Owns: the stream credits and the acknowledgements.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { type InletSpec, LEDGER_OVER } from "./control.ts";
import { STREAM_WINDOW } from "./item_queue.ts";
import type { Decode } from "./link.ts";
import { Atomics } from "./natives.ts";
import { WINDOW } from "./outbox.ts";
import { encode, failure, type Frame, framesOf, FrameWriter, Kind, type Packet, together } from "./wire.ts";

/** A message on its way to a handler. */
export interface Message {
  readonly inlet: Inlet;
  readonly kind: number;
  readonly seq: number;
  readonly name: string;
  readonly request: unknown;
  /** Milliseconds since 1970; 0 for none. */
  readonly deadline: number;
  /** Why it is refused when its turn comes: it cannot be read, or nobody waits for its answer any more. */
  readonly refusal: Fault | undefined;
}

/** Items a stream may still send; below 0 when more were pushed. */
interface Credit {
  left: number;
  room?: PromiseWithResolvers<void>;
}

/** Where messages go. */
export interface Mailbox {
  put(message: Message): void;
  /** The holder gave up on a message; without `seq`, on all that want an answer. */
  cancel(inlet: Inlet, seq?: number): void;
}

/** One holder's end at this actor. */
export class Inlet {
  readonly #writer: FrameWriter;
  readonly #port: MessagePort;
  readonly #ledger: Float64Array;
  readonly #marks: Int32Array;
  readonly #mailbox: Mailbox;
  /** Index of its place in the ledger, negative for none. */
  #slot: number;
  #begun = 0;
  readonly #credits = new Map<number, Credit>();
  #unacknowledged = 0;

  constructor({ slot, port }: InletSpec, ledger: Float64Array, mailbox: Mailbox, decode: Decode) {
    this.#port = port;
    this.#mailbox = mailbox;
    this.#slot = slot * 2;
    this.#ledger = ledger;
    this.#marks = new Int32Array(ledger.buffer);
    this.#writer = new FrameWriter(port, () => {
      if (this.#slot >= 0) ledger[this.#slot + 1]!++;
    });
    port.onmessage = ({ data }) => together(() => this.#receive(data, decode));
  }

  /**
   * Marks a message as begun: from here on no other incarnation will see it. False when this one was ended
   * meanwhile: the message is the next one's then. The main thread marks the end before it reads what was
   * begun, and here it is the other way round, so that never both have it.
   */
  begin(seq: number): boolean {
    this.#begun = seq;
    if (this.#slot < 0) return true;
    this.#ledger[this.#slot] = seq;
    return Atomics.or(this.#marks, LEDGER_OVER, 0) === 0;
  }

  /** Says that a message nobody waits for is done, now and then. */
  done(seq: number): void {
    if (++this.#unacknowledged < WINDOW / 2) return;
    this.#unacknowledged = 0;
    this.#writer.write(`[${Kind.done},${seq}]`);
  }

  /** Answers a call or ends a stream. */
  reply(seq: number, value: unknown): void {
    this.#acknowledge(seq);
    this.#credits.delete(seq);
    const { text, ports } = encode(value);
    this.#writer.writeWith(`[${Kind.reply},${seq},${text}]`, ports);
  }

  /** Refuses a call or a stream. */
  fail(seq: number, fault: Fault): void {
    this.#acknowledge(seq);
    this.release(seq);
    this.#writer.write(failure(seq, fault.toJSON()));
  }

  /** Sends an item; resolves when there is room for the next. */
  item(seq: number, item: unknown): Promise<void> {
    const { text, ports } = encode(item);
    this.#writer.writeWith(`[${Kind.item},${seq},${text}]`, ports);
    const credit = this.#spend(seq);
    if (credit.left > 0) return DONE;
    return (credit.room ??= Promise.withResolvers()).promise;
  }

  /** Sends an item now, whether there is room or not. */
  push(seq: number, item: unknown): void {
    const { text, ports } = encode(item);
    this.#writer.writeWith(`[${Kind.item},${seq},${text}]`, ports);
    this.#writer.flush();
    this.#spend(seq);
  }

  /** Posts what waits. */
  flush(): void {
    this.#writer.flush();
  }

  /** A sender waiting for room that will not come goes on; its signal is aborted. */
  release(seq: number): void {
    this.#credits.get(seq)?.room?.resolve();
    this.#credits.delete(seq);
  }

  /** Cuts the link: nobody waits for its answers any more, and its place in the ledger is another's. */
  close(): void {
    this.#slot = -1;
    this.#writer.flush();
    this.#port.close();
    this.#mailbox.cancel(this);
  }

  #spend(seq: number): Credit {
    let credit = this.#credits.get(seq);
    if (credit === undefined) this.#credits.set(seq, credit = { left: STREAM_WINDOW });
    credit.left--;
    return credit;
  }

  /** An answer says that all before it are done, so a late one says nothing of those after it. */
  #acknowledge(seq: number): void {
    if (seq === this.#begun) this.#unacknowledged = 0;
  }

  #receive(packet: Packet, decode: Decode): void {
    if (typeof packet === "string") {
      for (const frame of parse(packet)) this.#take(frame, NO_PORTS, decode);
    } else {
      const ports = packet?.slice?.(1) as MessagePort[];
      for (const frame of parse(packet?.[0])) this.#take(frame, ports, decode);
    }
  }

  #take(frame: Frame, ports: readonly MessagePort[], decode: Decode): void {
    if (!Array.isArray(frame) || !Number.isInteger(frame[0]) || !Number.isInteger(frame[1])) return;
    const [kind, seq, name, request, deadline] = frame as [number, number, string, unknown, number];
    if (kind <= Kind.stream) {
      this.#mailbox.put(
        ports.length === 0
          ? { inlet: this, kind, seq, name, request, deadline, refusal: undefined }
          : { inlet: this, kind, seq, name, deadline, ...read(request, ports, decode) },
      );
    } else if (kind === Kind.cancel) {
      this.#mailbox.cancel(this, seq);
    } else if (kind === Kind.more) {
      const credit = this.#credits.get(seq);
      if (credit === undefined) return;
      credit.left += frame[2] as number;
      if (credit.left <= 0) return;
      credit.room?.resolve();
      credit.room = undefined;
    }
  }
}

/** Whatever runs in the holder may post anything: what is no frame is nobody's message. */
function parse(text: string): Frame[] {
  try {
    return framesOf(text);
  } catch {
    return [];
  }
}

function read(request: unknown, ports: readonly MessagePort[], decode: Decode) {
  try {
    return { request: decode(request, ports), refusal: undefined };
  } catch (error) {
    return { request: undefined, refusal: Fault.of(error) };
  }
}

const DONE = Promise.resolve();
const NO_PORTS: readonly MessagePort[] = [];
