/**
 * When a conversation fills its context window, which part of it is summarised, and how.
 *
 * Kept word for word are the system line, the task and the newest lines; tool calls stay with their results. What
 * lies between becomes one line that the model itself writes.
 *
 * @module
 */
import type { Line } from "../../protocols/messages/model.ts";
import { outputBound, truncate } from "./normalize.ts";

/** Characters to tokens. Pluggable, so that a tokenizer can replace the estimate. */
export type TokenEstimator = (text: string) => number;

/** ceil(characters / 4). */
export const estimateTokens: TokenEstimator = (text: string): number => Math.ceil(text.length / 4);

/** Part of the context window at which a conversation is compacted. */
export const COMPACTION_THRESHOLD = 0.85;
/** Part of it that the newest lines may keep, beyond which only the last turn is. */
const NEWEST_SHARE = 0.25;
/** Part of it that must be gained, or summarising would follow summarising. */
const LEAST_GAIN = 0.1;

/** What is kept, and what is summarised between. */
export type CompactionPlan = {
  /** The system line and the task. */
  readonly head: readonly Line[];
  readonly older: readonly Line[];
  readonly newest: readonly Line[];
};

/** Tokens of a conversation, by estimate. */
export function tokensOf(lines: readonly Line[], estimate: TokenEstimator = estimateTokens): number {
  return lines.reduce((sum, line) => sum + tokensOfLine(line, estimate), 0);
}

/** What to summarise; null while the conversation fits, or when nothing in it can be spared. */
export function planCompaction(
  lines: readonly Line[],
  contextWindow: number,
  estimate: TokenEstimator = estimateTokens,
): CompactionPlan | null {
  if (tokensOf(lines, estimate) <= contextWindow * COMPACTION_THRESHOLD) return null;
  const headLength = lines.findIndex((line) => line.role === "user") + 1;
  const turns = inTurns(lines.slice(headLength));
  let kept = 0;
  let tokens = 0;
  while (kept < turns.length) {
    tokens += tokensOf(turns[turns.length - 1 - kept] ?? [], estimate);
    if (kept > 0 && tokens > contextWindow * NEWEST_SHARE) break;
    kept++;
  }
  const older = turns.slice(0, turns.length - kept).flat();
  if (tokensOf(older, estimate) < contextWindow * LEAST_GAIN) return null;
  return { head: lines.slice(0, headLength), older, newest: turns.slice(turns.length - kept).flat() };
}

/** The question whose answer replaces the older lines. */
export function summaryRequest(plan: CompactionPlan, contextWindow: number): Line[] {
  const bound = outputBound(contextWindow);
  return [
    {
      role: "system",
      text:
        "You shorten the record of an agent's work so that it can go on from your text alone. Keep facts, names, " +
        "numbers, file paths, decisions, what was tried and failed, and what is still to do. Leave out everything " +
        "else. Answer with the shortened record only.",
    },
    {
      role: "user",
      text: [
        "The task:",
        ...plan.head.filter((line) => line.role === "user").map((line) => truncate(line.text, bound)),
        "The record:",
        ...plan.older.map((line) => `[${line.role}] ${truncate(spoken(line), bound)}`),
      ].join("\n\n"),
    },
  ];
}

/** The conversation with the summary in place of the older lines. */
export function withSummary(plan: CompactionPlan, summary: string): Line[] {
  return [...plan.head, { role: "user", text: `Summary of your work so far:\n${summary}` }, ...plan.newest];
}

/** Groups that stay together: what the model said and what it was answered. */
function inTurns(lines: readonly Line[]): Line[][] {
  const turns: Line[][] = [];
  for (const line of lines) {
    const turn = turns.at(-1);
    if (line.role === "assistant" || turn === undefined) turns.push([line]);
    else turn.push(line);
  }
  return turns;
}

function tokensOfLine(line: Line, estimate: TokenEstimator): number {
  return estimate(spoken(line));
}

function spoken(line: Line): string {
  if (line.role !== "assistant" || line.toolCalls.length === 0) return line.text;
  return [line.text, ...line.toolCalls.map((call) => `${call.name} ${call.arguments}`)].join("\n");
}
