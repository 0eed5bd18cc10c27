/**
 * What an actor is: a module that says how its state begins and how each message changes it.
 *
 * ```ts
 * export const counter = defineActor({
 *   module: import.meta.url,
 *   protocol: Counter,
 *   init: ({ from }: { from: number }) => from,
 *   handle: {
 *     add: (total, { by }) => next(total + by),
 *     total: (total) => next(total, total),
 *   },
 * });
 * if (import.meta.main) serve(counter); // the same file is the worker's entry
 * ```
 *
 * The main thread imports actor modules too, to know their protocol and options: what is heavy to load
 * belongs into `init`, as `await import("...")`.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { ItemOf, Messages, Protocol, ReplyOf, RequestOf } from "../../protocols/messages/protocol.ts";
import type { ChildSettings } from "../tree/spec.ts";
import type { Grant } from "./grant.ts";

/** Time, as an actor sees it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Where an actor writes what an operator should know. */
export interface Log {
  /** For whoever looks into the actor itself. */
  debug(message: string): void;
  /** Something worth knowing happened. */
  info(message: string): void;
  /** Something went wrong and was dealt with. */
  warn(message: string): void;
  /** Something went wrong that a person should look at. */
  error(message: string): void;
}

/** How a child that an actor starts is looked after; `restart` is `on-failure` when it does not say. */
export type ChildSpec = Partial<Omit<ChildSettings, "limit" | "lazy">>;

/** Asks the supervisor for children of this actor. They end with it. */
export interface Children {
  /**
   * Starts a child, whose grant must be within this actor's own.
   * @throws {Fault} code `grant_refused`, `name_taken`, `start_failed`, `unknown_actor`, `no_provider`.
   */
  start<P extends Protocol, Options>(
    name: string,
    actor: ActorDefinition<P, Options>,
    options: Options,
    spec?: ChildSpec,
  ): Promise<ActorRef<P>>;
  /**
   * Keeps that many workers ready for children of that definition and spec, so that their first start is quick too;
   * 0 ends them, and so does the end of this actor. Resolves before they are ready. What several ask for alike is
   * shared: the highest count holds.
   * @throws {Fault} code `grant_refused`, `unknown_actor`, `no_provider`.
   */
  keep<P extends Protocol, Options>(
    actor: ActorDefinition<P, Options>,
    count: number,
    spec?: ChildSpec,
  ): Promise<void>;
  /** Stops a child and waits until it ended. */
  stop(name: string): Promise<void>;
}

/** What a handler may use beside its state and its message. */
export interface Context {
  /** The actor's path in its tree, "root/agent". */
  readonly name: string;
  /** Time; tests move it by hand. */
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  /** 128 random bits as 26 lower-case characters that sort by time. */
  newId(): string;
  /** Lines for the operator. */
  readonly log: Log;
  /** Facts for whoever watches; plain data. */
  readonly events: { emit(event: unknown): void };
  /** A reference to this actor itself, to hand out. */
  self(): ActorRef;
  /** Actors below this one. */
  readonly children: Children;
  /** Aborted when the caller cancels, its deadline passes, or this actor is asked to stop. */
  readonly signal: AbortSignal;
  /** When the caller gives up, in milliseconds since 1970. Calls made meanwhile inherit it. */
  readonly deadline: number | undefined;
}

/** What a stream's handler may use. */
export interface StreamContext<Item> extends Context {
  /** Sends an item; resolves when the receiver has room for more. */
  send(item: Item): Promise<void>;
  /**
   * Sends an item at once, even when this thread does nothing else for seconds afterwards. It waits for no room:
   * who calls it bounds how much is sent. After the caller gave up or was answered it does nothing.
   */
  push(item: Item): void;
}

/** What happens after a message. Made by {@linkcode next}, {@linkcode later} and {@linkcode stop}. */
export interface Next<State, Reply> {
  /** With which it goes on. */
  readonly state: State;
  /** The answer, or the promise of one. */
  readonly reply: Reply | Deferred<Reply>;
  /** Whether the actor ends. */
  readonly stop: boolean;
}

/** A reply that is still being made while the actor goes on to its next message. */
export class Deferred<Reply> {
  /** Made by {@linkcode later}. */
  constructor(readonly promise: Promise<Reply>) {}
}

/** Goes on with a new state. */
export function next<State>(state: State): Next<State, undefined>;
/** Goes on with a new state after answering a call or ending a stream with `reply`. */
export function next<State, Reply>(state: State, reply: Reply): Next<State, Reply>;
export function next<State>(state: State, reply?: unknown): Next<State, unknown> {
  return { state, reply, stop: false };
}

