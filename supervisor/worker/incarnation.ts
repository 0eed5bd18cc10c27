/**
 * One life of an actor: a worker from its start to its end, however it ends (K5).
 *
 * @module
 */
import { Fault, type FaultData } from "../../protocols/messages/fault.ts";
import {
  type FromWorker,
  type Init,
  type InletSpec,
  LEDGER_BYTES,
  LEDGER_OVER,
  LEDGER_SLOTS,
  type ToWorker,
} from "../actor/control.ts";
import type { LinkNews } from "../actor/exchange.ts";
import { lifeline } from "../actor/locks.ts";
import type { Desk, Party } from "./book.ts";
import type { Blank } from "./spawner.ts";

/** How a life ended. */
export interface Exit {
  /** `lost` is silence: `close()`, `Deno.exit()`, a killed process. */
  how: "normal" | "shutdown" | "crashed" | "lost" | "hung" | "killed";
  /** For people. */
  reason: string;
}

/** What a worker says that is not about its own life. */
export type Speech = Exclude<
  FromWorker,
  { op: "primed" | "started" | "start_failed" | "crashed" | "ended" | "pong" }
>;

/** Pings without an answer that make a worker hung. */
const UNANSWERED = 3;
/** Milliseconds to wait for the thread's real end after `terminate()` before it counts as abandoned. */
const BURIAL_MS = 1_000;

