/**
 * The sending end of a reference.
 *
 * Owns: the messages not yet known to be begun, the calls not yet answered, the credit left.
 * Invariants:
 * - L1 A message is posted once to each incarnation of the actor, and never again after one began it.
 *   What an incarnation had begun when it died is read from memory it shared with the main thread, so the
 *   answer is exact: begun calls fail with `died`, all others go to the next incarnation, in order.
 * - L2 Every call settles: by its reply, by its fault, by `died`, `revoked`, `closed`, or at its deadline.
 * - L3 At most WINDOW messages are unprocessed at the actor and at most WINDOW more wait here.
 *
 * @module
 */
import { Fault, type FaultData } from "../../protocols/messages/fault.ts";
import type { ActorStream, CallOptions } from "../../protocols/messages/ref.ts";
import { inWorker } from "./bootstrap.ts";
import { type Alarm, clearAlarm, currentDeadline, setAlarm } from "./deadline.ts";
import type { Exchange, LinkNews } from "./exchange.ts";
import { ItemQueue } from "./item_queue.ts";
import { encode, type Frame, framesOf, FrameWriter, Kind, message, type Packet } from "./wire.ts";

/** Messages in flight on one link, and as many again waiting to be. */
export const WINDOW = 1024;
/** How long a call waits when nobody says, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 30_000;

const NO_OPTIONS: CallOptions = {};
const NO_PORTS: readonly MessagePort[] = [];

/** Makes the values of replies and items, references included. */
export type Decode = (value: unknown, ports: readonly MessagePort[]) => unknown;

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

interface Pending {
  name: string;
  deadline: number;
  resolve(value: unknown): void;
  reject(fault: Fault): void;
  items: ItemQueue<unknown> | undefined;
}

/** One reference's own connection to its actor. */
export class Link {
  #port: MessagePort | undefined;
  #writer: FrameWriter | undefined;
  #received = 0;
  #lastSeq = 0;
  /** All messages up to these numbers were posted, and were done. */
  #lastPosted = 0;
  #processed = 0;
  /** Posted and not known to be processed, oldest first. */
  #posted: Posted[] = [];
  #waiting: Unsent[] = [];
  readonly #pending = new Map<number, Pending>();
  #death: Extract<LinkNews, { op: "down" }> | undefined;
  #successor: MessagePort | undefined;
  #gone: Fault | undefined;
  #readiness: PromiseWithResolvers<void> | undefined;
  /** For the earliest deadline of those pending. */
  #alarm: Alarm | undefined;

  constructor(
    readonly token: string,
    readonly name: string,
    readonly exchange: Exchange,
    readonly decode: Decode,
    port: MessagePort | undefined,
  ) {
    if (port !== undefined) this.#connect(port);
  }

  /** Whether it was closed, revoked, or its actor is gone for good. */
  get isOver(): boolean {
    return this.#gone !== undefined;
  }

  /** See {@linkcode ActorRef.cast}. */
  cast(name: string, request: unknown): boolean {
    this.#send(Kind.cast, name, request, 0);
    return this.#hasRoom();
  }

