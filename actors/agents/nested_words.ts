/**
 * Nested calls in words: as watchers are told of them, and as a model is when their code went another way.
 *
 * @module
 */
import type { JournalEntry } from "../../protocols/messages/journal.ts";
import type { ToolCall } from "../../protocols/messages/model.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { Receipt } from "./journaled.ts";
import type { TimedOutcome } from "./tool_calls.ts";

/** Characters of a nested call's arguments, and of its content, that are told: the rest is in its journal entry. */
const TOLD_CHARS = 2_000;
/** Characters of the arguments in a list of calls, and how many calls are listed. */
const LISTED_CHARS = 120;
const LISTED_CALLS = 50;

/** A call as watchers are told of it. */
export function toldCall(call: ToolCall): ToolCall {
  return { ...call, arguments: cut(call.arguments, TOLD_CHARS) };
}

/** An outcome as watchers are told of it: without artifacts. */
export function toldOutcome(outcome: ToolOutcome): ToolOutcome {
  if (!outcome.ok) return { ...outcome, message: cut(outcome.message, TOLD_CHARS) };
  return { ok: true, content: cut(outcome.content, TOLD_CHARS) };
}

/** How a call, `at` from the start, differs from the one journaled in its place; `ended` when none may come after those. */
export function differenceOf(
  at: number,
  before: Pick<ToolCall, "name" | "arguments"> | undefined,
  now: Pick<ToolCall, "name" | "arguments">,
  ended: boolean,
): string | undefined {
  if (before === undefined) {
    return ended ? `call ${at + 1} was not asked for before: ${said(now)}` : undefined;
  }
  if (before.name === now.name && before.arguments === now.arguments) return undefined;
  return `call ${at + 1} was ${said(before)} before and is now ${said(now)}`;
}

/** What an outer call comes to whose code, made again, asked for other calls than those in `entries`. */
export function divergedOutcome(
  outer: string,
  difference: string,
  entries: readonly JournalEntry[],
): ToolOutcome {
  const calls = entries.slice(0, LISTED_CALLS).map(({ intent, receipt }, at) =>
    `${at + 1}. ${said(intent as ToolCall)}: ${stateOf(receipt?.value as Receipt<TimedOutcome> | undefined)}`
  );
  if (entries.length > LISTED_CALLS) calls.push(`and ${entries.length - LISTED_CALLS} more`);
  const message =
    `Cannot finish ${outer}: it was cut off and made again, and its code asked for other calls than ` +
    `before: ${difference}. So it was stopped. What it had others do; do not repeat what is done:\n` +
    calls.join("\n");
  return { ok: false, kind: "permanent", message };
}

function stateOf(receipt: Receipt<TimedOutcome> | undefined): string {
  if (receipt === undefined) return "may or may not have been done";
  const { outcome } = receipt.value;
  return outcome.ok ? "done" : `failed (${outcome.kind}): ${cut(outcome.message, LISTED_CHARS)}`;
}

function said(call: Pick<ToolCall, "name" | "arguments">): string {
  return `${call.name} ${cut(call.arguments, LISTED_CHARS)}`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}... (${text.length} characters)`;
}
