/**
 * What every loop shares: what a program is told, how its conversation begins and stays within the context window,
 * and how a tool's outcome is said to a model.
 *
 * @module
 */
import type { Line, ToolSpec } from "../../protocols/messages/model.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import { planCompaction } from "./compaction.ts";
import { compact, type Program } from "./effects.ts";

/** What a program is told about its run. */
export interface ProgramInput {
  /** What it is to do. */
  readonly task: string;
  /** Instructions, at the head of the conversation. */
  readonly system: string;
  /** The tools the agent has, for programs that describe them in words. */
  readonly tools: readonly ToolSpec[];
  /** Tokens the model reads at once. */
  readonly contextWindow: number;
  /** More texts at which the model stops. */
  readonly stop: readonly string[];
}

/** Instructions of an agent that was given none. */
export const DEFAULT_SYSTEM = "You are a helpful AI agent.";

/** The conversation, shortened when it fills more than 85 % of the context window. */
export function* fitting(lines: readonly Line[], contextWindow: number): Program<readonly Line[]> {
  return planCompaction(lines, contextWindow) === null ? lines : yield* compact(lines);
}

/** What a model is told of a success: the content, and of artifacts their names. */
function contentOf({ content, artifacts = [] }: Extract<ToolOutcome, { ok: true }>): string {
  return artifacts.length === 0
    ? content
    : `${content}\n(made: ${artifacts.map(({ name }) => name).join(", ")})`;
}

/** An outcome as JSON: the tool's own where it answered JSON, its text as a string, or `{ error: { kind, message } }`. */
export function outcomeJson(outcome: ToolOutcome): string {
  if (!outcome.ok) return JSON.stringify({ error: { kind: outcome.kind, message: outcome.message } });
  const content = contentOf(outcome);
  try {
    JSON.parse(content);
    return content;
  } catch {
    return JSON.stringify(content);
  }
}

/** An outcome as a tool line: plain content, or `{ error: { kind, message } }`. */
export function toolLine(callId: string, outcome: ToolOutcome): Line {
  return { role: "tool", callId, text: outcome.ok ? contentOf(outcome) : outcomeJson(outcome) };
}
