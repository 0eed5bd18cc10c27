/**
 * The end of a run in words.
 *
 * @module
 */
import type { LimitName, RunOutcome, RunStatus } from "../messages/run.ts";
import { formatMs } from "./duration.ts";
import { formatUsd } from "./money.ts";

/** The option that moves each limit. */
const LIMIT_OPTIONS: Readonly<Record<LimitName, string>> = {
  turns: "--max-turns",
  tokens: "--max-tokens",
  usd: "--max-usd",
  wall_clock: "--timeout",
};

/** Runs that ended so cannot be gone on with. */
const FINAL: readonly RunStatus[] = ["answered", "denied"];

/** How a run stands and what it used: "answered · 3 turns · 120 tokens in, 34 out · 0.0012 USD". */
export function spentLine(outcome: RunOutcome): string {
  const { turns, inputTokens, outputTokens, nanoUsd } = outcome.spent;
  return [
    outcome.limit === undefined ? outcome.status : `${outcome.status} (${outcome.limit})`,
    turns === 1 ? "1 turn" : `${turns} turns`,
    `${inputTokens} tokens in, ${outputTokens} out`,
    formatUsd(nanoUsd),
  ].join(" · ");
}

/** The last line of a run. `ms` is its duration. */
export function summaryLine(outcome: RunOutcome, ms: number, run: string): string {
  return `${spentLine(outcome)} · ${formatMs(ms)} · run ${run}`;
}

/**
 * How to go on with a run that was not answered; undefined when there is nothing left to do. `where` are the options
 * that say where it is kept.
 */
export function resumeHint(
  outcome: RunOutcome,
  run: string,
  command: string,
  where: string,
): string | undefined {
  if (FINAL.includes(outcome.status)) return undefined;
  const option = outcome.limit === undefined ? "" : ` ${LIMIT_OPTIONS[outcome.limit]} <more>`;
  return `resume with: ${command} resume ${run}${where}${option}`;
}
