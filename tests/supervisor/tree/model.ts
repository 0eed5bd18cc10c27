/**
 * What supervisors should do, as plain recursive functions over plain data: no time, no waiting, no workers.
 *
 * @module
 */
import type { Intensity, Restart, Strategy } from "../../../supervisor/tree/spec.ts";
import type { ChildStatus } from "../../../supervisor/tree/stats.ts";
import type { Exit } from "../../../supervisor/worker/incarnation.ts";

/** An actor. */
export interface ModelActor {
  kind: "actor";
  path: string;
  restart: Restart;
  limit?: Intensity;
  status: ChildStatus;
  /** How many of the next starts fail. */
  failures: number;
  restarts: number;
  counted: number[];
}

/** A supervisor. */
export interface ModelTree {
  kind: "tree";
  path: string;
  restart: Restart;
  strategy: Strategy;
  intensity: Intensity;
  status: ChildStatus;
  restarts: number;
  counted: number[];
  children: ModelChild[];
  parent?: ModelTree;
}

/** Either. */
export type ModelChild = ModelActor | ModelTree;

/** Plays supervisors; `log` says which actors were started and stopped, in order. */
export class Model {
  readonly log: string[] = [];
  now = 1_000_000;

  constructor(readonly root: ModelTree) {
    this.#startTree(root);
  }

  /** Children of one supervisor end at the same time. */
  die(tree: ModelTree, victims: readonly { actor: ModelActor; how: Exit["how"] }[]): void {
    for (const { actor } of victims) actor.status = "down";
    for (const { actor, how } of victims) if (actor.status === "down") this.#mend(tree, actor, how);
  }

  #mend(tree: ModelTree, child: ModelChild, how: Exit["how"]): void {
    const fails = how !== "normal";
    if (child.restart === "never" || (child.restart === "on-failure" && !fails)) {
      child.status = fails ? "failed" : "ended";
      return;
    }
    if (child.kind === "actor" && child.limit && !this.#admit(child.counted, child.limit)) {
      child.status = "failed";
      return;
    }
    if (!this.#admit(tree.counted, tree.intensity)) return this.#giveUp(tree);
    const affected = this.#affected(tree, child);
    for (const other of affected.toReversed()) if (other !== child) this.#stop(other);
    for (const other of affected) {
      if (other !== child && other.status !== "stopped") continue;
      if (!this.#restart(tree, other)) return;
    }
  }

  #affected({ strategy, children }: ModelTree, child: ModelChild): ModelChild[] {
    if (strategy === "one-for-one") return [child];
    return strategy === "one-for-all" ? children : children.slice(children.indexOf(child));
  }

  /** False when the supervisor gave up over it. */
  #restart(tree: ModelTree, child: ModelChild): boolean {
    while (true) {
      child.restarts++;
      if (this.#start(child)) return true;
      child.status = "down";
      if (child.kind === "actor" && child.limit && !this.#admit(child.counted, child.limit)) {
        child.status = "failed";
        return true;
      }
      if (this.#admit(tree.counted, tree.intensity)) continue;
      this.#giveUp(tree);
      return false;
    }
  }

  #giveUp(tree: ModelTree): void {
    this.#stopAll(tree);
    tree.status = "failed";
    if (tree.parent !== undefined) {
      tree.status = "down";
      this.#mend(tree.parent, tree, "crashed");
      if (tree.status === "down") tree.status = "failed";
    }
  }

  #start(child: ModelChild): boolean {
    if (child.kind === "tree") return this.#startTree(child);
    if (child.failures > 0) {
      child.failures--;
      this.log.push(`fail ${child.path}`);
      return false;
    }
    child.status = "running";
    this.log.push(`start ${child.path}`);
    return true;
  }

  #startTree(tree: ModelTree): boolean {
    tree.counted = [];
    tree.status = "running";
    for (const child of tree.children) {
      if (this.#start(child)) continue;
      child.status = "down";
      this.#stopAll(tree);
      tree.status = "failed";
      return false;
    }
    return true;
  }

  #stopAll(tree: ModelTree): void {
    for (const child of tree.children.toReversed()) this.#stop(child);
  }

  #stop(child: ModelChild): void {
    if (child.status === "ended" || child.status === "failed") return;
    if (child.kind === "tree") this.#stopAll(child);
    else if (child.status === "running") this.log.push(`stop ${child.path}`);
    child.status = "stopped";
  }

  #admit(counted: number[], { restarts, withinMs }: Intensity): boolean {
    counted.push(this.now);
    return counted.filter((time) => this.now - time < withinMs).length <= restarts;
  }
}
