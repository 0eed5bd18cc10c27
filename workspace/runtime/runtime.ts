/**
 * Runs on this machine: started, resumed, replayed and remembered. Everything outside (shell, HTTP) asks this.
 *
 * @module
 */
import type { JournalEntry, RunRecord } from "../../protocols/messages/journal.ts";
import type { Limits, RunEvent, RunOutcome } from "../../protocols/messages/run.ts";
import type { Assumption } from "../../actors/agents/assume.ts";
import type { ActorChild, Child, Started } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import type { Crew } from "./crew.ts";
import type { Beyond, Extension } from "./extension.ts";
import type { Questions } from "./questions.ts";
import { LocalRuntime } from "./local_runtime.ts";
import type { HearActor } from "./run_trees.ts";

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
   * @throws {Fault} code `no_model`, `run_known` when that id is taken.
   */
  start(task: string, limits: Partial<Limits>, options?: { readonly run?: string }): Promise<RunHandle>;
  /**
   * Goes on with a run; limits given here replace those it was started with. `assumption` says whether the calls a
   * blocked run waits for were done.
   * @throws {Fault} code `unknown_run`, `run_calls` when it is no run of an agent, `run_locked`, `run_ended`,
   * `not_blocked`, `no_model`.
   */
  resume(run: string, limits: Partial<Limits>, assumption?: Assumption): Promise<RunHandle>;
  /** Plays a run from its journal: no model is called and no tool used. @throws {Fault} code `unknown_run`, `run_calls`. */
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
 * Chooses who works on a run; `beyond` is what extensions bring to it. A replay asks no model, so its crew needs none.
 * @throws {Fault} code `no_model`, `config_price_unknown`.
 */
export type ChooseCrew = (
  setup: Readonly<Record<string, unknown>>,
  limits: Limits,
  replay: boolean,
  beyond: Beyond,
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
  /** Default a libSQL journal in `db`. */
  readonly store?: ActorChild;
  /** Actors that outlive runs, started after the store. Default none. */
  readonly standing?: readonly Child[];
  /** What comes to the crews from beyond this machine. Default nothing. */
  readonly extensions?: readonly Extension[];
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
