/**
 * Tasks over a runtime and a store of documents. What is asked for is written before it is begun, so whenever the
 * process dies, the next one goes on with every task that was not over.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Verdict } from "../../protocols/messages/approval.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import { Redactor } from "../../sandbox/secrets/redactor.ts";
import { clock as realClock } from "../../supervisor/actor/context.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import { newId as ulid } from "../../supervisor/actor/id.ts";
import { type DocumentsPort, patientDocuments } from "../../supervisor/durable/documents.ts";
import type { RunHandle } from "../runtime/runtime.ts";
import { type Keeping, LiveTask } from "./live_task.ts";
import { FINAL_STATES, type Task, type TaskEvent, type TaskOptions, type Tasks } from "./task.ts";
import { fromDocument, TASK, taskOf, type TaskRecord, toDocument } from "./task_record.ts";
import { Turnstile } from "./turnstile.ts";
import { endCanceled, work, type Workshop } from "./work.ts";

/** Tasks at work at once unless told otherwise. */
export const TASKS_AT_ONCE = 32;

/** What they are opened with. */
export interface OpenTasksOptions {
  readonly runtime: Workshop["runtime"];
  readonly documents: DocumentsPort;
  /** How many may be at work at once; the others wait as `working`, in order. Default {@linkcode TASKS_AT_ONCE}. */
  readonly atOnce?: number;
  /** What is taken out of all that is kept. Default nothing. */
  readonly secrets?: readonly Fingerprint[];
  /** Default real time. */
  readonly clock?: Clock;
  /** Default a ULID. */
  readonly newId?: () => string;
}

/** Tasks together with what works on them. */
export interface OpenedTasks extends Tasks {
  /** Goes on with those that were at work when the last process ended. Once, answers how many. */
  recover(): Promise<number>;
  /** Interrupts what is at work and waits until it has stopped; close it before the runtime. */
  close(): Promise<void>;
}

/** Opens them; nothing is begun before `recover` or `start`. */
export function openTasks(options: OpenTasksOptions): OpenedTasks {
  return new LiveTasks(options);
}

class LiveTasks implements OpenedTasks {
  readonly #keeping: Keeping;
  readonly #workshop: Workshop;
  /** Those that are not over and that somebody asked for in this process. */
  readonly #live = new Map<string, LiveTask>();
  #closed = false;

  constructor(options: OpenTasksOptions) {
    const { runtime, documents, atOnce = TASKS_AT_ONCE, secrets = [], clock = realClock, newId } = options;
    const random = () => crypto.getRandomValues(new Uint8Array(10));
    const newOne = newId ?? (() => ulid(clock.now(), random()));
    const redactor = new Redactor(secrets);
    this.#keeping = { documents: patientDocuments(documents, clock), clock, newId: newOne, redactor };
    this.#workshop = { runtime, clock, turnstile: new Turnstile(atOnce) };
  }

  async start(owner: string, text: string, { id, limits = {} }: TaskOptions = {}): Promise<Task> {
    if (this.#closed) throw stopping();
    const { newId, redactor } = this.#keeping;
    const live = await this.#created({ id: id ?? newId(), owner, text: redactor.text(text), limits });
    try {
      const handle = await this.#begun(live);
      const { task } = live;
      void this.#work(live, handle);
      return task;
    } catch (error) {
      await this.#keeping.documents.remove({ kind: TASK, id: live.record.id }).finally(() =>
        this.#forget(live)
      );
      throw error;
    }
  }

  async get(owner: string, id: string): Promise<Task | null> {
    const found = await this.#find(owner, id);
    return found && taskOf(found instanceof LiveTask ? found.record : found);
  }

  async list(owner: string, limit: number, before?: Pick<Task, "updatedAt" | "id">): Promise<Task[]> {
    const place = before === undefined ? {} : { before: { updatedAt: before.updatedAt, id: before.id } };
    const documents = await this.#keeping.documents.list({ kind: TASK, owner, limit, ...place });
    return documents.map((document) => taskOf(fromDocument(document)));
  }

  async *watch(owner: string, id: string, signal?: AbortSignal): AsyncGenerator<TaskEvent, void, void> {
    const found = await this.#find(owner, id);
    if (found === null) throw new Fault("unknown_task", `Cannot watch task ${id}: there is none`);
    if (found instanceof LiveTask) yield* found.watch(signal);
    else if (!signal?.aborted) yield { type: "task", task: taskOf(found) };
  }

