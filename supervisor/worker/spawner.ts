/**
 * The only place where workers are made (K12), and the pool of those that are ready.
 *
 * A new worker blocks the main thread for about 8 ms, so they are made one after the other, with a turn of
 * the event loop after every second one.
 *
 * @module
 */
import type { FromWorker, ToWorker } from "../actor/control.ts";
import type { Grant } from "../actor/grant.ts";
import type { ProcessSpec } from "../process/launch.ts";
import { createWorker } from "./create.ts";

/** A worker before it has an actor: its code, its permissions. */
export interface WorkerKind {
  /** URL of its entry. */
  readonly module: string;
  readonly grant: Grant;
  /** Of a worker that stands for a process. */
  readonly process?: ProcessSpec;
}

/** A worker that serves no actor yet. `worker.name` and lock name are `id`. */
export interface Blank {
  readonly id: string;
  readonly worker: Worker;
  /** True once it has spoken, so that its lifeline is known to be held. */
  readonly primed: boolean;
}

/** Makes workers, keeps spare ones. */
export class Spawner {
  #queue: Promise<void> = Promise.resolve();
  #inARow = 0;
  #closed = false;
  readonly #spare = new Map<string, Blank[]>();
  readonly #targets = new Map<string, number>();

  /** A worker of that kind: a spare one if there is one, and then the pool is filled again. */
  async take(kind: WorkerKind): Promise<Blank> {
    const key = keyOf(kind);
    const spare = this.#spare.get(key)?.shift();
    if (spare === undefined) return await this.#make(kind);
    this.#refill(kind);
    return spare;
  }

  /** Keeps at least `count` spare workers of that kind. */
  keep(kind: WorkerKind, count: number): void {
    const key = keyOf(kind);
    if (count <= (this.#targets.get(key) ?? 0)) return;
    this.#targets.set(key, count);
    this.#refill(kind);
  }

  /** How many spare workers of that kind are ready. */
  ready(kind: WorkerKind): number {
    return this.#spare.get(keyOf(kind))?.length ?? 0;
  }

  /** Ends the spare workers. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue;
    for (const { worker } of [...this.#spare.values()].flat()) worker.terminate();
    this.#spare.clear();
  }

  #refill(kind: WorkerKind): void {
    const key = keyOf(kind);
    const missing = (this.#targets.get(key) ?? 0) - this.ready(kind);
    for (let i = 0; i < missing; i++) {
      this.#make(kind).then((blank) => prime(blank, kind.process)).then((blank) => {
        const spare = this.#spare.get(key) ?? [];
        if (this.#closed || spare.length >= this.#targets.get(key)!) return blank.worker.terminate();
        this.#spare.set(key, [...spare, blank]);
      }, () => {
        // A kind that cannot be made says why to whoever asks for it; a pool of it stays empty.
      });
    }
  }

  #make(kind: WorkerKind): Promise<Blank> {
    const made = this.#queue.then(async () => {
      if (this.#inARow >= 2) {
        this.#inARow = 0;
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      this.#inARow++;
      const id = crypto.randomUUID();
      const worker = createWorker(kind, id);
      return { id, worker, primed: false };
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
