/**
 * What the main thread and a worker say to each other, apart from messages between actors.
 *
 * @module
 */
import type { FaultData } from "../../protocols/messages/fault.ts";
import type { ChildSpec } from "./define.ts";
import type { LinkNews } from "./exchange.ts";
import type { JsonSchema } from "./guard.ts";
import type { ProcessSpec } from "../process/launch.ts";
import type { Packet } from "./wire.ts";

/** One holder's end at an actor. `slot` is its place in the ledger. */
export interface InletSpec {
  token: string;
  slot: number;
  port: MessagePort;
}

/** Begins an actor. */
export interface Init {
  op: "init";
  /** Path in the tree. */
  name: string;
  /** What `init` receives, references included. */
  options: Packet;
  /** Request schemas by message name. */
  schemas: Record<string, JsonSchema>;
  /** Memory shared with the main thread: see {@linkcode LEDGER_SLOTS}. */
  ledger: SharedArrayBuffer;
  inlets: InletSpec[];
  /** For an actor in a process of its own. */
  process?: ProcessSpec;
}

/** Main thread to worker. */
export type ToWorker =
  | Init
  | { op: "prime"; process?: ProcessSpec }
  /** Before either of them, in a process: what its provider made. */
  | { op: "provide"; value: unknown }
  | { op: "accept"; inlet: InletSpec }
  | { op: "drop"; token: string }
  | { op: "stop" }
  | { op: "ping"; n: number }
  | { op: "spawned"; id: number; result: Packet | FaultData }
  | { op: "done"; id: number; fault?: FaultData }
  | LinkNews;

/** Worker to main thread. */
export type FromWorker =
  | { op: "primed" }
  | { op: "started" }
  | { op: "start_failed"; fault: FaultData }
  | { op: "crashed"; fault: FaultData }
  | { op: "ended" }
  | { op: "pong"; n: number }
  | { op: "event"; event: unknown }
  | { op: "log"; level: "debug" | "info" | "warn" | "error"; message: string }
  | { op: "mint"; via: string; lent: readonly string[]; token: string; port: MessagePort }
  | { op: "hold" | "close" | "want"; token: string }
  | { op: "revoke"; lent: string }
  | { op: "spawn"; id: number; name: string; module: string; options: Packet; spec: ChildSpec }
  | { op: "keep"; id: number; module: string; count: number; spec: ChildSpec }
  | { op: "stop_child"; id: number; name: string };

/**
 * Links to one actor that have a place in its ledger. The place holds two numbers that outlive the worker:
 * the last message begun, and how many posts went back. Further links work, but after a crash all their
 * unanswered calls fail instead of those begun.
 */
export const LEDGER_SLOTS = 512;
/** Size of the ledger: its places, and a mark that says that the life is over. */
export const LEDGER_BYTES = LEDGER_SLOTS * 16 + 8;
/** Where that mark is, as an index into an Int32Array; 0 while the life goes on. */
export const LEDGER_OVER = LEDGER_SLOTS * 4;
