/**
 * What an agent program may ask for. A program is a generator: it yields effects and is handed their results, and
 * whoever plays it decides what performing means: the agent actor performs and journals, a replay recalls,
 * {@linkcode playProgram} reads from a list. `return` is the free monad's Pure, `yield` its Perform; programs
 * compose with `yield*`.
 *
 * ```ts
 * function* greet(name: string): Program<string> {
 *   const thought = yield* think([{ role: "user", text: `Greet ${name}` }]);
 *   return thought.text;
 * }
 * ```
 *
 * A program must be deterministic: no clock, no luck, no state but its own, or it cannot be replayed.
 *
 * @module
 */
import type { Line, Thought, ToolCall } from "../../protocols/messages/model.ts";
import type { RunOutcome } from "../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";

/** An inference. */
export type Think = {
  readonly kind: "think";
  readonly lines: readonly Line[];
  /** Texts at which the model stops. Default none. */
  readonly stop: readonly string[];
  /** Whether the agent's tools are offered in the provider's own way. Default true. */
  readonly offerTools: boolean;
};

/** Tool calls of one turn; they may run at the same time. */
export type Act = {
  readonly kind: "act";
  readonly calls: readonly ToolCall[];
};

/** Python in the sandbox, performed by the tool `execute_python`. */
export type Execute = {
  readonly kind: "execute";
  readonly code: string;
};

/** A unified diff, performed by the tool `apply_patch`. */
export type Patch = {
  readonly kind: "patch";
  readonly diff: string;
};

/** A sub-agent with a part of what this agent has. */
export type Spawn = {
  readonly kind: "spawn";
  /** 1 to 40 of `a-z A-Z 0-9 _ -`. */
  readonly name: string;
  readonly task: string;
  /** Names of this agent's tools it may use. Default all. */
  readonly tools?: readonly string[];
  /** Part of the budget left, in (0, 1]. Default an equal part, of which this agent keeps one. */
  readonly share?: number;
  /** Default until this agent's own deadline. */
  readonly timeoutMs?: number;
};

/** A shorter conversation that means the same. */
export type Compact = {
  readonly kind: "compact";
  readonly lines: readonly Line[];
};

/** A note for whoever watches, kept as evidence. */
export type Note = {
  readonly kind: "log";
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
};

/** All there are. */
export type Effect = Think | Act | Execute | Patch | Spawn | Compact | Note;

/** A tool call and what came of it. */
export type ToolResult = {
  readonly call: ToolCall;
  readonly outcome: ToolOutcome;
};

/** What each effect gives back. */
export type Results = {
  think: Thought;
  /** In the order of the calls. */
  act: readonly ToolResult[];
  execute: ToolOutcome;
  patch: ToolOutcome;
  spawn: RunOutcome;
  compact: readonly Line[];
  log: null;
};

/** What any effect may give back. */
export type EffectResult = Results[keyof Results];

/** An agent program that ends with a `T`. */
export type Program<T> = Generator<Effect, T, EffectResult>;

/** Asks the model. */
export function think(
  lines: readonly Line[],
  { stop = [], offerTools = true }: { stop?: readonly string[]; offerTools?: boolean } = {},
): Program<Thought> {
  return perform({ kind: "think", lines: [...lines], stop, offerTools });
}

/** Calls tools; the results come in the order of the calls. */
export function act(calls: readonly ToolCall[]): Program<readonly ToolResult[]> {
  return perform({ kind: "act", calls });
}

/** Runs Python. */
export function execute(code: string): Program<ToolOutcome> {
  return perform({ kind: "execute", code });
}

/** Applies a unified diff. */
export function patch(diff: string): Program<ToolOutcome> {
  return perform({ kind: "patch", diff });
}

/** Runs a task in a sub-agent. */
export function spawn(what: Omit<Spawn, "kind">): Program<RunOutcome> {
  return perform({ kind: "spawn", ...what });
}

/** Replaces old lines by their summary. */
export function compact(lines: readonly Line[]): Program<readonly Line[]> {
  return perform({ kind: "compact", lines: [...lines] });
}

/** Leaves a note. */
export function log(level: Note["level"], message: string): Program<null> {
  return perform({ kind: "log", level, message });
}

/** The one place that trusts the player to answer each effect with its own kind of result. */
function* perform<E extends Effect>(effect: E): Generator<E, Results[E["kind"]], EffectResult> {
  return (yield effect) as Results[E["kind"]];
}
