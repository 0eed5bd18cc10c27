/**
 * Tasks in memory that a test steers: nothing happens to a task but what the test, or the script it gave, makes happen.
 *
 * ```ts
 * const tasks = new FakeTasks((task) => {
 *   tasks.emit(task.id, { type: "text", agent: "lead", text: "4" });
 *   tasks.complete(task.id, "4");
 * });
 * ```
 *
 * @module
 */
import type { Question, Verdict } from "../../protocols/messages/approval.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { RunEvent, RunOutcome, RunStatus } from "../../protocols/messages/run.ts";
import { Audience } from "../../workspace/tasks/audience.ts";
import { STATE_AFTER } from "../../workspace/tasks/standing.ts";
import {
  FINAL_STATES,
  type OpenQuestion,
  type Task,
  type TaskEvent,
  type TaskOptions,
  type Tasks,
  type TaskState,
} from "../../workspace/tasks/task.ts";

interface Kept {
  task: Task;
  readonly audience: Audience;
  /** By id of the question. */
  readonly waiting: Map<string, (verdict: Verdict) => void>;
}

/** What {@linkcode FakeTasks} does once a task was started; the caller of `start` has been answered by then. */
export type TaskScript = (task: Task) => void | Promise<void>;

/** See the module. Moments grow by one a change, from 1000 on. */
export class FakeTasks implements Tasks {
  /** What was started, oldest first, with the limits it was started with. */
  readonly started: { task: Task; options: TaskOptions }[] = [];
  /** Ids of what was canceled while it was at work. */
  readonly stopped: string[] = [];
  readonly #kept = new Map<string, Kept>();
  readonly #script: TaskScript | undefined;
  #now = 1_000;
  #questions = 0;
  #closed = false;

  constructor(script?: TaskScript) {
    this.#script = script;
  }

  start(owner: string, text: string, options: TaskOptions = {}): Promise<Task> {
    if (this.#closed) {
      return Promise.reject(new Fault("stopping", "Cannot start a task: the service is ending"));
    }
    const id = options.id ?? `task-${this.#kept.size + 1}`;
    if (this.#kept.has(id)) {
      return Promise.reject(new Fault("task_known", `Cannot start task ${id}: there is one already`));
    }
    const at = this.#tick();
    const task: Task = { id, owner, text, state: "working", createdAt: at, updatedAt: at, questions: [] };
    this.#kept.set(id, { task, audience: new Audience(), waiting: new Map() });
    this.started.push({ task, options });
    if (this.#script !== undefined) setTimeout(() => void this.#script!(task), 0);
    return Promise.resolve(task);
  }

  get(owner: string, id: string): Promise<Task | null> {
    return Promise.resolve(this.#of(owner, id)?.task ?? null);
  }

  list(owner: string, limit: number, before?: Pick<Task, "updatedAt" | "id">): Promise<Task[]> {
    const older = (a: Pick<Task, "updatedAt" | "id">, b: Pick<Task, "updatedAt" | "id">) =>
      b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
    const mine = [...this.#kept.values()].map(({ task }) => task).filter((task) => task.owner === owner);
    const behind = mine.filter((task) => before === undefined || older(before, task) < 0);
    return Promise.resolve(behind.toSorted(older).slice(0, limit));
  }

  async *watch(owner: string, id: string, signal?: AbortSignal): AsyncGenerator<TaskEvent, void, void> {
    const kept = this.#of(owner, id);
    if (kept === undefined) throw new Fault("unknown_task", `Cannot watch task ${id}: there is none`);
    yield* kept.audience.watch(kept.task, signal);
  }

  answer(owner: string, id: string, question: string, verdict: Verdict): Promise<boolean> {
    const kept = this.#of(owner, id);
    const answered = kept?.waiting.get(question);
    if (kept === undefined || answered === undefined) return Promise.resolve(false);
    kept.waiting.delete(question);
    const questions = kept.task.questions.filter((open) => open.id !== question);
    this.#change(kept, { questions, state: questions.length === 0 ? "working" : "asking" });
    answered(verdict);
    return Promise.resolve(true);
  }

  cancel(owner: string, id: string): Promise<Task | null> {
    const kept = this.#of(owner, id);
    if (kept === undefined) return Promise.resolve(null);
    if (!FINAL_STATES.has(kept.task.state)) {
      this.stopped.push(id);
      this.end(id, "interrupted", "", "canceled");
    }
    return Promise.resolve(kept.task);
  }

  /** Its run went on. */
  emit(id: string, event: RunEvent): void {
    this.#at(id).audience.tell({ type: "run", event });
  }

  /** It asks its owner; resolves with the answer, never when it ends before. */
  ask(id: string, question: Question): Promise<Verdict> {
    const kept = this.#at(id);
    const open: OpenQuestion = { id: `q${++this.#questions}`, question };
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    kept.waiting.set(open.id, resolve);
    this.#change(kept, { questions: [...kept.task.questions, open], state: "asking" });
    return promise;
  }

  /** It ends as `answered`. */
  complete(id: string, answer: string): void {
    this.end(id, "answered", answer);
  }

  /** It ends: by default in the state that follows from `status`, canceled for an interrupted one. */
  end(id: string, status: RunStatus, answer = "", state?: TaskState, reason?: string): void {
    const kept = this.#at(id);
    if (FINAL_STATES.has(kept.task.state)) throw new Error(`task ${id} is over already`);
    const spent = { turns: 1, inputTokens: 10, outputTokens: 5, nanoUsd: 0 };
    const outcome: RunOutcome = { status, answer, spent, ...(reason === undefined ? {} : { reason }) };
    this.#change(kept, { outcome, questions: [], state: state ?? STATE_AFTER[status] ?? "canceled" });
    kept.waiting.clear();
    kept.audience.dismiss();
  }

  /** How many watch a task now. */
  watching(id: string): number {
    return this.#at(id).audience.size;
  }

  /** The service ends: watches end early, nothing is started any more. */
  close(): void {
    this.#closed = true;
    for (const { audience } of this.#kept.values()) audience.dismiss();
  }

  #of(owner: string, id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    return kept?.task.owner === owner ? kept : undefined;
  }

  #at(id: string): Kept {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw new Error(`no task ${id}`);
    return kept;
  }

  #change(kept: Kept, change: Partial<Task>): void {
    kept.task = { ...kept.task, ...change, updatedAt: this.#tick() };
    kept.audience.tell({ type: "task", task: kept.task });
  }

  #tick(): number {
    return this.#now++;
  }
}