  async answer(owner: string, id: string, question: string, verdict: Verdict): Promise<boolean> {
    const live = this.#live.get(id);
    return live?.record.owner === owner && await live.answer(question, verdict);
  }

  async cancel(owner: string, id: string): Promise<Task | null> {
    const found = await this.#find(owner, id);
    if (!(found instanceof LiveTask)) return found && taskOf(found);
    await found.note({ canceled: true });
    found.leave();
    if (found.atWork) await found.rested;
    else await this.#working(found, () => endCanceled(this.#workshop, found));
    return found.task;
  }

  async recover(): Promise<number> {
    let going = 0;
    for (const { owner, id } of await this.#unfinished()) {
      const live = await this.#find(owner, id);
      if (this.#closed) break;
      if (!(live instanceof LiveTask) || live.atWork) continue;
      if (live.record.canceled) live.leave();
      else going++;
      void this.#work(live);
    }
    return going;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const left = [...this.#live.values()];
    for (const live of left) {
      live.leave();
      if (!live.atWork) live.rest();
    }
    await Promise.all(left.map(({ rested }) => rested));
  }

  /** Durable, and known to this process. @throws {Fault} code `task_known`. */
  async #created(wanted: Pick<TaskRecord, "id" | "owner" | "text" | "limits">): Promise<LiveTask> {
    const { documents, clock } = this.#keeping;
    const { id } = wanted;
    if (!ID.test(id)) {
      throw new Fault("bad_request", "Cannot start a task under that id: it is no name of a file");
    }
    if (this.#live.has(id)) throw taken(id);
    const now = clock.now();
    const live = this.#keep({ ...wanted, state: "working", createdAt: now, updatedAt: now, questions: [] });
    live.atWork = true;
    try {
      if (await documents.get({ kind: TASK, id }) !== null) throw taken(id);
      await documents.put(toDocument(live.record));
      return live;
    } catch (error) {
      this.#forget(live);
      throw error;
    }
  }

  /** Its run, where it need not wait for others; undefined when it must. */
  async #begun(live: LiveTask): Promise<RunHandle | undefined> {
    const { runtime, turnstile } = this.#workshop;
    if (live.leaving.aborted || !turnstile.tryEnter()) return undefined;
    const { id, text, limits } = live.record;
    try {
      return await runtime.start(text, limits, { run: id });
    } catch (error) {
      turnstile.leave();
      throw error;
    }
  }

  #work(live: LiveTask, handle?: RunHandle): Promise<void> {
    return this.#working(live, () => work(this.#workshop, live, handle));
  }

  /** Left by everybody afterwards, for the next process where it is not over. */
  async #working(live: LiveTask, act: () => Promise<void>): Promise<void> {
    live.atWork = true;
    await act().finally(() => this.#forget(live));
  }

  #keep(record: TaskRecord): LiveTask {
    const live = new LiveTask(this.#keeping, record);
    this.#live.set(record.id, live);
    return live;
  }

  #forget(live: LiveTask): void {
    live.rest();
    this.#live.delete(live.record.id);
  }

  /** Alive unless it is over; null when this owner has none of that id. */
  async #find(owner: string, id: string): Promise<LiveTask | TaskRecord | null> {
    const document = this.#live.has(id) ? null : await this.#keeping.documents.get({ kind: TASK, id });
    const live = this.#live.get(id);
    if (live !== undefined) return live.record.owner === owner ? live : null;
    if (document === null || document.owner !== owner) return null;
    const record = fromDocument(document);
    return this.#closed || FINAL_STATES.has(record.state) ? record : this.#keep(record);
  }

  /** Those of all owners, the oldest first. */
  async #unfinished(): Promise<TaskRecord[]> {
    const found: TaskRecord[] = [];
    for (const state of ["working", "asking"]) {
      for (let before: Pick<Task, "updatedAt" | "id"> | undefined, more = true; more;) {
        const place = before === undefined ? {} : { before };
        const page = await this.#keeping.documents.list({ kind: TASK, state, limit: PAGE, ...place });
        found.push(...page.map(fromDocument));
        before = page.map(({ updatedAt, id }) => ({ updatedAt, id })).at(-1);
        more = page.length === PAGE;
      }
    }
    return found.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }
}

/** An id is also the name of a lock file. */
const ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Documents read at once. */
const PAGE = 1000;

function stopping(): Fault {
  return new Fault("stopping", "Cannot start a task: the service is ending", { retry: "later" });
}

function taken(id: string): Fault {
  return new Fault("task_known", `Cannot start task ${id}: there is one of that id`);
}
