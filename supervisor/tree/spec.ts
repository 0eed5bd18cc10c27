/**
 * What a supervisor looks after, as data.
 *
 * ```ts
 * const session: Tree = {
 *   strategy: "rest-for-one",
 *   intensity: { restarts: 3, withinMs: 5_000 },
 *   children: [
 *     child("memory", workingMemory, { capacity: 32 }),
 *     child("agent", agent, (started) => ({ memory: started.ref(WorkingMemory, "memory") }), { restart: "on-failure" }),
 *   ],
 * };
 * ```
 *
 * @module
 */
import type { Protocol } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { ActorDefinition } from "../actor/define.ts";
import type { Grant } from "../actor/grant.ts";

/** Who is restarted with a failed child. */
export type Strategy =
  /** The failed child alone. */
  | "one-for-one"
  /** All children: stopped in reverse, started in order. */
  | "one-for-all"
  /** The failed child and those started after it. */
  | "rest-for-one";

/** When a child that ended is started again. */
export type Restart =
  /** However it ended. */
  | "always"
  /** Unless it ended normally. */
  | "on-failure"
  /** Not at all. */
  | "never";

/** More than `restarts` within a sliding window of `withinMs` milliseconds is too many. */
export interface Intensity {
  /** At least 0. */
  readonly restarts: number;
  /** Milliseconds. */
  readonly withinMs: number;
}

/** The wait before the n-th restart in a row: `min(capMs, baseMs * 2^(n-1))`, of which up to `jitter` is taken off at random. */
export interface Backoff {
  /** Default 0: the first restart is immediate, later ones double from 10 ms. */
  readonly baseMs: number;
  /** Default 60 000. */
  readonly capMs: number;
  /** Share in [0, 1]. Default 0.5. */
  readonly jitter: number;
}

/** How a child is looked after. */
export interface ChildSettings {
  /** Default `always`. */
  readonly restart: Restart;
  /** Beyond it the child is marked failed and left down; default none: only the tree's intensity counts. */
  readonly limit?: Intensity;
  /** The permissions of its worker. Default what its definition asks for. */
  readonly grant?: Grant;
  /** Milliseconds to end by itself when asked to stop; then it is ended by force. Default 5 000. */
  readonly shutdownMs: number;
  /** Milliseconds without an answer after which it counts as hung. Default 30 000; 0 never asks. */
  readonly hungAfterMs: number;
  /** Milliseconds it may take to start. Default 30 000. */
  readonly startMs: number;
  /** Ready workers kept for restarts and siblings of the same module, grant and process settings. Default 0. */
  readonly warm: number;
  /** Started by the first message to it instead of with its tree. Default false. */
  readonly lazy: boolean;
  /** For `isolation: "process"`: heap limit in MiB. Default 512. */
  readonly heapMb: number;
  /** For `isolation: "process"`: MiB of memory its whole process may have in use. Default as much as there is. */
  readonly memoryMb?: number;
  /** For `isolation: "process"`: bytes it may say at once; who says more is ended. Default 32 MiB. */
  readonly lineBytes: number;
  /** For an actor with a provider: what that is called with, as plain JSON data. */
  readonly provisions?: unknown;
}

/** The siblings started before a child. */
export interface Started {
  /**
   * A reference to one of them.
   * @throws {Fault} code `unknown_child` when it is not there or answers another protocol.
   */
  ref<P extends Protocol>(protocol: P, name: string): ActorRef<P>;
}

/** One actor in a tree. Made by {@linkcode child}. */
export interface ActorChild {
  /** Not a tree. */
  readonly kind: "actor";
  /** Unique within its supervisor. */
  readonly name: string;
  /** What it is. */
  readonly actor: ActorDefinition;
  /** What its `init` receives, made for each of its lives. */
  readonly options: (started: Started) => unknown;
  /** How it is looked after. */
  readonly settings: ChildSettings;
}

/** A tree within a tree. Made by {@linkcode subtree}. */
export interface TreeChild {
  /** Not an actor. */
  readonly kind: "tree";
  /** Unique within its supervisor. */
  readonly name: string;
  /** What it is. */
  readonly tree: Tree;
  /** When it is started again after it gave up. */
  readonly restart: Restart;
}

/** A child of a supervisor. */
export type Child = ActorChild | TreeChild;

/** A supervisor: its children in starting order and what happens when one fails. */
export interface Tree {
  /** Default `one-for-one`. */
  readonly strategy?: Strategy;
  /** More restarts than this fail the supervisor upward. Default 3 within 5 000 ms. */
  readonly intensity?: Intensity;
  /** Default 0 ms, doubling from 10 ms, capped at 60 s, half of it random. */
  readonly backoff?: Partial<Backoff>;
  /** In starting order. */
  readonly children: readonly Child[];
}

/** What a setting is when nobody says. */
export const DEFAULTS: ChildSettings = {
  restart: "always",
  shutdownMs: 5_000,
  hungAfterMs: 30_000,
  startMs: 30_000,
  warm: 0,
  lazy: false,
  heapMb: 512,
  lineBytes: 32 * 1_048_576,
};

/**
 * Puts an actor into a tree. `options` is what its `init` receives: a value, or a function of the
 * siblings started before it.
 */
export function child<P extends Protocol, Options>(
  name: string,
  actor: ActorDefinition<P, Options>,
  options: NoInfer<Options> | ((started: Started) => NoInfer<Options>),
  settings: Partial<ChildSettings> = {},
): ActorChild {
  const said = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return {
    kind: "actor",
    name,
    actor: actor as ActorDefinition,
    options: typeof options === "function" ? options as (started: Started) => unknown : () => options,
    settings: { ...DEFAULTS, ...said },
  };
}

/** Puts a supervisor under a supervisor. */
export function subtree(name: string, tree: Tree, settings: { restart?: Restart } = {}): TreeChild {
  return { kind: "tree", name, tree, restart: settings.restart ?? "always" };
}
