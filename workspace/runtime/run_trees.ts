/**
 * The trees of a process: one that stands, with the store and whatever else outlives runs, and one for each crew at work.
 *
 * @module
 */
import { Fault, type FaultData } from "../../protocols/messages/fault.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";
import { agent } from "../../actors/agents/agent.ts";
import { commandRunner } from "../../actors/tools/command_runner.ts";
import { pythonSandbox } from "../../sandbox/python/sandbox.ts";
import { snapshotMaker } from "../../sandbox/python/snapshot_maker.ts";
import { type ActorChange, System } from "../../supervisor/system.ts";
import type { ActorChild, Child, Started } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";

/** Hears what happens to actors, as the events of a run say it. */
export type HearActor = (event: Extract<RunEvent, { type: "actor" }>) => void;

/** What crews are part of, as events name it. */
const ROOT = "troupe";

/** More than one tool's own limit: a broken tool is no reason to give the others up. */
const INTENSITY = { restarts: 10, withinMs: 5_000 };

/** See the module's words. */
export class RunTrees {
  readonly #system: System;
  /** Who hears of the actors of a tree, by its path. */
  readonly #hearers = new Map<string, HearActor>();
  #standing: Supervisor | undefined;
  #standingNames: ReadonlySet<string> = new Set();
  #count = 0;

  constructor() {
    this.#system = new System({
      actors: [agent, commandRunner, pythonSandbox, snapshotMaker],
      onChange: (change) => this.#tell(change),
    });
  }

  /** The actors that outlive runs. */
  get standing(): Started {
    return this.#standing!;
  }

  /**
   * Starts them.
   * @throws {Fault} what kept one from starting; nothing runs then.
   */
  async open(children: readonly Child[]): Promise<void> {
    try {
      this.#standing = await this.#system.start(ROOT, { intensity: INTENSITY, children });
      this.#standingNames = new Set(children.map(({ name }) => name));
    } catch (error) {
      await this.close();
      throw causeOf(error);
    }
  }

  /**
   * Starts a crew in a tree of its own; its members' options see the standing actors as siblings. `hear` is told of
   * deaths and restarts among them, and among the standing actors.
   * @throws {Fault} code `start_failed`, `grant_refused`; nothing of it runs then.
   */
  async start(crew: readonly ActorChild[], hear: HearActor): Promise<Supervisor> {
    const path = `${ROOT}/${++this.#count}`;
    this.#hearers.set(path, hear);
    try {
      const children = crew.map((member) => this.#besideStanding(member));
      return await this.#system.start(path, { intensity: INTENSITY, children });
    } catch (error) {
      this.#hearers.delete(path);
      throw error;
    }
  }

  /** Stops a crew's tree. */
  async stop(tree: Supervisor): Promise<void> {
    await this.#system.stop(tree);
    this.#hearers.delete(tree.path);
  }

  /** Stops every worker. */
  close(): Promise<void> {
    return this.#system.close();
  }

  #besideStanding(member: ActorChild): ActorChild {
    const options = (started: Started) =>
      member.options({
        ref: (protocol, name) =>
          (this.#standingNames.has(name.split("/")[0]!) ? this.standing : started).ref(protocol, name),
      });
    return { ...member, options };
  }

  #tell({ actor, change, reason }: ActorChange): void {
    if (change !== "died" && change !== "restarted") return;
    const [, tree = "", rest] = /^(troupe\/\d+)\/(.*)$/.exec(actor) ?? [];
    if (rest === undefined) {
      for (const hear of this.#hearers.values()) hear({ type: "actor", agent: actor, change, reason });
    } else this.#hearers.get(tree)?.({ type: "actor", agent: `${ROOT}/${rest}`, change, reason });
  }
}

/** What kept an actor from starting says more than that it did not start. */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== "start_failed") return error;
  const cause = error.cause as FaultData | undefined;
  return cause?.code === undefined || cause.code === "failed" ? error : Fault.from(cause);
}
