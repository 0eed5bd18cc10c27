/**
 * Looks after children: starts them in order, restarts them by the table, stops them in reverse.
 *
 * Everything it does happens one after the other; a stop is heard between two attempts to restart.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Protocol } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Clock } from "../actor/define.ts";
import type { Grant } from "../actor/grant.ts";
import type { Reference } from "../actor/reference.ts";
import type { Cell } from "../worker/cell.ts";
import type { Exit } from "../worker/incarnation.ts";
import { decide } from "./decide.ts";
import { type Branch, type Entry, Roster } from "./roster.ts";
import { BACKOFF, delayBefore, RestartWindow } from "./intensity.ts";
import type { ActorChild, Backoff, Child, Intensity, Started, Strategy, Tree } from "./spec.ts";
import type { ChildStatus, SupervisorStats } from "./stats.ts";

/** What a supervisor needs of the system it is in. */
export interface SupervisorHost {
  readonly clock: Clock;
  random(): number;
  cell(path: string, child: ActorChild, started: Started, allowed: Grant): Cell;
  reference(cell: Cell): Reference;
  changed(actor: string, change: Change, reason: string): void;
}

/** What happened to an actor or a supervisor. `failed` means nobody will start it again. */
export type Change = "started" | "died" | "restarted" | "hung" | "failed" | "stopped";

/** Default of {@linkcode Tree.intensity}. */
export const INTENSITY: Intensity = { restarts: 3, withinMs: 5_000 };

/** See the module's words. */
export class Supervisor implements Branch {
  /** Called when it gave up: more restarts than its intensity allows (K8). Its children are stopped. */
  onFailed: (reason: string) => void = () => {};
  readonly #roster: Roster;
  readonly #strategy: Strategy;
  readonly #intensity: Intensity;
  readonly #backoff: Backoff;
  #window: RestartWindow;
  #work: Promise<void> = Promise.resolve();
  /** What is being started beside it. */
  #beside: Promise<void> = Promise.resolve();
  #stopping = new AbortController();
  #status: ChildStatus = "waiting";

  /** Made by `System.start`. */
  constructor(
    readonly path: string,
    tree: Tree,
    private readonly allowed: Grant,
    private readonly host: SupervisorHost,
  ) {
    this.#strategy = tree.strategy ?? "one-for-one";
    this.#intensity = tree.intensity ?? INTENSITY;
    this.#backoff = { ...BACKOFF, ...tree.backoff };
    this.#window = new RestartWindow(this.#intensity);
    this.#roster = new Roster(path, (cell) => host.reference(cell));
    for (const spec of tree.children) this.#roster.entries.push(this.#entry(spec));
  }

