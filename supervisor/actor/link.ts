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
import { currentDeadline } from "./ambient.ts";
import type { Exchange, LinkNews } from "./exchange.ts";
import { ItemQueue } from "./item_queue.ts";
import { encode, type Frame, framesOf, FrameWriter, Kind, type Packet } from "./wire.ts";

/** Messages in flight on one link, and as many again waiting to be. */
export const WINDOW = 1024;
/** How long a call waits when nobody says, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** Makes the values of replies and items, references included. */
export type Decode = (value: unknown, ports: readonly MessagePort[]) => unknown;

interface Unsent {
  seq: number;
  frame: string;
  /** Present when the frame mentions ports, which go only once: written anew for the next incarnation. */
  rewrite?: () => { frame: string; ports: MessagePort[] };
  ports?: MessagePort[];
}

interface Pending {
  name: string;
  deadline: number;
  resolve(value: unknown): void;
  reject(fault: Fault): void;
  items?: ItemQueue<unknown>;
}

/** One reference's own connection to its actor. */
export class Link {
  #port: MessagePort | undefined;
  #writer: FrameWriter | undefined;
  #received = 0;
  #lastSeq = 0;
  #processed = 0;
  /** Posted and not known to be processed, oldest first from #firstPosted. */
  #posted: Unsent[] = [];
  #firstPosted = 0;
  #waiting: Unsent[] = [];
  readonly #pending = new Map<number, Pending>();
  #death: Extract<LinkNews, { op: "down" }> | undefined;
  #successor: MessagePort | undefined;
  #gone: Fault | undefined;
  #readiness: PromiseWithResolvers<void> | undefined;
  #sweepAt = Infinity;
  #sweepTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly token: string,
    readonly name: string,
    readonly exchange: Exchange,
    readonly decode: Decode,
    port: MessagePort | undefined,
  ) {
    if (port !== undefined) this.#connect(port);
  }

  /** See {@linkcode ActorRef.cast}. */
  cast(name: string, request: unknown): boolean {
    return this.#send(Kind.cast, name, request, 0).room;
  }

  /** See {@linkcode ActorRef.call}. */
  call(name: string, request: unknown, options: CallOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) =>
      this.#open(Kind.call, name, request, options, { resolve, reject })
    );
  }

  /** See {@linkcode ActorRef.stream}. */
  stream(name: string, request: unknown, options: CallOptions = {}): ActorStream<unknown, unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    promise.catch(() => {}); // a reader that only iterates meets the failure there
    let seq = 0;
    const items = new ItemQueue<unknown>((n) => this.#writer?.write(`[${Kind.more},${seq},${n}]`));
    seq = this.#open(Kind.stream, name, request, options, { resolve, reject, items });
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
      this.#death = news;
      if (this.#writer !== undefined) this.#port!.onmessageerror = null;
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
    if (this.#sweepTimer !== undefined) clearTimeout(this.#sweepTimer);
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
    settle: Pick<Pending, "resolve" | "reject" | "items">,
  ): number {
    const now = Date.now();
    const deadline = Math.min(now + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS), currentDeadline());
    const { signal } = options;
    if (signal?.aborted) {
      this.#refuse(
        settle,
        new Fault("cancelled", `Cannot ask "${this.name}" for "${name}": already cancelled`),
      );
      return 0;
    }
    try {
      const { seq } = this.#send(kind, name, request, deadline);
      const pending: Pending = { name, deadline, ...settle };
      this.#pending.set(seq, pending);
      if (signal !== undefined) this.#listen(seq, pending, signal);
      if (deadline < this.#sweepAt) this.#sweepLater(deadline, now);
      return seq;
    } catch (error) {
      this.#refuse(settle, Fault.of(error));
      return 0;
    }
  }

  #refuse(settle: Pick<Pending, "reject" | "items">, fault: Fault): void {
    settle.reject(fault);
    settle.items?.fail(fault);
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

  #send(kind: number, name: string, request: unknown, deadline: number): { seq: number; room: boolean } {
    if (this.#gone !== undefined) throw this.#gone;
    const up = this.#writer !== undefined && this.#death === undefined;
    const room = up && this.#waiting.length === 0 && this.#inFlight() < WINDOW;
    if (!room && this.#waiting.length >= WINDOW) {
      throw new Fault(
        "mailbox_full",
        `Cannot send "${name}" to "${this.name}": its mailbox holds ${WINDOW} messages and ${WINDOW} more wait; await ready()`,
        { retry: "later" },
      );
    }
    const seq = ++this.#lastSeq;
    const write = () => {
      const { text, ports } = encode(request);
      return { frame: `[${kind},${seq},${JSON.stringify(name)},${text},${deadline}]`, ports };
    };
    const { frame, ports } = write();
    const message: Unsent = ports.length === 0 ? { seq, frame } : { seq, frame, ports, rewrite: write };
    if (room) this.#post(message);
    else {
      this.#waiting.push(message);
      if (!up) this.exchange.want(this.token);
    }
    return { seq, room: room && this.#inFlight() < WINDOW };
  }

  #inFlight(): number {
    return this.#posted.length - this.#firstPosted;
  }

  #post(message: Unsent): void {
    this.#posted.push(message);
    const { frame, ports } = message;
    if (ports === undefined) return this.#writer!.write(frame);
    message.ports = undefined;
    this.#writer!.writeWith(frame, ports);
  }

  #connect(port: MessagePort): void {
    this.#port = port;
    this.#received = 0;
    this.#writer = new FrameWriter(port);
    port.onmessage = (event) => this.#receive(event.data);
    this.#drain();
  }

  #receive(packet: Packet): void {
    this.#received++;
    const [text, ports] = typeof packet === "string"
      ? [packet, []]
      : [packet[0], packet.slice(1) as MessagePort[]];
    for (const frame of framesOf(text)) this.#take(frame, ports);
    if (this.#waiting.length > 0) this.#drain();
    else if (this.#readiness !== undefined && this.#inFlight() < WINDOW) this.#becomeReady();
    if (this.#death !== undefined) this.#settleDeath();
  }

  #take(frame: Frame, ports: readonly MessagePort[]): void {
    const [kind, seq] = frame;
    if (kind === Kind.item) {
      this.#pending.get(seq)?.items?.push(this.decode(frame[2], ports));
      return;
    }
    this.#forgetUpTo(seq);
    if (kind === Kind.reply) this.#settle(seq, this.decode(frame[2], ports));
    else if (kind === Kind.fail) this.#settle(seq, undefined, Fault.from(frame[2] as FaultData));
  }

  /** The actor handles a link's messages in order: an answer to one means all before it are done. */
  #forgetUpTo(seq: number): void {
    if (seq <= this.#processed) return;
    this.#processed = seq;
    const posted = this.#posted;
    while (this.#firstPosted < posted.length && posted[this.#firstPosted]!.seq <= seq) this.#firstPosted++;
    if (this.#firstPosted === posted.length) {
      posted.length = 0;
      this.#firstPosted = 0;
    } else if (this.#firstPosted > WINDOW) {
      this.#posted = posted.slice(this.#firstPosted);
      this.#firstPosted = 0;
    }
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
    this.#port?.close();
    this.#port = this.#writer = undefined;
    for (const [seq, pending] of [...this.#pending]) {
      if (seq > death.begun) continue;
      this.#settle(
        seq,
        undefined,
        new Fault("died", `Cannot answer "${pending.name}": "${this.name}" died (${death.reason})`, {
          retry: "later",
        }),
      );
    }
    const again = this.#posted.slice(this.#firstPosted).filter((message) =>
      message.seq > death.begun && this.#wanted(message)
    );
    this.#posted = [];
    this.#firstPosted = 0;
    this.#waiting = [...again.map(renew), ...this.#waiting];
    if (this.#successor === undefined) return;
    const port = this.#successor;
    this.#successor = this.#death = undefined;
    this.#connect(port);
  }

  /** Casts always, calls unless they were given up meanwhile. */
  #wanted(message: Unsent): boolean {
    return message.frame.startsWith(`[${Kind.cast},`) || this.#pending.has(message.seq);
  }

  #sweepLater(at: number, now: number): void {
    if (this.#sweepTimer !== undefined) clearTimeout(this.#sweepTimer);
    this.#sweepAt = at;
    this.#sweepTimer = setTimeout(() => this.#sweep(), Math.max(0, Math.min(at - now, 2 ** 31 - 1)));
    Deno.unrefTimer(this.#sweepTimer);
  }

  /** One timer a link, for the earliest deadline: answered calls leave nothing to clear. */
  #sweep(): void {
    this.#sweepTimer = undefined;
    this.#sweepAt = Infinity;
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
    if (earliest < Infinity) this.#sweepLater(earliest, now);
  }
}

function renew(message: Unsent): Unsent {
  if (message.rewrite === undefined) return message;
  const { frame, ports } = message.rewrite();
  return { ...message, frame, ports };
}
