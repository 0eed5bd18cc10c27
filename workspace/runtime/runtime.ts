/**
 * Runs on this machine: started, resumed, replayed and remembered. Everything outside (shell, HTTP) asks this.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { Agent } from "../../protocols/messages/agent.ts";
import { Approval } from "../../protocols/messages/approval.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import { Journal, type JournalEntry, type RunRecord } from "../../protocols/messages/journal.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Limits, RunEvent, RunOutcome } from "../../protocols/messages/run.ts";
import { assume, type Assumption } from "../../actors/agents/assume.ts";
import { followRun } from "../../actors/agents/follow.ts";
import { Redactor } from "../../sandbox/secrets/redactor.ts";
import { newId } from "../../supervisor/actor/id.ts";
import { isFinal, journalOver } from "../../supervisor/durable/journal.ts";
import { store } from "../../supervisor/durable/store.ts";
import { type ActorChild, type Child, child, type Started } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { AGENT, APPROVER, type Crew, STORE } from "./crew.ts";
import { Feed } from "./feed.ts";
import { makeFolder } from "./folder.ts";
import { NO_QUESTIONS, type Questions, questionsAt } from "./questions.ts";
import { isWorkedOn, lockRun, type RunLock } from "./run_lock.ts";
import { type HearActor, RunTrees } from "./run_trees.ts";

/** A run being watched. */
export interface RunHandle {
  /** Its id. */
  readonly run: string;
  /** Everything that happens, `run_ended` of the outermost agent last. Iterated once. */
  readonly events: AsyncIterable<RunEvent>;
  /** How it ended. Rejects when it could not even be recorded. */
  readonly outcome: Promise<RunOutcome>;
  /** What its tools ask of a person. */
  readonly questions: Questions;
  /** Asks it to stop where it can be resumed; it then ends as `interrupted`. */
  interrupt(): void;
}

/** Starts, resumes and remembers runs; any number at once. */
export interface Runtime {
  /**
   * Starts a run of a new task; `run` is its id, default a new one.
   * @throws {Fault} code `config_no_model`, `run_known` when that id is taken.
   */
  start(task: string, limits: Partial<Limits>, options?: { readonly run?: string }): Promise<RunHandle>;
  /**
   * Goes on with a run; limits given here replace those it was started with. `assumption` says whether the calls a
   * blocked run waits for were done.
   * @throws {Fault} code `unknown_run`, `run_locked`, `run_ended`, `not_blocked`, `config_no_model`.
   */
  resume(run: string, limits: Partial<Limits>, assumption?: Assumption): Promise<RunHandle>;
  /** Plays a run from its journal: no model is called and no tool used. @throws {Fault} code `unknown_run`. */
  replay(run: string): Promise<RunHandle>;
  /** Newest first, at most `limit`. */
  runs(limit: number): Promise<RunRecord[]>;
  /** A run and its journal; null when unknown. */
  show(run: string): Promise<{ record: RunRecord; entries: JournalEntry[] } | null>;
  /** A scripted team that needs no key and no network. @throws {Fault} code `no_demo` where there is none. */
  demo(): Promise<RunHandle>;
  /** Stops every worker. */
  close(): Promise<void>;
}

/** A runtime to whoever builds on it: what runs are made of, too. */
export interface RootRuntime extends Runtime {
  /** The actors that outlive runs: the store, and those of {@linkcode RuntimeOptions.standing}. */
  readonly standing: Started;
  /** Starts actors that belong to no run in a tree of their own. @throws {Fault} code `start_failed`, `grant_refused`. */
  startTree(children: readonly ActorChild[], hear: HearActor): Promise<Supervisor>;
  /** Stops such a tree. */
  stopTree(tree: Supervisor): Promise<void>;
}

/**
 * Chooses who works on a run. A replay asks no model, so its crew needs none.
 * @throws {Fault} code `config_no_model`, `config_price_unknown`.
 */