  /**
   * Starts the children in order. When one cannot start, those before it are stopped.
   * @throws {Fault} code `start_failed`.
   */
  start(): Promise<void> {
    return this.#enqueue(async () => {
      this.#stopping = new AbortController();
      this.#window = new RestartWindow(this.#intensity);
      this.#status = "running";
      for (const entry of this.#roster.entries) {
        try {
          await this.#begin(entry);
        } catch (error) {
          await this.#stopAll();
          this.#status = "failed";
          throw error;
        }
      }
    });
  }

  /** Stops the children in reverse order; each has its shutdown limit. */
  stop(): Promise<void> {
    this.#stopping.abort();
    for (const { status, cell } of this.#roster.entries) {
      if (status === "starting") cell?.kill("its supervisor stops");
    }
    return this.#enqueue(async () => {
      await this.#beside;
      await this.#stopAll();
      this.#status = "stopped";
    });
  }

  /** Nobody will start it again. */
  retire(fault: Fault): void {
    for (const { body } of this.#roster.entries) body.retire(fault);
  }

  /**
   * Starts one more child, last in order.
   * @throws {Fault} code `name_taken`, `grant_refused`, `start_failed`.
   */
  add<P extends Protocol = Protocol>(spec: Child): Promise<ActorRef<P>> {
    return this.#enqueue(async () => {
      const entry = this.#entry(spec);
      await this.#begin(entry);
      this.#roster.entries.push(entry);
      return entry.cell === undefined
        ? undefined as never
        : this.#roster.reference(entry) as unknown as ActorRef<P>;
    });
  }

  /** Stops a child and forgets it. @throws {Fault} code `unknown_child`. */
  remove(name: string): Promise<void> {
    return this.#enqueue(async () => {
      const entry = this.#roster.known(name);
      await this.#end(entry);
      entry.body.retire(new Fault("stopped", `Cannot reach "${entry.path}": it was stopped`));
      this.#roster.entries.splice(this.#roster.entries.indexOf(entry), 1);
      entry.reference?.close();
    });
  }

  /**
   * A reference to a child, or to a child's child as "tree/child"; it outlives restarts.
   * @throws {Fault} code `unknown_child` when it is not there or answers another protocol.
   */
  ref<P extends Protocol>(protocol: P, name: string): ActorRef<P> {
    return this.#roster.ref(protocol, name);
  }

  /** Counters and the state of each child. */
  stats(): SupervisorStats {
    return this.#roster.stats(this.#status);
  }

  /** Starts a lazy child before its first message. */
  wake(name: string): void {
    this.#wanted(this.#roster.known(name));
  }

  /** Ends a child's life at once, as if it had crashed: for tests, demonstrations and operators. */
  kill(name: string, reason: string): void {
    this.#roster.known(name).cell?.kill(reason);
  }

  /** @throws {Fault} code `name_taken`, `grant_refused`. */
  #entry(spec: Child): Entry {
    this.#roster.requireFree(spec.name);
    const path = this.path === "" ? spec.name : `${this.path}/${spec.name}`;
    const state = { spec, path, status: "waiting" as const, restarts: 0, recent: [] };
    if (spec.kind === "tree") {
      const tree = new Supervisor(path, spec.tree, this.allowed, this.host);
      const entry: Entry = { ...state, body: tree, tree };
      tree.onFailed = (reason) => this.#exited(entry, { how: "crashed", reason });
      return entry;
    }
    const cell = this.host.cell(path, spec, this.#roster, this.allowed);
    const limit = spec.settings.limit && new RestartWindow(spec.settings.limit);
    const entry: Entry = { ...state, body: cell, cell, limit };
    cell.onExit = (exit) => this.#exited(entry, exit);
    cell.onWanted = () => this.#wanted(entry);
    return entry;
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.then(() => {}, () => {});
    return done;
  }

  /** Starts a child with its tree, unless its first message is to do that. */
  async #begin(entry: Entry): Promise<void> {
    if (entry.cell?.settings.lazy && entry.status === "waiting") return;
    await this.#startOnce(entry);
    this.host.changed(entry.path, "started", "its tree started");
  }

  async #startOnce(entry: Entry): Promise<void> {
    entry.status = "starting";
    try {
      await entry.body.start();
      if (entry.status === "starting") entry.status = "running"; // else it has died already
    } catch (error) {
      if (entry.status === "starting") entry.status = "down"; // else it was stopped meanwhile
      throw error;
    }
  }

  /** Where children do not depend on one another, a slow one is started beside the others. */
  #wanted(entry: Entry): void {
    if (entry.status !== "waiting" || !entry.cell?.settings.lazy) return;
    entry.status = "starting";
    const start = async () => {
      if (this.#status === "running" && !this.#stopping.signal.aborted) {
        await this.#restart(entry, "started", "it was wanted");
      } else entry.status = "stopped"; // it starts with its tree, if that starts again
    };
    if (this.#strategy !== "one-for-one") return void this.#enqueue(start);
    const started = start();
    const others = this.#beside;
    this.#beside = started.then(() => others);
  }

  #exited(entry: Entry, exit: Exit): void {
    entry.lastExit = exit;
    entry.status = "down";
    this.host.changed(entry.path, exit.how === "hung" ? "hung" : "died", exit.reason);
    this.#enqueue(() => this.#settleExit(entry, exit));
  }

  async #settleExit(entry: Entry, exit: Exit): Promise<void> {
    // A sibling's failure may have had it started again already, and a stop makes it pointless.
    const { entries } = this.#roster;
    if (this.#stopping.signal.aborted || entry.status !== "down" || !entries.includes(entry)) return;
    const { restart } = entry.cell?.settings ?? entry.spec as { restart: "always" };
    const { stop, start } = decide(this.#strategy, restart, exit.how, entries.indexOf(entry), entries.length);
    if (start.length === 0) {
      return this.#giveUp(entry, exit.how === "normal" ? "ended" : "failed", exit.reason);
    }
    const now = this.host.clock.now();
    if (entry.limit?.admit(now) === false) {
      return this.#giveUp(entry, "failed", `too many restarts: ${exit.reason}`);
    }
    if (!this.#window.admit(now)) return await this.#fail(`"${entry.path}" died too often: ${exit.reason}`);
    for (const index of stop) await this.#end(this.#roster.entries[index]!);
    for (const index of start) {
      const other = this.#roster.entries[index]!;
      if (other !== entry && other.status !== "stopped") continue;
      await this.#restart(other, "restarted", exit.reason);
      if (this.#status !== "running") return;
    }
  }

  /** Tries until it starts, the intensity is used up, or a stop is asked for. */
  async #restart(entry: Entry, change: Change, reason: string): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (change === "restarted") await this.#pause(entry);
        await this.#startOnce(entry);
        return this.host.changed(entry.path, change, reason);
      } catch (error) {
        if (this.#stopping.signal.aborted || entry.status === "stopped") return;
        const fault = Fault.of(error);
        entry.lastExit = { how: "crashed", reason: fault.message };
        const now = this.host.clock.now();
        if (entry.limit?.admit(now) === false) {
          return this.#giveUp(entry, "failed", `too many restarts: ${fault.message}`);
        }
        if (!this.#window.admit(now)) return await this.#fail(fault.message);
        change = "restarted";
      }
    }
  }

  async #pause(entry: Entry): Promise<void> {
    const now = this.host.clock.now();
    entry.recent = [...entry.recent.filter((time) => now - time < this.#intensity.withinMs), now];
    entry.restarts++;
    const ms = delayBefore(entry.recent.length, this.#backoff, this.host.random());
    if (ms > 0) await this.host.clock.sleep(ms, this.#stopping.signal);
  }

  #giveUp(entry: Entry, status: "ended" | "failed", reason: string): void {
    entry.status = status;
    entry.body.retire(new Fault(status, `Cannot reach "${entry.path}": it ${status} (${reason})`));
    if (status === "failed") this.host.changed(entry.path, "failed", reason);
  }

  /** K8: what a supervisor cannot mend is its parent's to decide. */
  async #fail(reason: string): Promise<void> {
    if (this.#status === "failed") return;
    this.#status = "failed";
    await this.#stopAll();
    this.host.changed(this.path, "failed", reason);
    this.onFailed(reason);
  }

  async #stopAll(): Promise<void> {
    for (const entry of [...this.#roster.entries].reverse()) await this.#end(entry);
  }

  async #end(entry: Entry): Promise<void> {
    if (entry.status === "ended" || entry.status === "failed") return;
    const ran = entry.status === "running" || entry.status === "starting";
    if (entry.status === "starting") entry.cell?.kill("it was stopped while it started");
    entry.status = "stopped"; // before whoever starts it hears that this failed
    await entry.body.stop();
    entry.status = entry.cell?.settings.lazy && !ran ? "waiting" : "stopped";
    if (ran) this.host.changed(entry.path, "stopped", "its supervisor stopped it");
  }
}
