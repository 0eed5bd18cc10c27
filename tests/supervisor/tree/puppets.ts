/**
 * A supervisor without workers: its children are puppets that start, stop and die as a test says.
 *
 * @module
 */
import { Fault } from "../../../protocols/messages/fault.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import type { Reference } from "../../../supervisor/actor/reference.ts";
import type { ActorChild, Child, ChildSettings } from "../../../supervisor/tree/spec.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import type { SupervisorHost } from "../../../supervisor/tree/supervisor.ts";
import type { Cell } from "../../../supervisor/worker/cell.ts";
import type { Exit } from "../../../supervisor/worker/incarnation.ts";
import { counter } from "../../workers/counter.ts";

/** Stands for an actor's cell. */
export class Puppet {
  onExit: (exit: Exit) => void = () => {};
  onWanted: () => void = () => {};
  readonly actor = counter;
  alive = false;
  retired: Fault | undefined;
  /** How many of the next starts fail. */
  failures = 0;
  /** Dies of this the moment it has started, once. */
  dies: Exit["how"] | undefined;
  /** Its next start or stop waits for this. */
  pause: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly settings: ChildSettings,
    private readonly log: (line: string) => void,
  ) {}

  async start(): Promise<void> {
    await this.pause;
    if (this.failures > 0) {
      this.failures--;
      this.log(`fail ${this.name}`);
      throw new Fault("start_failed", `Cannot start "${this.name}": told to fail`);
    }
    this.alive = true;
    this.log(`start ${this.name}`);
    if (this.dies !== undefined) queueMicrotask(() => this.die(this.dies!));
  }

  async stop(): Promise<void> {
    await this.pause;
    if (this.alive) this.log(`stop ${this.name}`);
    this.alive = false;
  }

  kill(reason: string): void {
    this.failures = Math.max(1, this.failures);
    this.log(`kill ${this.name}: ${reason}`);
  }

  retire(fault: Fault): void {
    this.retired = fault;
  }

  /** Ends its life. */
  die(how: Exit["how"] = "crashed"): void {
    this.dies = undefined;
    this.alive = false;
    this.onExit({ how, reason: `told to be ${how}` });
  }
}

/** Time that a test sets; sleeping takes none of it. */
export class SetClock implements Clock {
  time = 1_000_000;
  readonly slept: number[] = [];

  now(): number {
    return this.time;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    return Promise.resolve();
  }
}

/** The host of supervisors whose actors are puppets. */
export class Theatre implements SupervisorHost {
  readonly puppets = new Map<string, Puppet>();
  /** Starts and stops of actors, in order. */
  readonly log: string[] = [];
  /** What the supervisors reported: "root/a died". */
  readonly changes: string[] = [];
  /** Paths of children whose first start is to fail. */
  readonly failing = new Set<string>();

  constructor(readonly clock: Clock = new SetClock(), private readonly luck = 0) {}

  random(): number {
    return this.luck;
  }

  cell(path: string, { settings }: ActorChild): Cell {
    const puppet = new Puppet(path, settings, (line) => this.log.push(line));
    if (this.failing.has(path)) puppet.failures = 1;
    this.puppets.set(path, puppet);
    return puppet as unknown as Cell;
  }

  reference(): Reference {
    return undefined as never; // puppets have none
  }

  changed(actor: string, change: string): void {
    this.changes.push(`${actor} ${change}`);
  }

  /** The puppet at that path. */
  at(path: string): Puppet {
    return this.puppets.get(path)!;
  }
}

/** A child played by a puppet. */
export function puppet(name: string, settings: Partial<ChildSettings> = {}): Child {
  return child(name, counter, { from: 0 }, settings);
}

/** Lets supervisors do all they can do now. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
