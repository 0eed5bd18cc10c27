/**
 * The main thread's side of the kernel: the book of references, the maker of workers, the trees.
 *
 * @module
 */
import { Fault } from "../protocols/messages/fault.ts";
import type { Protocol } from "../protocols/messages/protocol.ts";
import { clock as realClock } from "./actor/context.ts";
import type { ActorDefinition, Clock, Log } from "./actor/define.ts";
import type { Exchange } from "./actor/exchange.ts";
import { ALL, attenuate, type Permissions } from "./actor/grant.ts";
import { Holder } from "./actor/holder.ts";
import { encode } from "./actor/wire.ts";
import type { Reference } from "./actor/reference.ts";
import { type ActorChild, child as childSpec, type Tree } from "./tree/spec.ts";
import { type Change, Supervisor, type SupervisorHost } from "./tree/supervisor.ts";
import { Book, type Party } from "./worker/book.ts";
import { Cell, type CellHost } from "./worker/cell.ts";
import type { Incarnation, Speech } from "./worker/incarnation.ts";
import { workerKind } from "./worker/kind.ts";
import { Spawner } from "./worker/spawner.ts";

/** What happened to an actor. */
export interface ActorChange {
  /** Its path in the tree. */
  readonly actor: string;
  /** `abandoned`: a thread that could not be stopped was left behind. */
  readonly change: Change | "abandoned";
  /** Why, for people. */
  readonly reason: string;
}

/** How a system is set up. */
export interface SystemOptions {
  /** What the roots of its trees may be granted. Default everything this process may do. */
  readonly grant?: Permissions;
  /** Actors that others may start as children although they are in no tree. */
  readonly actors?: readonly ActorDefinition[];
  /** A fact an actor emitted. */
  readonly onEvent?: (actor: string, event: unknown) => void;
  /** A line an actor logged. Default: lost. */
  readonly onLog?: (actor: string, level: keyof Log, message: string) => void;
  /** An actor started, died, was restarted and so on. */
  readonly onChange?: (change: ActorChange) => void;
  /** Default real time. */
  readonly clock?: Clock;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/** Runs trees of actors. One a process is enough; tests make many. */
export class System {
  readonly #options: SystemOptions;
  readonly #book = new Book();
  readonly #spawner = new Spawner();
  readonly #catalog = new Map<string, ActorDefinition>();
  readonly #trees: Supervisor[] = [];
  /** Trees that are being stopped. */
  readonly #dismantling = new Set<Promise<void>>();
  /** Children that actors started. */
  readonly #families = new Map<Incarnation, Supervisor>();
  /** Threads that are ending. */
  readonly #burials = new Set<Promise<void>>();
  readonly #party: Party = { tell: (news) => this.#holder.tell(news) };
  readonly #holder: Holder;
  readonly #host: SupervisorHost & CellHost;
  /** References in the options of such children, until these are gone. */
  readonly #kept = new Map<ActorChild, Reference[]>();
  /** Workers that could not be stopped and were left behind. */
  abandoned = 0;

