/**
 * A runtime whose runs a test plays by hand, and a journal of their ends that outlives it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Question, Verdict } from "../../../protocols/messages/approval.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { JournalEntry, RunRecord } from "../../../protocols/messages/journal.ts";
import type { Limits, RunEvent, RunOutcome, RunStatus } from "../../../protocols/messages/run.ts";
import type { Assumption } from "../../../actors/agents/assume.ts";
import type { Person } from "../../../workspace/runtime/questions.ts";
import type { RunHandle, Runtime } from "../../../workspace/runtime/runtime.ts";

/** An outcome as agents tell it. */
export function outcomeOf(status: RunStatus, answer = ""): RunOutcome {
  return { status, answer, spent: { turns: 1, inputTokens: 2, outputTokens: 3, nanoUsd: null } };
}

/** A text as agents tell it. */
export function says(text: string): RunEvent {
  return { type: "text", agent: "lead", text };
}

/** One time a run was begun. */
export class HandRun implements RunHandle {
  readonly run: string;
  readonly how: "start" | "resume";
  readonly assumption: Assumption | undefined;
  /** Aborted when it was asked to stop. */
  readonly stop = new AbortController();
  readonly #over = Promise.withResolvers<RunOutcome>();
  readonly #record: RunRecord;
  readonly #events: RunEvent[] = [];
  #wake = Promise.withResolvers<void>();
  #person: Person | undefined;
  #ended = false;

  constructor(record: RunRecord, how: "start" | "resume", assumption?: Assumption) {
    this.#record = record;
    this.run = record.run;
    this.how = how;
    this.assumption = assumption;
    this.#over.promise.catch(() => {});
  }

  readonly questions = {
    answeredBy: (person: Person) => {
      this.#person = person;
      return () => this.#person = undefined;
    },
  };

  get outcome(): Promise<RunOutcome> {
    return this.#over.promise;
  }

  get events(): AsyncIterable<RunEvent> {
    return this.#told();
  }

  /** By default it ends then. */
  interrupt(): void {
    this.stop.abort();
    if (!this.lingers) this.end(outcomeOf("interrupted"));
  }

  /** Set when it takes its time to stop. */
  lingers = false;

  emit(event: RunEvent): void {
    this.#events.push(event);
    this.#wake.resolve();
  }

  ask(question: Question, withdrawn = new AbortController().signal): Promise<Verdict> {
    assert.ok(this.#person, "somebody listens to the run's questions");
    return this.#person(question, withdrawn);
  }

  end(outcome: RunOutcome): void {
    if (this.#ended) return;
    Object.assign(this.#record, {
      status: outcome.status,
      outcome,
      endedAt: this.#record.startedAt + ++ends,
    });
    this.#close(() => this.#over.resolve(outcome));
  }

  fail(error: Fault): void {
    this.#close(() => this.#over.reject(error));
  }

  #close(settle: () => void): void {
    this.#ended = true;
    this.#wake.resolve();
    settle();
  }

  async *#told(): AsyncGenerator<RunEvent, void, void> {
    while (true) {
      while (this.#events.length > 0) yield this.#events.shift()!;
      if (this.#ended) return;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}

let ends = 0;

/** What a test has of it. */
export class HandRuntime implements Pick<Runtime, "start" | "resume" | "show"> {
  /** Hand it to the next one: a journal outlives its process. */
  readonly journal: Map<string, RunRecord>;
  /** In the order they were begun. */
  readonly begun: HandRun[] = [];
  /** What every run did. */
  entries: JournalEntry[] = [];
  /** Thrown by the next beginnings, one each. */
  readonly faults: Fault[] = [];
  #waiting: (() => void)[] = [];

  constructor(journal: Map<string, RunRecord> = new Map()) {
    this.journal = journal;
  }

  start(task: string, limits: Partial<Limits>, { run }: { run?: string } = {}): Promise<RunHandle> {
    assert.ok(run !== undefined && !this.journal.has(run));
    const agent = "lead";
    const record: RunRecord = {
      run,
      agent,
      task,
      setup: {},
      limits: { turns: 25, ...limits },
      startedAt: 1,
      status: "running",
    };
    return this.#begin(() => {
      this.journal.set(run, record);
      return new HandRun(record, "start");
    });
  }

  resume(run: string, _limits: Partial<Limits>, assumption?: Assumption): Promise<RunHandle> {
    return this.#begin(() => {
      const { outcome: _outcome, endedAt: _endedAt, ...record } = this.journal.get(run)!;
      assert.equal(assumption !== undefined, record.status === "blocked");
      this.journal.set(run, { ...record, status: "running" });
      return new HandRun(this.journal.get(run)!, "resume", assumption);
    });
  }

  show(run: string): Promise<{ record: RunRecord; entries: JournalEntry[] } | null> {
    const record = this.journal.get(run);
    return Promise.resolve(
      record === undefined ? null : { record: structuredClone(record), entries: this.entries },
    );
  }

  /** The `nth` beginning there was or will be, counted from 1. */
  async beginning(nth: number): Promise<HandRun> {
    while (this.begun.length < nth) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.begun[nth - 1]!;
  }

  /** The journal after the process was killed: what was at work is cut off. */
  killed(): HandRuntime {
    for (const record of this.journal.values()) {
      if (record.status === "running") record.status = "interrupted";
    }
    return new HandRuntime(structuredClone(this.journal));
  }

  #begin(make: () => HandRun): Promise<RunHandle> {
    const fault = this.faults.shift();
    if (fault !== undefined) return Promise.reject(fault);
    const run = make();
    this.begun.push(run);
    for (const wake of this.#waiting.splice(0)) wake();
    return Promise.resolve(run);
  }
}
