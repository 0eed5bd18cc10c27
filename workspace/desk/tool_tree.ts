/**
 * Tools at work in a tree of their own, which stands as long as anybody may call them.
 *
 * A tool that died too often is left down by its supervisor, as in a crew; but nobody opens a new crew here, so it is
 * brought back after a rest.
 *
 * @module
 */
import type { AgentTool } from "../../actors/agents/tool_calls.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { ActorChild } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { agentTools } from "../runtime/crew.ts";
import type { Toolkit } from "../runtime/toolkit.ts";

/** Milliseconds a tool that died too often is left down. */
export const REST_MS = 5_000;

/** Starts and stops trees. */
export interface Trees {
  /** @throws {Fault} code `start_failed`, `grant_refused`. */
  startTree(children: readonly ActorChild[]): Promise<Supervisor>;
  stopTree(tree: Supervisor): Promise<void>;
}

/** Tools as they can be called now. */
export interface AtWork {
  readonly tree: Supervisor;
  /** The same array until one of them is brought back. */
  readonly tools: readonly AgentTool[];
}

/** See the module's words. */
export class ToolTree {
  readonly #kit: Toolkit;
  readonly #trees: Trees;
  readonly #clock: Clock;
  #working: Promise<AtWork> | undefined;
  #brokenAt: number | undefined;

  /** Nothing is started yet. */
  constructor(kit: Toolkit, trees: Trees, clock: Clock) {
    this.#kit = kit;
    this.#trees = trees;
    this.#clock = clock;
  }

  /** The tools, started when there are none. @throws {Fault} as {@linkcode Trees.startTree} does. */
  open(): Promise<AtWork> {
    const broken = this.#brokenAt;
    if (broken !== undefined && this.#clock.now() - broken >= REST_MS) {
      this.#brokenAt = undefined;
      this.#working = this.#working?.then((working) => this.#mend(working));
    }
    const working = this.#working ??= this.#start();
    working.catch(() => this.#working === working && (this.#working = undefined));
    return working;
  }

  /** A call failed: notices when its tool will not come back by itself. */
  async failed(): Promise<void> {
    const working = await this.#working;
    if (working === undefined || this.#brokenAt !== undefined) return;
    const { status, children } = working.tree.stats();
    const broken = status !== "running" || children.some((child) => child.status === "failed");
    if (broken) this.#brokenAt = this.#clock.now();
  }

  /** Stops them. */
  async close(): Promise<void> {
    const working = await this.#working?.catch(() => undefined); // what did not start is not there
    this.#working = undefined;
    if (working !== undefined) await this.#trees.stopTree(working.tree);
  }

  async #start(): Promise<AtWork> {
    return this.#atWork(await this.#trees.startTree(this.#children));
  }

  /** The others work on meanwhile, unless all were given up. */
  async #mend({ tree }: AtWork): Promise<AtWork> {
    const { status, children } = tree.stats();
    if (status !== "running") {
      await this.#trees.stopTree(tree);
      return await this.#start();
    }
    const failed = new Set(children.filter(({ status }) => status === "failed").map(({ name }) => name));
    for (const child of this.#children.filter(({ name }) => failed.has(name))) {
      await tree.remove(child.name);
      await tree.add(child);
    }
    return this.#atWork(tree);
  }

  get #children(): ActorChild[] {
    return [...this.#kit.actors, ...this.#kit.tools.map(({ child }) => child)];
  }

  #atWork(tree: Supervisor): AtWork {
    return { tree, tools: agentTools(this.#kit, tree) };
  }
}
