/**
 * The only place where workers are made (K12), and the pool of those that are ready.
 *
 * A new worker blocks the main thread for about 8 ms, so they are made one after the other, with a turn of
 * the event loop after every second one.
 *
 * @module
 */
import type { FromWorker, ToWorker } from "../actor/control.ts";
import type { ProcessSpec } from "../process/launch.ts";
import { createWorker, type WorkerKind } from "./create.ts";

/** A worker that serves no actor yet. `worker.name` and lock name are `id`. */
export interface Blank {
  readonly id: string;
  readonly worker: Worker;
  /** True once it has spoken, so that its lifeline is known to be held. */
  readonly primed: boolean;
}

/** Spare workers of one kind. */
interface Pool {
  readonly kind: WorkerKind;
  readonly spare: Blank[];
  target: number;
  /** The last attempt failed: none is made until somebody asks again. */
  failed: boolean;
}

/** Milliseconds nobody must have asked for a worker before a pool is filled: making one blocks the main thread. */
const QUIET_MS = 20;

/** Makes workers, keeps spare ones. */
export class Spawner {
  #queue: Promise<void> = Promise.resolve();
  #inARow = 0;
  #turn: Promise<void> | undefined;
  #closed = false;
  readonly #pools = new Map<string, Pool>();
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #filling: Promise<void> | undefined;

  /** A worker of that kind: a spare one if there is one, and then the pool is filled again. */
  take(kind: WorkerKind): Promise<Blank> {
    const pool = this.#pools.get(keyOf(kind));
    if (pool === undefined) return this.#make(kind);
    pool.failed = false;
    this.#fillLater(QUIET_MS);
    const spare = pool.spare.shift();
    return spare === undefined ? this.#make(kind) : Promise.resolve(spare);
  }

  /** Keeps at least `count` spare workers of that kind. */
  keep(kind: WorkerKind, count: number): void {
    const key = keyOf(kind);
    const pool = this.#pools.get(key) ?? { kind, spare: [], target: 0, failed: false };
    this.#pools.set(key, pool);
    pool.target = Math.max(pool.target, count);
    pool.failed = false;
    this.#fillLater(QUIET_MS);
  }

  /** How many spare workers of that kind are ready. */
  ready(kind: WorkerKind): number {
    return this.#pools.get(keyOf(kind))?.spare.length ?? 0;
  }

  /** Ends the spare workers. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#quiet);
    await this.#filling;
    await this.#queue;
    await this.#turn;
    for (const { spare } of this.#pools.values()) for (const { worker } of spare) worker.terminate();
    this.#pools.clear();
  }

  #fillLater(ms: number): void {
    clearTimeout(this.#quiet);
    if (this.#closed) return;
    this.#quiet = setTimeout(() => {
      this.#filling ??= this.#fill().finally(() => this.#filling = undefined);
    }, ms);
  }

  /** One worker; then whoever waits for the main thread goes first, then the next. */
  async #fill(): Promise<void> {
    const pool = [...this.#pools.values()].find(({ spare, target, failed }) =>
      !failed && spare.length < target
    );
    if (pool !== undefined) {
      try {
        const blank = await this.#make(pool.kind);
        pool.spare.push(await prime(blank, pool.kind.process));
      } catch {
        // A kind that cannot be made says why to whoever asks for it.
        pool.failed = true;
      }
      this.#fillLater(0);
    }
  }

  #make(kind: WorkerKind): Promise<Blank> {
    const made = this.#queue.then(async () => {
      if (this.#inARow >= 2) await this.#turn;
      this.#inARow++;
      this.#turn ??= new Promise((resolve) => setTimeout(resolve, 0)).then(() => {
        this.#inARow = 0;
        this.#turn = undefined;
      });
      const id = crypto.randomUUID();
      return { id, worker: createWorker(kind, id), primed: false };
    });
    this.#queue = made.then(() => {}, () => {});
    return made;
  }
}

/** Lets a worker load and compile what its first message needs. */
function prime(blank: Blank, process: ProcessSpec | undefined): Promise<Blank> {
  const { worker } = blank;
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.op === "primed") resolve({ ...blank, primed: true });
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      reject(new Error(event.message));
    };
    worker.postMessage({ op: "prime", process } satisfies ToWorker);
  });
}

function keyOf(kind: WorkerKind): string {
  return JSON.stringify(kind);
}
