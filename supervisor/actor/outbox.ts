/**
 * The messages of one link between being sent and being known to be done, and the credit left.
 *
 * At most {@linkcode WINDOW} are unprocessed at the actor and at most as many again wait here. A message is posted
 * once to each incarnation of the actor, and never again after one began it.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { JSON } from "./natives.ts";
import { encode, framesOf, FrameWriter, Kind, message } from "./wire.ts";

/** Messages in flight on one link, and as many again waiting to be. */
export const WINDOW = 1024;

interface Unsent {
  seq: number;
  frame: string;
  /** Present when the frame mentions ports, which go only once: written anew for the next incarnation. */
  rewrite?: () => { frame: string; ports: MessagePort[] };
  ports?: MessagePort[];
}

/** Frames posted together, kept until it is known that all are done. */
interface Posted {
  upTo: number;
  text: string;
  rewrite?: Unsent["rewrite"];
}

/** See the module's words. */
export class Outbox {
  #writer: FrameWriter | undefined;
  #isHeld = false;
  #lastSeq = 0;
  /** All messages up to these numbers were posted, and were done. */
  #lastPosted = 0;
  #processed = 0;
  /** Posted and not known to be processed, oldest first. */
  #posted: Posted[] = [];
  #waiting: Unsent[] = [];
  #readiness: PromiseWithResolvers<void> | undefined;

  /** `isAwaited` says whether somebody still waits for the answer to a message. */
  constructor(private readonly actor: string, private readonly isAwaited: (seq: number) => boolean) {}

  /** Whether messages go out. */
  get isUp(): boolean {
    return this.#writer !== undefined && !this.#isHeld;
  }

  /** Whether the next message goes out at once. */
  get hasRoom(): boolean {
    return this.isUp && this.#waiting.length === 0 && this.#inFlight() < WINDOW;
  }

  /** Whether messages wait to go out. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Sends a message, or keeps it until there is room; answers its number. @throws {Fault} code `mailbox_full`. */
  send(kind: number, name: string, request: unknown, deadline: number): number {
    const room = this.hasRoom;
    if (!room && this.#waiting.length >= WINDOW) throw this.#full(name);
    const { text, ports } = encode(request);
    const seq = ++this.#lastSeq;
    const frame = message(kind, seq, name, text, deadline);
    const unsent: Unsent = ports.length === 0 ? { seq, frame } : {
      seq,
      frame,
      ports,
      rewrite() {
        const { text, ports } = encode(request);
        return { frame: message(kind, seq, name, text, deadline), ports };
      },
    };
    if (room) this.#post(unsent);
    else this.#waiting.push(unsent);
    return seq;
  }

  /** Sends what is no message and needs no credit: room for items, the end of a call. */
  write(frame: string): void {
    this.#writer?.write(frame);
  }

  /** Takes back a message that did not go out yet; false when it did. */
  withdraw(seq: number): boolean {
    const at = this.#waiting.findIndex((unsent) => unsent.seq === seq);
    if (at < 0) return false;
    this.#waiting.splice(at, 1)[0]!.ports?.forEach((port) => port.close());
    return true;
  }

  /** Resolves once there is room. */
  ready(): Promise<void> {
    if (this.#waiting.length === 0 && this.#inFlight() < WINDOW) return Promise.resolve();
    return (this.#readiness ??= Promise.withResolvers()).promise;
  }

  /** From now on messages go to this port, those that wait first. */
  connect(port: MessagePort): void {
    this.#isHeld = false;
    this.#writer = new FrameWriter(port, (text) => {
      if (this.#inFlight() > 0) this.#posted.push({ upTo: this.#lastPosted, text });
    });
    this.drain();
  }

  /** The actor handles a link's messages in order: all up to this one are done. */
  done(seq: number): void {
    const upTo = Math.min(seq, this.#lastPosted);
    if (upTo <= this.#processed) return;
    this.#processed = upTo;
    while (this.#posted.length > 0 && this.#posted[0]!.upTo <= upTo) this.#posted.shift();
  }

  /** Sends what waits as far as there is room. */
  drain(): void {
    if (!this.isUp) return;
    let sent = 0;
    while (sent < this.#waiting.length && this.#inFlight() < WINDOW) this.#post(this.#waiting[sent++]!);
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (this.#waiting.length > 0 || this.#inFlight() >= WINDOW) return;
    this.#readiness?.resolve();
    this.#readiness = undefined;
  }

  /** The actor died: nothing goes out until the next one is there. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Of what went to the dead one, what it had not begun waits for the next. Answers the number of the last begun. */
  takeBack(begun: number): number {
    const upTo = Math.min(begun, this.#lastPosted);
    this.#writer?.flush();
    this.#writer = undefined;
    this.#waiting = [...this.#posted.flatMap((posted) => this.#unbegun(posted, upTo)), ...this.#waiting];
    this.#posted = [];
    this.#lastPosted = this.#processed = Math.max(this.#processed, upTo);
    return upTo;
  }

  /** Nothing goes out any more. */
  end(fault: Fault): void {
    this.#writer?.flush();
    for (const { ports } of this.#waiting) ports?.forEach((port) => port.close());
    this.#writer = undefined;
    this.#posted = this.#waiting = [];
    this.#readiness?.promise.catch(() => {});
    this.#readiness?.reject(fault);
  }

  #inFlight(): number {
    return this.#lastPosted - this.#processed;
  }

  #post({ seq, frame, ports, rewrite }: Unsent): void {
    const writer = this.#writer!;
    if (ports === undefined) {
      const isIdle = this.#inFlight() === 0;
      this.#lastPosted = seq;
      return isIdle ? writer.writeNow(frame) : writer.write(frame);
    }
    writer.flush();
    this.#lastPosted = seq;
    writer.writeWith(frame, ports);
    this.#posted.at(-1)!.rewrite = rewrite;
  }

  /** Of what was posted together, what the next incarnation is to have: casts, and calls not given up meanwhile. */
  #unbegun({ text, rewrite }: Posted, begun: number): Unsent[] {
    const wanted = framesOf(text).filter(([kind, seq]) =>
      seq > begun && (kind === Kind.cast || kind < Kind.cancel && this.isAwaited(seq))
    );
    return wanted.map((frame) =>
      rewrite === undefined
        ? { seq: frame[1], frame: JSON.stringify(frame) }
        : { seq: frame[1], rewrite, ...rewrite() }
    );
  }

  #full(name: string): Fault {
    const state = `its mailbox holds ${WINDOW} messages and ${WINDOW} more wait; await ready()`;
    return new Fault("mailbox_full", `Cannot send "${name}" to "${this.actor}": ${state}`, {
      retry: "later",
    });
  }
}
