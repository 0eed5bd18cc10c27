/**
 * The only place where workers are made (K12), and the pool of those that are ready.
 *
 * A new worker blocks the main thread for about 8 ms, so they are made one after the other, with a turn of
 * the event loop after every second one.
 *
 * @module
 */
import { createWorker, type WorkerKind } from "./create.ts";
import { prime } from "./prime.ts";

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
  /** How many each of those who keep it asked for: the highest count holds. */
  readonly wanted: Map<object, number>;
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
  readonly #closing = new AbortController();
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

  /** Keeps at least `count` spare workers of that kind until `owner` asks for another count or is released. */
  keep(kind: WorkerKind, count: number, owner: object): void {
    const key = keyOf(kind);
    const pool = this.#pools.get(key) ?? { kind, spare: [], wanted: new Map(), failed: false };
    this.#pools.set(key, pool);
    pool.wanted.set(owner, count);
    pool.failed = false;
    this.#trim();
    this.#fillLater(QUIET_MS);
  }

  /** Ends the spare workers that were kept for `owner` alone. */
  release(owner: object): void {
    for (const { wanted } of this.#pools.values()) wanted.delete(owner);
    this.#trim();
  }

  /** How many spare workers of that kind are ready. */
  ready(kind: WorkerKind): number {
    return this.#pools.get(keyOf(kind))?.spare.length ?? 0;
  }

  /** Ends the spare workers. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#quiet);
    await this.#filling;
    await this.#queue;
    await this.#turn;
    for (const { wanted } of this.#pools.values()) wanted.clear();
    this.#trim();
  }

  #trim(...more: Pool[]): void {
    for (const pool of [...this.#pools.values(), ...more]) {
      const target = targetOf(pool);
      while (pool.spare.length > target) pool.spare.pop()!.worker.terminate();
      if (target === 0) this.#pools.delete(keyOf(pool.kind));
    }
  }

  #fillLater(ms: number): void {
    clearTimeout(this.#quiet);
    if (this.#closing.signal.aborted) return;
    this.#quiet = setTimeout(() => {
      this.#filling ??= this.#fill().finally(() => this.#filling = undefined);
    }, ms);
  }

  /** One worker; then whoever waits for the main thread goes first, then the next. */
  async #fill(): Promise<void> {
    const pool = [...this.#pools.values()].find((pool) => !pool.failed && pool.spare.length < targetOf(pool));
    if (pool !== undefined) {
      try {
        const blank = await this.#make(pool.kind);
        const died = () => void (pool.failed = true, remove(pool.spare, blank.id));
        await prime(blank, pool.kind.process, this.#closing.signal, died);
        pool.spare.push({ ...blank, primed: true });
        this.#trim(pool);
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

function targetOf({ wanted }: Pool): number {
  return Math.max(0, ...wanted.values());
}

function remove(spare: Blank[], id: string): void {
  const at = spare.findIndex((blank) => blank.id === id);
  if (at >= 0) spare.splice(at, 1);
}

function keyOf(kind: WorkerKind): string {
  return JSON.stringify(kind);
}
