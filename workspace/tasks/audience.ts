/**
 * Whoever watches one task: each at their own pace, none holds the task up.
 *
 * @module
 */
import { Backlog } from "../runtime/backlog.ts";
import type { Task, TaskEvent } from "./task.ts";

/** Events a watcher may fall behind before it misses the oldest `run` events. */
export const WATCHER_BACKLOG = 10_000;

/** The watchers of one task. */
export class Audience {
  readonly #watchers = new Set<Backlog<TaskEvent>>();
  #dismissed = false;

  /** Tells all of them. */
  tell(event: TaskEvent): void {
    for (const watcher of this.#watchers) watcher.push(event);
  }

  /** Ends every watch after what was told; whoever comes later only sees how the task stands. */
  dismiss(): void {
    this.#dismissed = true;
    for (const watcher of this.#watchers) watcher.close();
  }

  /** The task as it stands, then what they are told from now on, until dismissed or `signal` is aborted. */
  async *watch(task: Task, signal?: AbortSignal): AsyncGenerator<TaskEvent, void, void> {
    if (signal?.aborted) return;
    const watcher = new Backlog<TaskEvent>({ limit: WATCHER_BACKLOG, mayDrop: ({ type }) => type === "run" });
    if (this.#dismissed) watcher.close();
    const leave = () => watcher.leave();
    this.#watchers.add(watcher);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      yield { type: "task", task };
      yield* watcher;
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
