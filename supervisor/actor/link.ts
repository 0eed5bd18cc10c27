/**
 * The sending end of a reference: its messages ({@linkcode Outbox}), its calls ({@linkcode Calls}), and what becomes
 * of both when the actor dies.
 *
 * What an incarnation had begun when it died is read from memory it shared with the main thread, so the answer is
 * exact: calls it had begun fail with `died`, all others go to the next incarnation, in order.
 *
 * @module
 */
import { Fault, type FaultData } from "../../protocols/messages/fault.ts";
import type { ActorStream, CallOptions } from "../../protocols/messages/ref.ts";
import { type Call, Calls, refuse } from "./calls.ts";
import { currentDeadline } from "./deadline.ts";
import type { Exchange, LinkNews } from "./exchange.ts";
import { ItemQueue } from "./item_queue.ts";
import { Date } from "./natives.ts";
import { Outbox } from "./outbox.ts";
import { type Frame, framesOf, Kind, type Packet } from "./wire.ts";

/** How long a call waits when nobody says, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 30_000;

const NO_OPTIONS: CallOptions = {};
const NO_PORTS: readonly MessagePort[] = [];

/** Makes the values of replies and items, references included. */
export type Decode = (value: unknown, ports: readonly MessagePort[]) => unknown;

/** One reference's own connection to its actor. */
export class Link {
  readonly #outbox: Outbox;
  readonly #calls: Calls;
  #port: MessagePort | undefined;
  /** Posts that came through the port. */
  #received = 0;
  #death: Extract<LinkNews, { op: "down" }> | undefined;
  #successor: MessagePort | undefined;
  #gone: Fault | undefined;

  constructor(
    readonly token: string,
    readonly name: string,
    readonly exchange: Exchange,
    readonly decode: Decode,
    port: MessagePort | undefined,
  ) {
    this.#outbox = new Outbox(name, (seq) => this.#calls.has(seq));
    this.#calls = new Calls(name, (seq, fault) => this.#giveUp(seq, fault));
    if (port !== undefined) this.#connect(port);
  }

  /** Whether it was closed, revoked, or its actor is gone for good. */
  get isOver(): boolean {
    return this.#gone !== undefined;
  }

  /** See {@linkcode ActorRef.cast}. */
  cast(name: string, request: unknown): boolean {
    this.#send(Kind.cast, name, request, 0);
    return this.#outbox.hasRoom;
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
    const items = new ItemQueue<unknown>((n) => this.#outbox.write(`[${Kind.more},${seq},${n}]`));
    seq = this.#open(Kind.stream, name, request, options, resolve, reject, items);
    const cancel = () => this.#giveUp(seq, this.#cancelled(name));
    return { reply: promise, cancel, [Symbol.asyncIterator]: () => items.iterate(cancel) };
  }

  /** See {@linkcode ActorRef.ready}. */
  ready(): Promise<void> {
    return this.#gone === undefined ? this.#outbox.ready() : Promise.reject(this.#gone);
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
      this.#outbox.hold();
      this.#settleDeath();
      if (this.#outbox.isWaiting || this.#calls.size > 0) this.exchange.want(this.token);
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
    this.#outbox.end(fault);
    this.#port?.close();
    this.#successor?.close();
    this.#calls.refuseUpTo(Infinity, () => fault);
  }

  #open(
    kind: number,
    name: string,
    request: unknown,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: CallOptions,
    resolve: Call["resolve"],
    reject: Call["reject"],
    items?: Call["items"],
  ): number {
    const deadline = Math.min(Date.now() + timeoutMs, currentDeadline());
    const call: Call = { name, deadline, resolve, reject, items };
    try {
      if (signal?.aborted) throw this.#cancelled(name);
      const seq = this.#send(kind, name, request, deadline < Infinity ? deadline : 0);
      if (signal !== undefined) this.#listen(seq, call, signal);
      this.#calls.add(seq, call);
      return seq;
    } catch (error) {
      refuse(call, Fault.of(error));
      return 0;
    }
  }

  #send(kind: number, name: string, request: unknown, deadline: number): number {
    if (this.#gone !== undefined) throw this.#gone;
    const seq = this.#outbox.send(kind, name, request, deadline);
    if (!this.#outbox.isUp) this.exchange.want(this.token);
    return seq;
  }

  #listen(seq: number, call: Call, signal: AbortSignal): void {
    const abort = () => this.#giveUp(seq, this.#cancelled(call.name));
    const { resolve, reject } = call;
    signal.addEventListener("abort", abort, { once: true });
    call.resolve = (value) => (signal.removeEventListener("abort", abort), resolve(value));
    call.reject = (fault) => (signal.removeEventListener("abort", abort), reject(fault));
  }

  #cancelled(name: string): Fault {
    return new Fault("cancelled", `Cannot finish "${name}" of "${this.name}": the caller cancelled it`);
  }

  #giveUp(seq: number, fault: Fault): void {
    if (!this.#calls.has(seq)) return;
    this.#calls.settle(seq, undefined, fault);
    if (!this.#outbox.withdraw(seq)) this.#outbox.write(`[${Kind.cancel},${seq}]`);
  }

  #connect(port: MessagePort): void {
    this.#port = port;
    this.#received = 0;
    port.onmessage = (event) => this.#receive(event.data);
    this.#outbox.connect(port);
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
    this.#outbox.drain();
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
      this.#calls.items(seq)?.push(this.decode(frame[2], ports));
      return;
    }
    this.#outbox.done(seq);
    if (kind === Kind.reply) this.#calls.settle(seq, this.decode(frame[2], ports));
    else if (kind === Kind.fail) this.#calls.settle(seq, undefined, Fault.from(frame[2] as FaultData));
  }

  /** Once all that the dead incarnation posted has arrived: it is still in our queue. */
  #settleDeath(): void {
    const death = this.#death;
    if (death === undefined || this.#received < death.posted) return;
    const begun = this.#outbox.takeBack(death.begun);
    this.#port?.close();
    this.#port = undefined;
    this.#calls.refuseUpTo(begun, (name) => {
      const message = `Cannot answer "${name}": "${this.name}" died (${death.reason})`;
      return new Fault("died", message, { retry: "later" });
    });
    if (this.#successor === undefined) return;
    const port = this.#successor;
    this.#successor = this.#death = undefined;
    this.#connect(port);
  }
}
