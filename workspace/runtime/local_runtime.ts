/**
 * The runtime of this process: who works on a run, its lock, its tree, and its end.
 *
 * @module
 */
import { dirname } from "node:path";
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
import { type ActorChild, child, type Started } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { AGENT, APPROVER, type Crew, STORE } from "./crew.ts";
import { gather, NOTHING_BEYOND } from "./extension.ts";
import { Feed } from "./feed.ts";
import { makeFolder } from "./folder.ts";
import { NO_QUESTIONS, type Questions, questionsAt } from "./questions.ts";
import { isWorkedOn, lockRun, locksBeside, type RunLock } from "./run_lock.ts";
import { type HearActor, RunTrees } from "./run_trees.ts";
import type { RootRuntime, RunHandle, RuntimeOptions } from "./runtime.ts";

/** Opened by `openRuntime`. */
export class LocalRuntime implements RootRuntime {
  readonly #options: RuntimeOptions;
  readonly #trees = new RunTrees();

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { db, standing = [], extensions = [] } = this.#options;
    makeFolder(dirname(db));
    if (isFolder(db)) throw new Fault("config_db", `Cannot keep runs in ${db}: it is a folder, name a file`);
    await this.#trees.open([
      this.#options.store ?? child(STORE, store, { path: db }),
      ...standing,
      ...extensions.flatMap(({ children }) => children),
    ]);
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
    const { record } = await this.#played(run, "resume");
    if (isFinal(record.status)) {
      throw new Fault("run_ended", `Cannot resume run ${run}: it is ${record.status}`);
    }
    return await this.#play({ ...record, limits: { ...record.limits, ...limits } }, false, assumption);
  }

  async replay(run: string): Promise<RunHandle> {
    const { record } = await this.#played(run, "replay");
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
    return locksBeside(this.#options.db);
  }

  /** A process that was killed could not say that its run was interrupted. */
  #asItStands(record: RunRecord): RunRecord {
    const abandoned = record.status === "running" && !isWorkedOn(this.#locks, record.run);
    return abandoned ? { ...record, status: "interrupted" } : record;
  }

  /** A known run that an agent plays. */
  async #played(run: string, act: string): Promise<{ record: RunRecord }> {
    const known = await this.show(run);
    if (known === null) throw new Fault("unknown_run", `Cannot find run ${run}: there is none`);
    if (known.record.setup.calls !== true) return known;
    throw new Fault("run_calls", `Cannot ${act} run ${run}: it is a list of calls that others made`);
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
      const { extensions = [] } = this.#options;
      const beyond = replay ? NOTHING_BEYOND : await gather(extensions, this.standing);
      const crew = await this.#options.crew(setup, limits, replay, beyond);
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
      return { run, events: feed.events, outcome: ended, questions, interrupt: () => stop.abort() };
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