  /** Nothing runs yet. */
  constructor(options: SystemOptions = {}) {
    this.#options = options;
    for (const actor of options.actors ?? []) this.#catalog.set(actor.module, actor);
    const book = this.#book;
    const exchange: Exchange = {
      mint: (via, lent, token, port) => book.mint(this.#party, undefined, via, lent, token, port),
      hold: (token) => book.hold(this.#party, token),
      close: (token) => book.close(this.#party, token),
      revoke: (lent) => book.revoke(lent),
      want: (token) => book.want(this.#party, token),
    };
    this.#holder = new Holder(exchange);
    this.#host = this.#makeHost();
  }

  /**
   * Starts a tree of actors.
   * @throws {Fault} code `start_failed`, `grant_refused`.
   */
  async start(name: string, tree: Tree): Promise<Supervisor> {
    const supervisor = new Supervisor(name, tree, this.#options.grant ?? ALL, this.#host);
    supervisor.onFailed = (reason) =>
      supervisor.retire(new Fault("failed", `Cannot reach "${name}": it failed (${reason})`));
    this.#trees.push(supervisor);
    try {
      await supervisor.start();
    } catch (error) {
      await this.stop(supervisor);
      throw error;
    }
    return supervisor;
  }

  /** Stops a tree that was started here and forgets it; who still holds a reference to one of its actors is told so. */
  async stop(tree: Supervisor): Promise<void> {
    const at = this.#trees.indexOf(tree);
    if (at < 0) return;
    this.#trees.splice(at, 1);
    const dismantle = async () => {
      for (const { name } of tree.stats().children.toReversed()) await tree.remove(name);
    };
    const dismantled = dismantle().finally(() => this.#dismantling.delete(dismantled));
    this.#dismantling.add(dismantled);
    await dismantled;
  }

  /** Stops all trees, the newest first, and every worker. */
  async close(): Promise<void> {
    for (const tree of this.#trees.splice(0).reverse()) {
      await tree.stop();
      tree.retire(new Fault("stopped", `Cannot reach "${tree.path}": the system was closed`));
    }
    await Promise.all(this.#dismantling);
    await Promise.all([...this.#families.values()].map((family) => family.stop()));
    await Promise.all(this.#burials);
    await this.#spawner.close();
    this.#holder.end();
    this.#book.end();
  }

  #makeHost(): SupervisorHost & CellHost {
    const host: SupervisorHost & CellHost = {
      book: this.#book,
      spawner: this.#spawner,
      clock: this.#options.clock ?? realClock,
      random: this.#options.random ?? Math.random,
      cell: (path, spec, started, allowed) => {
        const { actor, options, settings } = spec;
        this.#catalog.set(actor.module, actor);
        const cell = new Cell(path, actor, () => options(started), settings, allowed, host);
        cell.onRetired = () => this.#release(spec);
        return cell;
      },
      reference: (cell) => {
        const { token, port } = this.#book.grant(cell, this.#party);
        const reference = this.#holder.adopt(token, cell.name, port);
        if (cell.gone !== undefined) this.#book.gone(cell, cell.gone);
        return reference;
      },
      changed: (actor, change, reason) => this.#options.onChange?.({ actor, change, reason }),
      speech: (cell, incarnation, speech) => this.#hear(cell, incarnation, speech),
      bury: (cell, buried) => this.#bury(cell, buried),
    };
    return host;
  }

  #bury(cell: Cell, buried: Promise<boolean>): void {
    const burial = buried.then((gone) => {
      this.#burials.delete(burial);
      if (gone) return;
      this.abandoned++;
      const reason = "its thread is busy and cannot be stopped; it was left behind";
      this.#options.onChange?.({ actor: cell.name, change: "abandoned", reason });
    });
    this.#burials.add(burial);
  }

  #hear(cell: Cell, speaker: Incarnation, speech: Speech): void {
    switch (speech.op) {
      case "event":
        return this.#options.onEvent?.(cell.name, speech.event);
      case "log":
        return this.#options.onLog?.(cell.name, speech.level, speech.message);
      case "mint":
        return this.#book.mint(speaker, cell, speech.via, speech.lent, speech.token, speech.port);
      case "hold":
        return this.#book.hold(speaker, speech.token);
      case "close":
        return this.#book.close(speaker, speech.token);
      case "want":
        return this.#book.want(speaker, speech.token);
      case "revoke":
        return this.#book.revoke(speech.lent);
      case "spawn":
        return void this.#spawn(cell, speaker, speech).then(
          ({ text, ports }) =>
            speaker.answer({ op: "spawned", id: speech.id, result: [text, ...ports] }, ports),
          (error) => speaker.answer({ op: "spawned", id: speech.id, result: Fault.of(error).toJSON() }),
        );
      case "stop_child":
        return done(speaker, speech.id, () => this.#family(cell, speaker).remove(speech.name));
      case "keep":
        return done(speaker, speech.id, () => this.#keep(cell, speaker, speech));
    }
  }

  /** The child's options are kept here, references included, so that each of its lives gets them. */
  async #spawn(cell: Cell, speaker: Incarnation, speech: Extract<Speech, { op: "spawn" }>) {
    const { value, references } = this.#holder.receive(speech.options);
    try {
      const actor = this.#known(speech.name, speech.module);
      const { restart = "on-failure" } = speech.spec;
      const spec = childSpec(speech.name, actor, () => value, { ...speech.spec, restart });
      const ref = await this.#family(cell, speaker).add<Protocol>(spec);
      this.#kept.set(spec, references);
      return encode(ref);
    } catch (error) {
      for (const reference of references) reference.close();
      throw error;
    }
  }

  /** The workers an actor keeps for its children end with it. */
  #keep(cell: Cell, speaker: Incarnation, { module, count, spec }: Extract<Speech, { op: "keep" }>): void {
    const actor = this.#known(module, module);
    const { settings } = childSpec(module, actor, {}, spec);
    const grant = attenuate(actor.protocol.name, settings.grant ?? actor.grant, cell.grant);
    this.#spawner.keep(workerKind(actor, grant, settings), count, speaker);
    speaker.ended.then(() => this.#spawner.release(speaker));
  }

  #known(name: string, module: string): ActorDefinition {
    const actor = this.#catalog.get(module);
    if (actor !== undefined) return actor;
    throw new Fault("unknown_actor", `Cannot start "${name}": the system was not told of its module`);
  }

  #release(spec: ActorChild): void {
    for (const reference of this.#kept.get(spec) ?? []) reference.close();
    this.#kept.delete(spec);
  }

  /** An actor's children may do what it may do, and end with it. */
  #family(cell: Cell, parent: Incarnation): Supervisor {
    let family = this.#families.get(parent);
    if (family === undefined) {
      family = new Supervisor(cell.name, { children: [] }, cell.grant, this.#host);
      this.#families.set(parent, family);
      const children = family;
      children.onFailed = (reason) =>
        children.retire(new Fault("failed", `Cannot reach a child of "${cell.name}": it failed (${reason})`));
      parent.ended.then(async () => {
        await children.stop();
        children.retire(new Fault("stopped", `Cannot reach a child of "${cell.name}": its parent ended`));
        this.#families.delete(parent);
      });
    }
    return family;
  }
}

/** Does what an actor asked for and tells it when that is done. */
function done(speaker: Incarnation, id: number, act: () => void | Promise<void>): void {
  (async () => await act())().then(
    () => speaker.answer({ op: "done", id }),
    (error) => speaker.answer({ op: "done", id, fault: Fault.of(error).toJSON() }),
  );
}
