/**
 * Whoever watches one task: each at their own pace, none holds the task up.
 *
 * @module
 */
import type { Task, TaskEvent } from "./task.ts";

/** Events a watcher may fall behind before it misses the oldest `run` events. */
export const WATCHER_BACKLOG = 10_000;

/** The watchers of one task. */
export class Audience {
  readonly #watchers = new Set<Watcher>();
  #dismissed = false;

  /** Tells all of them. */
  tell(event: TaskEvent): void {
    for (const watcher of this.#watchers) watcher.push(event);
  }

  /** Ends every watch after what was told; whoever comes later only sees how the task stands. */
  dismiss(): void {
    this.#dismissed = true;
    for (const watcher of this.#watchers) watcher.end();
  }

  /** The task as it stands, then what they are told from now on, until dismissed or `signal` is aborted. */
  async *watch(task: Task, signal?: AbortSignal): AsyncGenerator<TaskEvent, void, void> {
    if (signal?.aborted) return;
    const watcher = new Watcher();
    if (this.#dismissed) watcher.end();
    const leave = () => watcher.leave();
    this.#watchers.add(watcher);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      yield { type: "task", task };
      yield* watcher.events();
    } finally {
      signal?.removeEventListener("abort", leave);
      this.#watchers.delete(watcher);
    }
  }

  /** How many watch now. */
  get size(): number {
    return this.#watchers.size;
  }
}

class Watcher {
  #queue: TaskEvent[] = [];
  #wake = Promise.withResolvers<void>();
  #ended = false;

  push(event: TaskEvent): void {
    if (this.#ended) return;
    if (this.#queue.length >= WATCHER_BACKLOG) this.#forget();
    this.#queue.push(event);
    this.#wake.resolve();
  }

  end(): void {
    this.#ended = true;
    this.#wake.resolve();
  }

  leave(): void {
    this.#queue = [];
    this.end();
  }

  async *events(): AsyncGenerator<TaskEvent, void, void> {
    while (true) {
      const told = this.#queue.shift();
      if (told !== undefined) yield told;
      else if (this.#ended) return;
      else {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    }
  }

  #forget(): void {
    const oldest = this.#queue.findIndex(({ type }) => type === "run");
    if (oldest >= 0) this.#queue.splice(oldest, 1);
  }
}
