/**
 * An actor as its supervisor sees it: a place that outlives its workers.
 *
 * @module
 */
import { Fault, type FaultData } from "../../protocols/messages/fault.ts";
import type { ActorDefinition } from "../actor/define.ts";
import { attenuate, type Grant } from "../actor/grant.ts";
import { encode, type Packet } from "../actor/wire.ts";
import type { ChildSettings } from "../tree/spec.ts";
import type { Book, Seat } from "./book.ts";
import { type Exit, Incarnation, type Speech } from "./incarnation.ts";
import { workerKind } from "./kind.ts";
import { requestSchemas } from "./schemas.ts";
import type { WorkerKind } from "./create.ts";
import type { Spawner } from "./spawner.ts";

/** What a cell needs of the system it is in. */
export interface CellHost {
  readonly book: Book;
  readonly spawner: Spawner;
  /** Something a worker said. */
  speech(cell: Cell, incarnation: Incarnation, speech: Speech): void;
  /** Its thread is ending: resolves to false when it could not be stopped and was left behind. */
  bury(cell: Cell, buried: Promise<boolean>): void;
}

/** One child: its settings, its life now, its references. */
export class Cell implements Seat {
  readonly grant: Grant;
  readonly #kind: WorkerKind;
  gone: FaultData | undefined;
  /** Called when a life ends that nobody asked to end. */
  onExit: (exit: Exit) => void = () => {};
  /** Called by the first message to a cell that is down. */
  onWanted: () => void = () => {};
  /** Called when nobody will start it again. */
  onRetired: () => void = () => {};
  #life: Incarnation | undefined;
  /** Resolves when the thread of a life that was ended by force is gone or given up: two would be one too many (K1). */
  #burial: Promise<unknown> = Promise.resolve();
  /** Resolves when the latest start has succeeded or failed: a cell has one life at a time. */
  #beginning: Promise<void> = Promise.resolve();
  /** Why the life that is about to begin must not. */
  #doom: string | undefined;

  /** @throws {Fault} code `grant_refused`, `needs_process`, `no_provider`. */
  constructor(
    readonly name: string,
    readonly actor: ActorDefinition,
    private readonly options: () => unknown,
    readonly settings: ChildSettings,
    allowed: Grant,
    private readonly host: CellHost,
  ) {
    this.grant = attenuate(name, settings.grant ?? actor.grant, allowed);
    this.#kind = workerKind(actor, this.grant, settings);
    this.#keepWarm();
  }

  get desk(): Incarnation | undefined {
    return this.#life;
  }

  wanted(): void {
    this.onWanted();
  }

  /** Begins a life. @throws {Fault} code `start_failed`. */
  start(): Promise<void> {
    const started = this.#begin();
    this.#beginning = started.catch(() => {}); // its supervisor hears of it
    return started;
  }

  async #begin(): Promise<void> {
    this.#doom = this.gone = undefined;
    this.#keepWarm();
    await this.#burial;
    const blank = await this.host.spawner.take(this.#kind);
    const life: Incarnation = new Incarnation(blank, (speech) => this.host.speech(this, life, speech));
    this.#life = life;
    let started = false;
    life.ended.then((exit) => this.#ended(life, exit, () => started));
    try {
      if (this.#doom !== undefined) life.kill(this.#doom);
      const { text, ports } = encode(this.options());
      await life.start(
        {
          name: this.name,
          options: (ports.length === 0 ? text : [text, ...ports]) as Packet,
          schemas: requestSchemas(this.actor.protocol),
          inlets: this.host.book.up(this, life),
          process: this.#kind.process,
        },
        this.settings.startMs,
        this.settings.hungAfterMs,
      );
      started = true;
    } catch (error) {
      life.kill("it could not start");
      await life.buried; // so that whoever closes the system after this finds no thread left
      const { message, cause } = error as Fault;
      throw new Fault("start_failed", message.replace("Cannot start", `Cannot start "${this.name}"`), {
        retry: "later",
        cause,
      });
    }
  }

  /** Ends its life, asking first (K6). */
  async stop(): Promise<void> {
    await this.#life?.stop(this.settings.shutdownMs);
    await this.#beginning;
  }

  /** Ends its life at once. */
  kill(reason: string): void {
    this.#doom = reason;
    this.#life?.kill(reason);
  }

  /** Nobody will start it again: whoever still calls is told so. */
  retire(fault: Fault): void {
    this.gone = fault.toJSON();
    this.host.spawner.release(this);
    this.host.book.gone(this, this.gone);
    this.onRetired();
  }

  #keepWarm(): void {
    if (this.settings.warm > 0) this.host.spawner.keep(this.#kind, this.settings.warm, this);
  }

  #ended(life: Incarnation, exit: Exit, wasStarted: () => boolean): void {
    this.host.book.down(this, life, exit.reason);
    this.host.book.holderEnded(life);
    if (this.#life === life) this.#life = undefined;
    this.host.bury(this, life.buried);
    if (exit.how === "killed" || exit.how === "hung") this.#burial = life.buried;
    if (wasStarted() && exit.how !== "shutdown") this.onExit(exit);
  }
}
