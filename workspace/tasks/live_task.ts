/**
 * A task that is not over, as this process knows it: what is written of it, who watches it, what it asks.
 *
 * @module
 */
import type { Question, Verdict } from "../../protocols/messages/approval.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { RunEvent, RunOutcome } from "../../protocols/messages/run.ts";
import type { Redactor } from "../../sandbox/secrets/redactor.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { DocumentsPort } from "../../supervisor/durable/documents.ts";
import { Audience } from "./audience.ts";
import { FINAL_STATES, type Task, type TaskEvent, type TaskState } from "./task.ts";
import { fromDocument, TASK, taskOf, type TaskRecord, toDocument } from "./task_record.ts";

/** What it is kept with. */
export interface Keeping {
  readonly documents: DocumentsPort;
  readonly clock: Clock;
  readonly newId: () => string;
  /** What it knows is not kept. */
  readonly redactor: Redactor;
}

/** Nobody is told of a change before it is durable. */
export class LiveTask {
  readonly #keeping: Keeping;
  readonly #audience = new Audience();
  readonly #leaving = new AbortController();
  readonly #rested = Promise.withResolvers<void>();
  /** By id of the question. */
  readonly #asked = new Map<string, (verdict: Verdict) => void>();
  #record: TaskRecord;
  #written: Promise<void> = Promise.resolve();
  /** What it had asked when the last process left it; until somebody goes on with it. */
  leftAsking: Task["questions"];
  /** The calls it will be blocked by have not begun: they waited for a permission when the last process left them. */
  onlyWaited = false;
  /** Somebody works on it in this process. */
  atWork = false;

  constructor(keeping: Keeping, record: TaskRecord) {
    this.#keeping = keeping;
    this.#record = record;
    this.leftAsking = record.questions;
  }

  /** As it stands. */
  get record(): TaskRecord {
    return this.#record;
  }

  /** What its owner is told. */
  get task(): Task {
    return taskOf(this.#record);
  }

  /** Aborted when whoever works on it must leave: it was canceled, or the service ends. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /** Resolves when nobody works on it any more. */
  get rested(): Promise<void> {
    return this.#rested.promise;
  }

  /** Has whoever works on it leave. */
  leave(): void {
    this.#leaving.abort();
  }

  /** As {@linkcode Audience.watch}. */
  watch(signal?: AbortSignal): AsyncIterable<TaskEvent> {
    return this.#audience.watch(this.task, signal);
  }

  /** Its run went on. */
  hear(event: RunEvent): void {
    this.#audience.tell({ type: "run", event });
  }

  /** Writes what its owner is not told. */
  note(facts: Pick<TaskRecord, "canceled" | "said">): Promise<void> {
    return this.#write(() => facts, false);
  }

  /**
   * Asks its owner; resolves when answered, or as not allowed when `withdrawn` is aborted. A question that is open when
   * this process must leave stays written: it says where the work stood.
   */
  async ask(question: Question, withdrawn: AbortSignal): Promise<Verdict> {
    const open = { id: this.#keeping.newId(), question: this.#keeping.redactor.data(question) };
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const withdraw = () => resolve(WITHDRAWN);
    this.#asked.set(open.id, resolve);
    withdrawn.addEventListener("abort", withdraw, { once: true });
    if (withdrawn.aborted) withdraw();
    try {
      await this.#write(({ questions }) => asking([...questions, open]));
      const verdict = await promise;
      if (verdict === WITHDRAWN && !this.leaving.aborted) await this.#close(open.id);
      return verdict;
    } finally {
      withdrawn.removeEventListener("abort", withdraw);
      this.#asked.delete(open.id);
    }
  }

  /** Answers a question; false when it is not open. */
  async answer(id: string, verdict: Verdict): Promise<boolean> {
    const settle = this.#asked.get(id);
    if (settle === undefined || !this.#asked.delete(id)) return false;
    try {
      await this.#close(id);
    } catch (error) {
      this.#asked.set(id, settle);
      throw error;
    }
    settle(verdict);
    return true;
  }

  /** Reads what another process wrote of it meanwhile; answers whether it is over. */
  async refresh(): Promise<boolean> {
    const { id } = this.#record;
    const document = await this.#keeping.documents.get({ kind: TASK, id });
    if (document !== null) this.#become(fromDocument(document));
    if (this.#record.canceled) this.leave();
    return FINAL_STATES.has(this.#record.state);
  }

  /** It goes on from the beginning of its work: what it asked before is asked again. */
  async anew(): Promise<void> {
    if (this.#record.questions.length > 0) await this.#write(() => asking([]));
  }

  /** It is over for good. An end that cannot be written is told all the same, and says so. */
  async end(state: TaskState, outcome?: RunOutcome): Promise<void> {
    const end = (ended = outcome) => ({
      state,
      questions: [],
      ...(ended === undefined ? {} : { outcome: ended }),
    });
    try {
      await this.#write(() => end());
    } catch (error) {
      const unwritten = `The end of the task is not recorded: ${Fault.of(error).message}`;
      const reason = [outcome?.reason, unwritten].filter((said) => said !== undefined).join(". ");
      this.#become({ ...this.#record, ...end(outcome && { ...outcome, reason }) });
    }
    this.rest();
  }

  /** Nobody works on it any more, in this process. */
  rest(): void {
    this.#audience.dismiss();
    this.#rested.resolve();
  }

  #close(id: string): Promise<void> {
    return this.#write(({ questions }) => asking(questions.filter((open) => open.id !== id)));
  }

  /** One write after the other; none once it is over. */
  #write(change: (now: TaskRecord) => Partial<TaskRecord>, told = true): Promise<void> {
    const { documents, clock } = this.#keeping;
    const written = this.#written.then(async () => {
      if (FINAL_STATES.has(this.#record.state)) return;
      const next = { ...this.#record, ...change(this.#record), updatedAt: clock.now() };
      await documents.put(toDocument(next));
      this.#become(next, told);
    });
    this.#written = written.catch(() => {}); // whoever asked for the write hears of it
    return written;
  }

  #become(record: TaskRecord, told = true): void {
    this.#record = record;
    if (told) this.#audience.tell({ type: "task", task: this.task });
  }
}

const WITHDRAWN: Verdict = { allowed: false, reason: "the question was withdrawn" };

function asking(questions: Task["questions"]): Pick<Task, "questions" | "state"> {
  return { questions, state: questions.length === 0 ? "working" : "asking" };
}
