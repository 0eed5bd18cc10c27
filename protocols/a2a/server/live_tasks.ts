/**
 * The tasks something happens in, each watched once, however many want to know of it.
 *
 * @module
 */
import type { StreamResponse, Task } from "@a2a-js/sdk";
import { TaskState } from "@a2a-js/sdk";
import { Fault } from "../../messages/fault.ts";
import { LiveTask, stateOf } from "./live_task.ts";
import { TERMINAL, textPart } from "./parts.ts";
import type { TaskBook } from "./task_book.ts";
import type { Workshop } from "./workshop.ts";

/** What {@linkcode LiveTasks} works with. */
export interface LiveTasksOptions {
  readonly workshop: Workshop;
  readonly book: TaskBook;
  /** Hears every event once, in order, with the task as it stands after it. */
  readonly told: (owner: string, task: Task, event: StreamResponse) => void;
  /** Hears of what went wrong and was dealt with. */
  readonly report: (problem: string, cause: unknown) => void;
}

/** A task as it stands; `live` while it is not over, unless this process ends. */
export interface Found {
  readonly task: Task;
  readonly live?: LiveTask;
}

/** See the module. */
export class LiveTasks {
  readonly #options: LiveTasksOptions;
  readonly #live = new Map<string, LiveTask>();
  /** By task: the writing under way; how it stands then is written next. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #unwritten = new Set<string>();
  readonly #watching = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: LiveTasksOptions) {
    this.#options = options;
  }

  /** A task that has just begun; see {@linkcode LiveTasks.written}. */
  enter(owner: string, task: Task): LiveTask {
    const live = this.#watch(owner, task);
    live.begin();
    return live;
  }

  /** A task of this owner, watched if it is not over; null when there is none. */
  async find(owner: string, id: string): Promise<Found | null> {
    const known = this.#live.get(id);
    if (known !== undefined) return known.owner === owner ? await this.#heard(known) : null;
    const task = await this.#options.book.read(owner, id);
    if (task === null) return null;
    if (TERMINAL.has(stateOf(task)) || this.#closing.signal.aborted) return { task };
    return await this.#heard(this.#live.get(id) ?? this.#watch(owner, task));
  }

  /** Watches all that were not over when the last process ended. */
  async recover(): Promise<void> {
    const unfinished = await Array.fromAsync(this.#options.book.unfinished());
    for (const { owner, task } of unfinished) {
      if (!this.#live.has(task.id) && !this.#closing.signal.aborted) this.#watch(owner, task);
    }
  }

  /** Resolves when how it stands is written down. */
  written(live: LiveTask): Promise<void> {
    return this.#write(live);
  }

  /** Whoever listens is told no more; tasks go on. Resolves when all is written down. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#watching);
    await Promise.all(this.#writing.values());
  }

  #watch(owner: string, task: Task): LiveTask {
    const live = new LiveTask(owner, task, (_, event, lasting) => {
      if (lasting) void this.#write(live);
      this.#options.told(owner, live.task, event);
    });
    this.#live.set(task.id, live);
    const watching = this.#follow(live).finally(() => this.#watching.delete(watching));
    this.#watching.add(watching);
    return live;
  }

  async #follow(live: LiveTask): Promise<void> {
    const { id } = live.task;
    try {
      for await (const happening of this.#options.workshop.watch(live.owner, id, this.#closing.signal)) {
        live.apply(happening);
      }
    } catch (error) {
      if (Fault.of(error).code === "unknown_task") live.apply(LOST);
      else this.#options.report(`Cannot follow task ${id}`, error);
    }
    await this.#writing.get(id);
    this.#live.delete(id);
    live.end();
  }

  async #heard(live: LiveTask): Promise<Found> {
    await live.heard;
    return { task: live.task, live };
  }

  /** One write at a time, of how it stands when its turn comes. */
  #write(live: LiveTask): Promise<void> {
    const { id } = live.task;
    this.#unwritten.add(id);
    const writing = this.#writing.get(id) ?? this.#writeAll(live).finally(() => this.#writing.delete(id));
    this.#writing.set(id, writing);
    return writing;
  }

  async #writeAll(live: LiveTask): Promise<void> {
    while (this.#unwritten.delete(live.task.id)) {
      await Promise.resolve(); // what happens in one moment is written once
      try {
        await this.#options.book.write(live.owner, live.task);
      } catch (error) {
        this.#options.report(`Cannot write down task ${live.task.id}`, error);
      }
    }
  }
}

const LOST = {
  type: "status",
  state: TaskState.TASK_STATE_FAILED,
  parts: [textPart("What worked on this task is not known any more")],
} as const;