/**
 * Goes on to the next message at once and answers when `reply` resolves: for actors that wait on
 * something slow and outside, like a model. A rejection is an answer if it is a {@linkcode Fault} and kills
 * the actor otherwise. Calls made meanwhile do not inherit the message's deadline: pass `context.signal`.
 */
export function later<State, Reply>(state: State, reply: Promise<Reply>): Next<State, Reply> {
  return { state, reply: new Deferred(reply), stop: false };
}

/** Ends the actor normally. */
export function stop<State>(state: State): Next<State, undefined>;
/** Ends the actor normally after answering. */
export function stop<State, Reply>(state: State, reply: Reply): Next<State, Reply>;
export function stop<State>(state: State, reply?: unknown): Next<State, unknown> {
  return { state, reply, stop: true };
}

/** What a handler gives back, now or later. */
export type Handled<State, Reply> = Next<State, Reply> | Promise<Next<State, Reply>>;

/** One handler a message; a missing or misspelt one does not compile. */
export type Handlers<M extends Messages, State> = {
  [K in keyof M]: M[K] extends { item: unknown } ? (
      state: State,
      request: RequestOf<M[K]>,
      context: StreamContext<ItemOf<M[K]>>,
    ) => Handled<State, ReplyOf<M[K]>>
    : M[K] extends { reply: unknown }
      ? (state: State, request: RequestOf<M[K]>, context: Context) => Handled<State, ReplyOf<M[K]>>
    : (state: State, request: RequestOf<M[K]>, context: Context) => Handled<State, undefined>;
};

/** Where an actor runs. `process` for whatever runs code we did not write: SIGKILL and a heap limit hold there. */
export type Isolation = "worker" | "process";

/** An actor's description, on both sides: the main thread starts it, its worker serves it. */
export interface ActorDefinition<P extends Protocol = Protocol, Options = unknown> {
  /** URL of the module that serves it. */
  readonly module: string;
  /** What it answers. */
  readonly protocol: P;
  /** Default `worker`. */
  readonly isolation: Isolation;
  /** The permissions it needs when its starter does not say. Default none. */
  readonly grant: Grant;
  /**
   * URL of a module with a {@linkcode Provide} named `provide`; only for `isolation: "process"`. It runs on the main
   * thread of the actor's process, with the actor's grant, which that thread gives up afterwards; the actor's worker
   * starts with what it made.
   */
  readonly provider?: string;
  /** What only its worker uses. */
  // deno-lint-ignore no-explicit-any -- the state is private to the module that made it
  readonly behaviour: Behaviour<any, Options, any>;
}

/**
 * Makes what an actor's `prepare` is handed, from the `provisions` of its settings: modules of WebAssembly, buffers,
 * ports. Files and ports it opened go on working after the process gave its permissions up. What it throws keeps the
 * actor from starting.
 */
export type Provide = (provisions: unknown) => Promise<Provided>;

/** What {@linkcode Provide} makes. */
export interface Provided {
  /** Cloned into the worker. */
  readonly value: unknown;
  /** What of it is moved instead. */
  readonly transfer?: Transferable[];
  /** Called when a caller gave up, also while the worker's thread is busy and cannot hear of it. */
  readonly cancelled?: () => void;
}

/** The part of a definition that only its worker uses. */
export interface Behaviour<M extends Messages, Options, State> {
  /**
   * Called once in each worker before `init`, and in a spare worker before it counts as ready. `provided` is what the
   * provider made, undefined without one. What it throws keeps the actor from starting.
   */
  prepare?(provided: unknown): void | Promise<void>;
  /** Begins: what it gives back is handed to the first message. What it throws keeps the actor from starting. */
  init(options: Options, context: Context): State | Promise<State>;
  /** What each message does. */
  handle: Handlers<M, State>;
  /** Called once when asked to stop, within the shutdown limit. */
  terminate?(state: State, context: Context): void | Promise<void>;
}

/**
 * Describes an actor. See the module's example.
 * @throws {Fault} code `needs_process` when it has a provider and no process of its own.
 */
export function defineActor<M extends Messages, Options, State>(
  definition:
    & { module: string; protocol: Protocol<M>; isolation?: Isolation; grant?: Grant; provider?: string }
    & Behaviour<M, Options, State>,
): ActorDefinition<Protocol<M>, Options> {
  const { module, protocol, isolation = "worker", grant = "none", provider } = definition;
  if (provider !== undefined && isolation !== "process") {
    const why = 'its provider runs in a process of its own: it needs isolation "process"';
    throw new Fault("needs_process", `Cannot define "${protocol.name}": ${why}`);
  }
  const { prepare, init, handle, terminate } = definition;
  return { module, protocol, isolation, grant, provider, behaviour: { prepare, init, handle, terminate } };
}
