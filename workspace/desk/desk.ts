/**
 * Tools that can be called from outside without a run of an agent.
 *
 * @module
 */
import type { Annotations, SettleClass, ToolItem, ToolOutcome } from "../../protocols/messages/tool.ts";
import type { Person } from "../runtime/questions.ts";

export type { Annotations };

/** A tool as it is listed. */
export interface ListedTool {
  /** Unique in its source. */
  readonly name: string;
  /** What it does, as it says itself. */
  readonly description: string;
  /** JSON Schema of an object: its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** JSON Schema of an object: what the `content` of a good outcome is, as JSON text. Absent when it is just text. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** What calling it does. */
  readonly annotations: Annotations;
  /** What may be done with a call that was begun and never answered. */
  readonly settle: SettleClass;
  /** Why calls of it are refused, where they are. */
  readonly denied?: string;
}

/** How a tool is called. */
export interface CallOptions {
  /** Who calls; kept with the call. */
  readonly owner: string;
  /** Aborted when nobody wants the result any more: what works on it is stopped. */
  readonly signal: AbortSignal;
  /** Hears output, decisions and progress while it works. */
  readonly onItem?: (item: ToolItem | Progress) => void;
  /** Answers what is asked. Default nobody: refused. */
  readonly person?: Person;
}

/** How far a call has come. */
export interface Progress {
  /** Tells it from the items of a tool. */
  readonly type: "progress";
  /** Grows. */
  readonly progress: number;
  /** What `progress` grows towards. Default not known. */
  readonly total?: number;
  /** What is done now. */
  readonly message?: string;
}

/** What came of a call. */
export interface Called {
  /** What a model would be told. */
  readonly outcome: ToolOutcome;
  /** What a remote tool answered, word for word: an MCP `CallToolResult`. */
  readonly verbatim?: Readonly<Record<string, unknown>>;
}

/** Something that has tools. */
export interface ToolSource {
  /** By name, in the order they are to be shown. The same array as long as nothing changed. */
  list(): Promise<readonly ListedTool[]>;
  /**
   * Calls one. Whatever goes wrong with it is an outcome.
   * @throws {Fault} code `unknown_tool`, `cancelled` when `signal` was aborted.
   */
  call(name: string, args: Readonly<Record<string, unknown>>, options: CallOptions): Promise<Called>;
  /** Calls `listener` when the list has changed, until the function returned is called. */
  onChange(listener: () => void): () => void;
}
