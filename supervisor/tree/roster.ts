/**
 * The children of one supervisor: who they are, how they stand, references to them.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Protocol } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Reference } from "../actor/reference.ts";
import type { Cell } from "../worker/cell.ts";
import type { Exit } from "../worker/incarnation.ts";
import type { RestartWindow } from "./intensity.ts";
import type { Child, Started } from "./spec.ts";
import { type ChildStats, type ChildStatus, type SupervisorStats, total } from "./stats.ts";

/** What a supervisor looks after: an actor or another supervisor. */
export interface Supervised {
  /** Begins a life. */
  start(): Promise<void>;
  /** Ends it, asking first. */
  stop(): Promise<void>;
  /** Nobody will start it again: whoever still calls is told so. */
  retire(fault: Fault): void;
}

/** A child that is a supervisor. */
export interface Branch extends Supervised, Started {
  /** Counters and the state of each of its children. */
  stats(): SupervisorStats;
}

/** One child and how it stands. */
export interface Entry {
  readonly spec: Child;
  readonly path: string;
  readonly body: Supervised;
  /** Of a child that is an actor. */
  readonly cell?: Cell;
  /** Of a child that is a supervisor. */
  readonly tree?: Branch;
  readonly limit?: RestartWindow;
  status: ChildStatus;
  restarts: number;
  /** Times of restarts within the window, for the backoff. */
  recent: number[];
  lastExit?: Exit;
  reference?: Reference;
}

/** The children in starting order. */
export class Roster implements Started {
  readonly entries: Entry[] = [];

  /** `refer` makes the main thread's reference to a child. */
  constructor(readonly path: string, private readonly refer: (cell: Cell) => Reference) {}

  /** The child of that name. @throws {Fault} code `unknown_child`. */
  known(name: string): Entry {
    const entry = this.#find(name);
    if (entry !== undefined) return entry;
    const names = this.entries.map(({ spec }) => spec.name).join(", ") || "no children";
    throw new Fault("unknown_child", `Cannot find "${name}" in "${this.path}": it has ${names}`);
  }

  /** Passes when no child has that name. @throws {Fault} code `name_taken`. */
  requireFree(name: string): void {
    if (this.#find(name) === undefined) return;
    throw new Fault("name_taken", `Cannot start "${name}": "${this.path}" already has a child of that name`);
  }

  /** See `Supervisor.ref`. */
  ref<P extends Protocol>(protocol: P, name: string): ActorRef<P> {
    const [first, ...rest] = name.split("/");
    const entry = this.known(first!);
    if (entry.tree !== undefined && rest.length > 0) return entry.tree.ref(protocol, rest.join("/"));
    if (entry.cell?.actor.protocol.name !== protocol.name || rest.length > 0) {
      throw new Fault(
        "unknown_child",
        `Cannot refer to "${this.path}/${name}" as "${protocol.name}": it is not one`,
      );
    }
    return this.reference(entry) as unknown as ActorRef<P>;
  }

  /** The one reference the main thread holds to an actor. */
  reference(entry: Entry): Reference {
    if (entry.reference === undefined || entry.reference.isOver) entry.reference = this.refer(entry.cell!);
    return entry.reference;
  }

  /** Counters and the state of each child. */
  stats(status: ChildStatus): SupervisorStats {
    const children = this.entries.map((entry): ChildStats => {
      const tree = entry.tree?.stats();
      const { spec: { name }, restarts, lastExit } = entry;
      return { name, status: tree?.status ?? entry.status, restarts, lastExit, tree };
    });
    return { status, totalRestarts: total(children), children };
  }

  #find(name: string): Entry | undefined {
    return this.entries.find(({ spec }) => spec.name === name);
  }
}