/** See the module's words. */
export class Incarnation implements Desk, Party {
  /** Resolves once, when the life is over. */
  readonly ended: Promise<Exit>;
  /** Resolves to true when the thread is really gone, to false when it is still busy and was abandoned. */
  readonly buried: Promise<boolean>;
  readonly #end = Promise.withResolvers<Exit>();
  readonly #bury = Promise.withResolvers<boolean>();
  readonly #started = Promise.withResolvers<void>();
  readonly #worker: Worker;
  readonly #ledger = new Float64Array(new SharedArrayBuffer(LEDGER_BYTES));
  readonly #free: number[] = [];
  /** Places to be free once the worker has answered that ping: until then it may write there. */
  readonly #freeing = new Map<number, number>();
  #nextSlot = 0;
  #lifeline: Promise<void> | undefined;
  #over = false;
  #stopping = false;
  #pings = 0;
  #unanswered = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly blank: Blank, private readonly hear: (speech: Speech) => void) {
    this.ended = this.#end.promise;
    this.buried = this.#bury.promise;
    this.#started.promise.catch(() => {});
    this.#worker = blank.worker;
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#finish({ how: "crashed", reason: event.message });
    };
    if (blank.primed) this.#watch();
  }

  /**
   * Begins the actor.
   * @throws {Fault} code `start_failed` when `init` throws, the worker dies, or `startMs` pass.
   */
  async start(init: Omit<Init, "op" | "ledger">, startMs: number, hungAfterMs: number): Promise<void> {
    const ports = [
      ...init.inlets.map(({ port }) => port),
      ...(typeof init.options === "string" ? [] : init.options.slice(1)),
    ];
    this.#post(
      { op: "init", ...init, ledger: this.#ledger.buffer as SharedArrayBuffer },
      ports as MessagePort[],
    );
    const late = setTimeout(
      () => this.#finish({ how: "hung", reason: `it did not start within ${startMs} ms` }),
      startMs,
    );
    try {
      await this.#started.promise;
    } finally {
      clearTimeout(late);
    }
    if (hungAfterMs > 0 && !this.#over) this.#beat(hungAfterMs);
  }

  /** Asks it to end; after `limitMs` ends it. */
  async stop(limitMs: number): Promise<void> {
    if (!this.#over) {
      this.#stopping = true;
      this.#post({ op: "stop" });
      const late = setTimeout(() => this.kill(`it did not stop within ${limitMs} ms`), limitMs);
      await this.ended;
      clearTimeout(late);
    }
    await this.buried;
  }

  /** Ends it now. */
  kill(reason: string): void {
    this.#finish({ how: "killed", reason });
  }

  tell(news: LinkNews): void {
    this.#post(news, news.op === "up" ? [news.port] : []);
  }

  accept(inlet: InletSpec): void {
    this.#post({ op: "accept", inlet }, [inlet.port]);
  }

  drop(token: string): void {
    this.#post({ op: "drop", token });
  }

  /** Answers a request the worker made of the main thread. */
  answer(message: Extract<ToWorker, { op: "spawned" | "done" }>, ports: MessagePort[] = []): void {
    this.#post(message, ports);
  }

  takeSlot(): number {
    const slot = this.#free.pop() ?? (this.#nextSlot < LEDGER_SLOTS ? this.#nextSlot++ : -1);
    if (slot >= 0) this.#ledger.fill(0, slot * 2, slot * 2 + 2);
    return slot;
  }

  freeSlot(slot: number): void {
    if (slot >= 0) this.#freeing.set(this.#ping(), slot);
  }

  progress(slot: number): { begun: number; posted: number } {
    if (slot < 0) return { begun: Number.MAX_SAFE_INTEGER, posted: 0 };
    return { begun: this.#ledger[slot * 2]!, posted: this.#ledger[slot * 2 + 1]! };
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    if (!this.#over) return this.#worker.postMessage(message, transfer);
    // The worker has ended: nobody will close what did not go.
    for (const one of transfer) if (one instanceof MessagePort) one.close();
  }

  #hear(message: FromWorker): void {
    if (this.#over) return closePorts(message);
    this.#watch();
    switch (message.op) {
      case "started":
        return this.#started.resolve();
      case "start_failed":
      case "crashed":
        return this.#finish({ how: "crashed", reason: message.fault.message }, message.fault);
      case "ended":
        return this.#finish(
          this.#stopping
            ? { how: "shutdown", reason: "it was stopped" }
            : { how: "normal", reason: "it ended" },
        );
      case "pong":
        return this.#answered(message.n);
      case "primed":
        return;
      default:
        this.hear(message);
    }
  }

  /** The worker holds the lock since before it first spoke: we get it when the worker is gone. */
  #watch(): void {
    this.#lifeline ??= lifeline(this.blank.id, () => this.#over)?.then(() => {
      this.#finish({ how: "lost", reason: "it ended without a word" });
      this.#bury.resolve(true);
    });
  }

  /** Counts questions, not time: when the main thread was busy or the machine slept, no worker is to blame. */
  #beat(hungAfterMs: number): void {
    this.#heartbeat = setInterval(() => {
      if (this.#unanswered === UNANSWERED) {
        this.#finish({ how: "hung", reason: `it was silent for ${hungAfterMs} ms` });
      } else {
        this.#unanswered++;
        this.#ping();
      }
    }, Math.max(10, hungAfterMs / UNANSWERED));
    Deno.unrefTimer(this.#heartbeat);
  }

  #ping(): number {
    this.#post({ op: "ping", n: ++this.#pings });
    return this.#pings;
  }

  #answered(ping: number): void {
    this.#unanswered = 0;
    const slot = this.#freeing.get(ping);
    if (slot !== undefined) this.#free.push(slot);
    this.#freeing.delete(ping);
  }

  #finish(exit: Exit, fault?: FaultData): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#heartbeat);
    Atomics.store(new Int32Array(this.#ledger.buffer), LEDGER_OVER, 1);
    this.#worker.terminate();
    const wording = `Cannot start: ${exit.reason}`;
    this.#started.reject(new Fault("start_failed", wording, { retry: "later", cause: fault }));
    this.#end.resolve(exit);
    if (this.#lifeline === undefined) this.#bury.resolve(true);
    else {
      const late = setTimeout(() => this.#bury.resolve(false), BURIAL_MS);
      this.#bury.promise.then(() => clearTimeout(late));
    }
  }
}

/** What a dead worker still said hands nothing on. */
function closePorts(message: FromWorker): void {
  if (message.op === "mint") message.port.close();
  if (message.op !== "spawn" || typeof message.options === "string") return;
  for (const port of message.options.slice(1) as MessagePort[]) port.close();
}