export type ChooseCrew = (
  setup: Readonly<Record<string, unknown>>,
  limits: Limits,
  replay: boolean,
) => Promise<Crew>;

/** What a runtime is opened with. */
export interface RuntimeOptions {
  /** Database file; its folder is made. */
  readonly db: string;
  /** Folder of the agent's files; made before the first run. */
  readonly workspace: string;
  /** What a run may use unless told otherwise. */
  readonly limits: Limits;
  /** The crew of a run: a new one asks for what `setup` says, a recorded one was recorded with it. */
  readonly crew: ChooseCrew;
  /** The task of the demonstration, and what its crew is recorded with. Default: there is no demonstration. */
  readonly demo?: { readonly task: string; readonly setup: Readonly<Record<string, unknown>> };
  /** Hears each event of a live run before watchers do and may reach into the tree. */
  readonly onEvent?: (event: RunEvent, tree: Supervisor, setup: Readonly<Record<string, unknown>>) => void;
  /** Default {@linkcode store} on `db`. */
  readonly store?: ReturnType<typeof child>;
  /** Actors that outlive runs, started after the store. */
  readonly standing?: readonly Child[];
}

/**
 * Opens the database; workers of a crew start with its first run.
 * @throws {Fault} codes `config_folder`, `config_db`, `store_...`.
 */
export async function openRuntime(options: RuntimeOptions): Promise<RootRuntime> {
  const runtime = new LocalRuntime(options);
  await runtime.open();
  return runtime;
}

