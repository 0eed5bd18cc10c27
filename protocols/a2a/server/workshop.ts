/**
 * What works on the tasks of an A2A server, in A2A's words: the runs of this machine, or a script in a test.
 *
 * @module
 */
import type { Artifact, Message, Part, Task, TaskState } from "@a2a-js/sdk";

/** A message of somebody who wants something. */
export interface Order {
  readonly owner: string;
  /** The task that is to begin with it, or that it is for. */
  readonly taskId: string;
  readonly contextId: string;
  readonly message: Message;
  /** What was done before in the same conversation, oldest first; nothing for a message to a task. */
  readonly earlier: readonly Task[];
}

/** Something that happens in a task. */
export type Happening =
  /** It stands otherwise, or does something else than before. */
  | {
    readonly type: "status";
    readonly state: TaskState;
    /** What its owner is told; nothing by default. */
    readonly parts?: readonly Part[];
    /** What came of it, told just before. */
    readonly made?: Artifact;
    /** Milliseconds since 1970; default now. */
    readonly at?: number;
    /** Whether it is mere progress: shown to whoever watches, and forgotten. Default false. */
    readonly passing?: boolean;
  }
  /** Something was made, or a piece more of it. */
  | {
    readonly type: "artifact";
    readonly artifact: Artifact;
    /** Its parts come behind those already there. Default false: they take their place. */
    readonly append?: boolean;
    /** No more of it comes. Default true. */
    readonly last?: boolean;
  };

/** What became of a message to a task: it went on with it, or said this instead and waits still. */
export type Reception = { readonly taken: true } | { readonly taken: false; readonly say: readonly Part[] };

/** See the module. What it is not asked for it forgets nothing of: tasks go on whoever watches. */
export interface Workshop {
  /**
   * Begins a task of that id, durable when this answers; or answers the message without one.
   * @throws {A2AError} of the SDK, where the message is not to be worked on; {@link Fault} otherwise.
   */
  begin(order: Order): Promise<Message | null>;
  /**
   * Hands a message to a task that is not over.
   * @throws {A2AError} of the SDK, where it takes none now.
   */
  reply(order: Order): Promise<Reception>;
  /** How it stands, then what happens, until it is over, `signal` is aborted, or this process ends. */
  watch(owner: string, taskId: string, signal: AbortSignal): AsyncIterable<Happening>;
  /** Stops it for good; null when there is none. Answers how it stands then. */
  cancel(owner: string, taskId: string): Promise<Extract<Happening, { type: "status" }> | null>;
}
