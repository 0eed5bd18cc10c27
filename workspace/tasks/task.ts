/**
 * Tasks that somebody outside asked for, over A2A or MCP. A task is a run of the same id, with an owner.
 *
 * @module
 */
import type { Question, Verdict } from "../../protocols/messages/approval.ts";
import type { Limits, RunEvent, RunOutcome } from "../../protocols/messages/run.ts";

/**
 * Where a task stands. `asking` waits for an answer to its question; the last four are final. `failed` also after a
 * limit, `rejected` when what it needs is denied.
 */
export type TaskState = "working" | "asking" | "completed" | "failed" | "rejected" | "canceled";

/** The states in which nothing happens any more. */
export const FINAL_STATES: ReadonlySet<TaskState> = new Set<TaskState>([
  "completed",
  "failed",
  "rejected",
  "canceled",
]);

/** Something a task asks its owner. */
export interface OpenQuestion {
  /** To be answered under. */
  readonly id: string;
  /** What is asked. */
  readonly question: Question;
}

/** A task as it stands. */
export interface Task {
  /** Also the id of its run. */
  readonly id: string;
  /** Who asked for it; nobody else is told of it. */
  readonly owner: string;
  /** What is to be done. */
  readonly text: string;
  /** Where it stands. */
  readonly state: TaskState;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /**
   * Oldest first; not empty while `asking`. A question waits as long as the tool that asks it, then it is withdrawn; one
   * of the task itself waits for good. After a restart they are asked again, under other ids.
   */
  readonly questions: readonly OpenQuestion[];
  /** Once it is over, unless it was canceled before it began. */
  readonly outcome?: RunOutcome;
}

/** What whoever watches a task is told: first how it stands, then what happens, last how it ended. */
export type TaskEvent =
  /** It stands otherwise than before: begun to ask, answered, over. */
  | { readonly type: "task"; readonly task: Task }
  /** Its run went on. A run that is resumed tells again what happened, from its `run_started` on. */
  | { readonly type: "run"; readonly event: RunEvent };

/** How a task is started. */
export interface TaskOptions {
  /** Default a new one. */
  readonly id?: string;
  /** Default those of the configuration. */
  readonly limits?: Partial<Limits>;
}

/** The tasks of all owners. To an owner the tasks of others are as if they were not there. */
export interface Tasks {
  /**
   * Begins a task; it is durable when this answers, and goes on whoever watches.
   * @throws {Fault} code `task_known` when that id is taken, `bad_request` when it is none for a file, `stopping` while
   * the service ends; `no_model` and what else keeps a run from beginning, where it need not wait for others.
   */
  start(owner: string, text: string, options?: TaskOptions): Promise<Task>;
  /** Null when this owner has none of that id. */
  get(owner: string, id: string): Promise<Task | null>;
  /** Last changed first, at most `limit` (1 to 1000), from behind `before`. */
  list(owner: string, limit: number, before?: Pick<Task, "updatedAt" | "id">): Promise<Task[]>;
  /**
   * The task as it stands, then what happens from now on, until it is over or `signal` is aborted; a task that is over
   * is told of once. Ends early, without a final state, when the service ends: the task goes on with the next one. A
   * watcher that falls 10 000 events behind misses the oldest `run` events, never a `task` event.
   * @throws {Fault} code `unknown_task`.
   */
  watch(owner: string, id: string, signal?: AbortSignal): AsyncIterable<TaskEvent>;
  /** Answers a question. False when it is not open (any more). */
  answer(owner: string, id: string, question: string, verdict: Verdict): Promise<boolean>;
  /**
   * Stops it for good: durable when this answers, and its actors are gone. One that is over stays as it is. Null when
   * this owner has none of that id.
   */
  cancel(owner: string, id: string): Promise<Task | null>;
}