class LocalRuntime implements RootRuntime {
  readonly #options: RuntimeOptions;
  readonly #trees = new RunTrees();

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { db, standing = [] } = this.#options;
    makeFolder(dirname(db));
    if (isFolder(db)) throw new Fault("config_db", `Cannot keep runs in ${db}: it is a folder, name a file`);
    await this.#trees.open([this.#options.store ?? child(STORE, store, { path: db }), ...standing]);
  }

  get standing(): Started {
    return this.#trees.standing;
  }

  startTree(children: readonly ActorChild[], hear: HearActor): Promise<Supervisor> {
    return this.#trees.start(children, hear);
  }

  stopTree(tree: Supervisor): Promise<void> {
    return this.#trees.stop(tree);
  }

  async start(task: string, limits: Partial<Limits>, { run }: { run?: string } = {}): Promise<RunHandle> {
    if (run !== undefined && await this.show(run) !== null) {
      throw new Fault("run_known", `Cannot start run ${run}: there is one of that id`);
    }
    return await this.#start(task, limits, {}, run);
  }

  async demo(): Promise<RunHandle> {
    const { demo } = this.#options;
    if (demo === undefined) throw new Fault("no_demo", "Cannot show a demonstration: there is none here");
    const { task, setup } = demo;
    return await this.#start(task, {}, setup);
  }

  async resume(run: string, limits: Partial<Limits>, assumption?: Assumption): Promise<RunHandle> {
    const { record } = await this.#known(run);
    if (isFinal(record.status)) {
      throw new Fault(
        "run_ended",
        `Cannot resume run ${run}: it is ${record.status}`,
      );
    }
    return await this.#play({ ...record, limits: { ...record.limits, ...limits } }, false, assumption);
  }

  async replay(run: string): Promise<RunHandle> {
    const { record } = await this.#known(run);
    return await this.#play(record, true);
  }

  async runs(limit: number): Promise<RunRecord[]> {
    return (await this.#journal.call("list", { limit })).map((record) => this.#asItStands(record));
  }

  async show(run: string): Promise<{ record: RunRecord; entries: JournalEntry[] } | null> {
    const known = await this.#journal.call("read", { run });
    return known && { ...known, record: this.#asItStands(known.record) };
  }

  close(): Promise<void> {
    return this.#trees.close();
  }

  get #journal(): ActorRef<typeof Journal> {
    return this.standing.ref(Journal, STORE);
  }

  get #locks(): string {
    return join(dirname(this.#options.db), "locks");
  }

  /** A process that was killed could not say that its run was interrupted. */
  #asItStands(record: RunRecord): RunRecord {
    const abandoned = record.status === "running" && !isWorkedOn(this.#locks, record.run);
    return abandoned ? { ...record, status: "interrupted" } : record;
  }

  async #known(run: string): Promise<{ record: RunRecord; entries: JournalEntry[] }> {
    const known = await this.show(run);
    if (known === null) {
      throw new Fault("unknown_run", `Cannot find run ${run}: there is none`);
    }
    return known;
  }

  #start(
    task: string,
    limits: Partial<Limits>,
    setup: Readonly<Record<string, unknown>>,
    run = newId(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
  ): Promise<RunHandle> {
    return this.#play({ run, task, limits: { ...this.#options.limits, ...limits }, setup }, false);
  }

  async #play(
    record: Pick<RunRecord, "run" | "task" | "limits" | "setup">,
    replay: boolean,
    assumption?: Assumption,
  ): Promise<RunHandle> {
    const { run, task, limits, setup } = record;
    const lock = replay ? undefined : lockRun(this.#locks, run);
    try {
      if (assumption !== undefined) await assume(journalOver(this.#journal), run, assumption);
      const crew = await this.#options.crew(setup, limits, replay);
      if (!replay) makeFolder(crew.workspace ?? this.#options.workspace);
      const redactor = new Redactor(crew.secrets ?? []);
      const feed = new Feed(redactor);
      const tree = await this.#trees.start(crew.children, (event) => feed.push(event));
      const stop = new AbortController();
      const outcome = this.#follow(
        { run, task: redactor.text(task), limits, replay },
        tree,
        feed,
        stop.signal,
        setup,
      );
      const ended = outcome.finally(() => this.#clear(tree, feed, lock));
      ended.catch(() => {}); // the watcher awaits it; nobody else needs to
      const questions = replay ? NO_QUESTIONS : questionsOf(crew, tree);
      return { run, events: feed, outcome: ended, questions, interrupt: () => stop.abort() };
    } catch (error) {
      lock?.[Symbol.dispose]();
      throw error;
    }
  }

  async #follow(
    request: { run: string; task: string; limits: Limits; replay: boolean },
    tree: Supervisor,
    feed: Feed,
    signal: AbortSignal,
    setup: Readonly<Record<string, unknown>>,
  ): Promise<RunOutcome> {
    const emit = (event: RunEvent) => {
      if (!request.replay) this.#options.onEvent?.(event, tree, setup);
      feed.push(event);
      return Promise.resolve();
    };
    try {
      return await followRun(tree.ref(Agent, AGENT), request, { emit, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      // The agent ends its run in the journal after we have stopped listening.
      await tree.remove(AGENT);
      const ended = (await this.show(request.run))?.record;
      const { agent = AGENT, outcome = NOT_BEGUN, startedAt = 0, endedAt = startedAt } = ended ?? {};
      feed.push({ type: "run_ended", agent, run: request.run, outcome, ms: endedAt - startedAt });
      return outcome;
    }
  }

  async #clear(tree: Supervisor, feed: Feed, lock: RunLock | undefined): Promise<void> {
    await this.#trees.stop(tree);
    lock?.[Symbol.dispose]();
    feed.close();
  }
}

function questionsOf({ approvalKey }: Crew, tree: Supervisor): Questions {
  return approvalKey === undefined ? NO_QUESTIONS : questionsAt(tree.ref(Approval, APPROVER), approvalKey);
}

const NOT_BEGUN: RunOutcome = {
  status: "interrupted",
  answer: "",
  reason: "it was interrupted before it began",
  spent: { turns: 0, inputTokens: 0, outputTokens: 0, nanoUsd: 0 },
};

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // whatever keeps it from being looked at, opening it will tell
  }
}