  /** See {@linkcode ActorRef.call}. */
  call(name: string, request: unknown, options: CallOptions = NO_OPTIONS): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#open(Kind.call, name, request, options, resolve, reject);
    });
  }

  /** See {@linkcode ActorRef.stream}. */
  stream(name: string, request: unknown, options: CallOptions = NO_OPTIONS): ActorStream<unknown, unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    promise.catch(() => {}); // a reader that only iterates meets the failure there
    let seq = 0;
    const items = new ItemQueue<unknown>((n) => this.#writer?.write(`[${Kind.more},${seq},${n}]`));
    seq = this.#open(Kind.stream, name, request, options, resolve, reject, items);
    const cancel = () =>
      this.#giveUp(
        seq,
        new Fault("cancelled", `Cannot finish "${name}" of "${this.name}": the caller cancelled it`),
      );
    return { reply: promise, cancel, [Symbol.asyncIterator]: () => items.iterate(cancel) };
  }

  /** See {@linkcode ActorRef.ready}. */
  ready(): Promise<void> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    if (this.#waiting.length === 0 && this.#inFlight() < WINDOW) return Promise.resolve();
    return (this.#readiness ??= Promise.withResolvers()).promise;
  }

  /** The main thread's word on this link. */
  tell(news: LinkNews): void {
    if (news.op === "gone") return this.end(Fault.from(news.fault));
    if (this.#gone !== undefined) return news.op === "up" ? news.port.close() : undefined;
    if (news.op === "down") {
      // A second death before the first is settled is that of an incarnation this link never reached.
      this.#successor?.close();
      this.#successor = undefined;
      this.#death ??= news;
      this.#settleDeath();
      if (this.#waiting.length > 0 || this.#pending.size > 0) this.exchange.want(this.token);
    } else if (this.#death === undefined) {
      this.#connect(news.port);
    } else {
      this.#successor?.close();
      this.#successor = news.port;
      this.#settleDeath();
    }
  }

  /** Fails everything that waits, now and later. */
  end(fault: Fault): void {
    if (this.#gone !== undefined) return;
    this.#gone = fault;
    this.#writer?.flush();
    this.#port?.close();
    this.#successor?.close();
    for (const seq of [...this.#pending.keys()]) this.#settle(seq, undefined, fault);
    this.#posted = this.#waiting = [];
    this.#readiness?.promise.catch(() => {});
    this.#readiness?.reject(fault);
  }

  #open(
    kind: number,
    name: string,
    request: unknown,
    options: CallOptions,
    resolve: Pending["resolve"],
    reject: Pending["reject"],
    items?: Pending["items"],
  ): number {
    const pending: Pending = { name, deadline: 0, resolve, reject, items };
    const deadline = Math.min(Date.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS), currentDeadline());
    pending.deadline = deadline;
    const { signal } = options;
    if (signal?.aborted) {
      this.#refuse(
        pending,
        new Fault("cancelled", `Cannot ask "${this.name}" for "${name}": already cancelled`),
      );
      return 0;
    }
    try {
      const seq = this.#send(kind, name, request, deadline < Infinity ? deadline : 0);
      this.#pending.set(seq, pending);
      if (signal !== undefined) this.#listen(seq, pending, signal);
      if (deadline < (this.#alarm?.at ?? Infinity)) this.#sweepAt(deadline);
      return seq;
    } catch (error) {
      this.#refuse(pending, Fault.of(error));
      return 0;
    }
  }

  #refuse({ reject, items }: Pending, fault: Fault): void {
    reject(fault);
    items?.fail(fault);
  }

  #listen(seq: number, pending: Pending, signal: AbortSignal): void {
    const abort = () =>
      this.#giveUp(
        seq,
        new Fault("cancelled", `Cannot finish "${pending.name}" of "${this.name}": the caller cancelled it`),
      );
    const { resolve, reject } = pending;
    signal.addEventListener("abort", abort, { once: true });
    pending.resolve = (value) => (signal.removeEventListener("abort", abort), resolve(value));
    pending.reject = (fault) => (signal.removeEventListener("abort", abort), reject(fault));
  }

  #send(kind: number, name: string, request: unknown, deadline: number): number {
    if (this.#gone !== undefined) throw this.#gone;
    const room = this.#hasRoom();
    if (!room && this.#waiting.length >= WINDOW) {
      throw new Fault(
        "mailbox_full",
        `Cannot send "${name}" to "${this.name}": its mailbox holds ${WINDOW} messages and ${WINDOW} more wait; await ready()`,
        { retry: "later" },
      );
    }
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
    else {
      this.#waiting.push(unsent);
      if (!this.#isUp()) this.exchange.want(this.token);
    }
    return seq;
  }

  #isUp(): boolean {
    return this.#writer !== undefined && this.#death === undefined;
  }

  #hasRoom(): boolean {
    return this.#isUp() && this.#waiting.length === 0 && this.#inFlight() < WINDOW;
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

  #connect(port: MessagePort): void {
    this.#port = port;
    this.#received = 0;
    this.#writer = new FrameWriter(port, (text) => {
      if (this.#inFlight() > 0) this.#posted.push({ upTo: this.#lastPosted, text });
    });
    port.onmessage = (event) => this.#receive(event.data);
    this.#drain();
  }

  #receive(packet: Packet): void {
    this.#received++;
    try {
      if (typeof packet === "string") {
        for (const frame of framesOf(packet)) this.#take(frame, NO_PORTS);
      } else {
        const ports = packet.slice(1) as MessagePort[];
        for (const frame of framesOf(packet[0])) this.#take(frame, ports);
      }
    } catch (error) {
      return this.#spoilt(error);
    }
    if (this.#waiting.length > 0) this.#drain();
    else if (this.#readiness !== undefined && this.#inFlight() < WINDOW) this.#becomeReady();
    if (this.#death !== undefined) this.#settleDeath();
  }

  /** Whatever runs in the actor may post anything: that ends this reference and nobody else's thread. */
  #spoilt(error: unknown): void {
    const { message } = Fault.of(error);
    this.end(new Fault("bad_reply", `Cannot understand what "${this.name}" sent: ${message}`));
    this.exchange.close(this.token);
  }

  #take(frame: Frame, ports: readonly MessagePort[]): void {
    const [kind, seq] = frame;
    if (kind === Kind.item) {
      this.#pending.get(seq)?.items?.push(this.decode(frame[2], ports));
      return;
    }
    this.#forgetUpTo(Math.min(seq, this.#lastPosted));
    if (kind === Kind.reply) this.#settle(seq, this.decode(frame[2], ports));
    else if (kind === Kind.fail) this.#settle(seq, undefined, Fault.from(frame[2] as FaultData));
  }

  /** The actor handles a link's messages in order: an answer to one means all before it are done. */
  #forgetUpTo(seq: number): void {
    if (seq <= this.#processed) return;
    this.#processed = seq;
    while (this.#posted.length > 0 && this.#posted[0]!.upTo <= seq) this.#posted.shift();
  }

  #drain(): void {
    if (this.#writer === undefined || this.#death !== undefined) return;
    let sent = 0;
    while (sent < this.#waiting.length && this.#inFlight() < WINDOW) this.#post(this.#waiting[sent++]!);
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (this.#waiting.length === 0) this.#becomeReady();
  }

  #becomeReady(): void {
    this.#readiness?.resolve();
    this.#readiness = undefined;
  }

  #settle(seq: number, value: unknown, fault?: Fault): void {
    const pending = this.#pending.get(seq);
    if (pending === undefined) return;
    this.#pending.delete(seq);
    // On the main thread it would keep the process alive.
    if (!inWorker && this.#pending.size === 0) this.#alarm = clearAlarm(this.#alarm);
    if (fault === undefined) {
      pending.items?.close();
      pending.resolve(value);
    } else this.#refuse(pending, fault);
  }

  #giveUp(seq: number, fault: Fault): void {
    if (!this.#pending.has(seq)) return;
    this.#settle(seq, undefined, fault);
    const waits = this.#waiting.findIndex((message) => message.seq === seq);
    if (waits >= 0) this.#waiting.splice(waits, 1)[0]?.ports?.forEach((port) => port.close());
    else this.#writer?.write(`[${Kind.cancel},${seq}]`);
  }

  /** Once all that the dead incarnation posted has arrived (it is still in our queue), L1. */
  #settleDeath(): void {
    const death = this.#death;
    if (death === undefined || this.#received < death.posted) return;
    const begun = Math.min(death.begun, this.#lastPosted);
    this.#writer?.flush();
    this.#port?.close();
    this.#port = this.#writer = undefined;
    for (const [seq, pending] of [...this.#pending]) {
      if (seq > begun) continue;
      this.#settle(
        seq,
        undefined,
        new Fault("died", `Cannot answer "${pending.name}": "${this.name}" died (${death.reason})`, {
          retry: "later",
        }),
      );
    }
    this.#waiting = [...this.#posted.flatMap((posted) => this.#unbegun(posted, begun)), ...this.#waiting];
    this.#posted = [];
    this.#lastPosted = this.#processed = Math.max(this.#processed, begun);
    if (this.#successor === undefined) return;
    const port = this.#successor;
    this.#successor = this.#death = undefined;
    this.#connect(port);
  }

  /** Of what was posted together, what the next incarnation is to have: casts, and calls not given up meanwhile. */
  #unbegun({ text, rewrite }: Posted, begun: number): Unsent[] {
    const wanted = framesOf(text).filter(([kind, seq]) =>
      seq > begun && (kind === Kind.cast || kind < Kind.cancel && this.#pending.has(seq))
    );
    return wanted.map((frame) =>
      rewrite === undefined
        ? { seq: frame[1], frame: JSON.stringify(frame) }
        : { seq: frame[1], rewrite, ...rewrite() }
    );
  }

  #sweepAt(at: number): void {
    clearAlarm(this.#alarm);
    this.#alarm = setAlarm(at, () => this.#sweep());
  }

  #sweep(): void {
    this.#alarm = undefined;
    const now = Date.now();
    let earliest = Infinity;
    for (const [seq, { name, deadline }] of [...this.#pending]) {
      if (deadline <= now) {
        this.#giveUp(
          seq,
          new Fault("timeout", `Cannot wait longer for "${name}" of "${this.name}": its deadline passed`, {
            retry: "later",
          }),
        );
      } else earliest = Math.min(earliest, deadline);
    }
    if (earliest < Infinity) this.#sweepAt(earliest);
  }
}
