/**
 * What a run may use and what it has used, exactly: pure integers, no rounding that creates or loses any.
 *
 * A part given to a sub-agent is held back until it ends; then what it used is spent and the rest is free again. So
 * at every moment spent + held <= limit, as long as each part keeps to its own limit.
 *
 * @module
 */
import type { Thought } from "../../protocols/messages/model.ts";
import type { LimitName, Limits, Spent } from "../../protocols/messages/run.ts";
import type { Price } from "../models/price.ts";

/** Limits without the clock, which is shared and not divided. */
export type Allowance = Pick<Limits, "turns" | "tokens" | "nanoUsd">;

/** A budget at one moment. */
export type Budget = {
  readonly limits: Allowance;
  readonly spent: Spent;
  /** Given to sub-agents that did not end yet. */
  readonly held: { readonly turns: number; readonly tokens: number; readonly nanoUsd: number };
};

/** What nothing costs. */
export const NOTHING_SPENT: Spent = { turns: 0, inputTokens: 0, outputTokens: 0, nanoUsd: 0 };

/** An untouched budget. */
export function openBudget({ turns, tokens, nanoUsd }: Allowance): Budget {
  return {
    limits: {
      turns,
      ...(tokens === undefined ? {} : { tokens }),
      ...(nanoUsd === undefined ? {} : { nanoUsd }),
    },
    spent: NOTHING_SPENT,
    held: { turns: 0, tokens: 0, nanoUsd: 0 },
  };
}

/** What an inference cost. */
export function costOf({ usage, costNanoUsd }: Pick<Thought, "usage" | "costNanoUsd">): Spent {
  return { turns: 1, inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, nanoUsd: costNanoUsd };
}

/** The sum; an unknown cost makes the sum unknown. */
export function plus(a: Spent, b: Spent): Spent {
  return {
    turns: a.turns + b.turns,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    nanoUsd: a.nanoUsd === null || b.nanoUsd === null ? null : a.nanoUsd + b.nanoUsd,
  };
}

/** The budget after something was used. */
export function spend(budget: Budget, spent: Spent): Budget {
  return { ...budget, spent: plus(budget.spent, spent) };
}

/** What is neither spent nor held, at least 0. An amount without a limit is absent; so is money of unknown cost. */
export function free({ limits, spent, held }: Budget): Allowance {
  const left = (limit: number, used: number) => Math.max(0, limit - used);
  const { tokens, nanoUsd } = limits;
  return {
    turns: left(limits.turns, spent.turns + held.turns),
    ...(tokens === undefined
      ? {}
      : { tokens: left(tokens, spent.inputTokens + spent.outputTokens + held.tokens) }),
    ...(nanoUsd === undefined ? {} : {
      nanoUsd: spent.nanoUsd === null ? 0 : left(nanoUsd, spent.nanoUsd + held.nanoUsd),
    }),
  };
}

/**
 * Holds back `share` of `whole` (default of what is free), rounded down and never more than is free. Null when that
 * is not even one turn and one token.
 */
export function reserve(
  budget: Budget,
  share: number,
  whole: Allowance = free(budget),
): { budget: Budget; part: Allowance } | null {
  const now = free(budget);
  const of = (amount: number, atMost: number) => Math.min(atMost, Math.floor(amount * share));
  const part: Allowance = {
    turns: of(whole.turns, now.turns),
    ...(now.tokens === undefined ? {} : { tokens: of(whole.tokens ?? 0, now.tokens) }),
    ...(now.nanoUsd === undefined ? {} : { nanoUsd: of(whole.nanoUsd ?? 0, now.nanoUsd) }),
  };
  if (part.turns < 1 || part.tokens === 0) return null;
  return { budget: { ...budget, held: holding(budget, part, 1) }, part };
}

/** Ends a part: what it used is spent, the rest is free again. */
export function settle(budget: Budget, part: Allowance, spent: Spent): Budget {
  return spend({ ...budget, held: holding(budget, part, -1) }, spent);
}

/** The limit that forbids an inference with about `inputTokens` of input, or null. */
export function exhausted(budget: Budget, inputTokens: number, price: Price | null): LimitName | null {
  const { turns, tokens, nanoUsd } = free(budget);
  if (turns < 1) return "turns";
  if (tokens !== undefined && tokens <= inputTokens) return "tokens";
  if (nanoUsd !== undefined && (price === null || outputTokensFor(nanoUsd, inputTokens, price) < 1)) {
    return "usd";
  }
  return null;
}

/** Output tokens below which a bound is set that nobody asked for. */
const LITTLE_OUTPUT = 4_096;

/**
 * The bound of an inference's output tokens, `asked` or less when less is left; undefined for none. Providers
 * refuse bounds above their own, which nobody knows here: so without `asked` one is set only once little is left.
 */
export function outputBoundFor(
  budget: Budget,
  inputTokens: number,
  price: Price | null,
  asked: number | undefined,
): number | undefined {
  const { tokens = Infinity, nanoUsd } = free(budget);
  const byMoney = nanoUsd === undefined || price === null
    ? Infinity
    : outputTokensFor(nanoUsd, inputTokens, price);
  const left = Math.max(1, Math.min(tokens - inputTokens, byMoney));
  if (asked !== undefined) return Math.min(asked, left);
  return left < LITTLE_OUTPUT ? left : undefined;
}

/** Infinity when output is free. */
function outputTokensFor(nanoUsd: number, inputTokens: number, price: Price): number {
  const leftPicoUsd = nanoUsd * 1000 - inputTokens * price.input;
  if (leftPicoUsd < 0) return 0;
  return price.output === 0 ? Infinity : Math.floor(leftPicoUsd / price.output);
}

function holding({ held }: Budget, part: Allowance, sign: 1 | -1): Budget["held"] {
  return {
    turns: held.turns + sign * part.turns,
    tokens: held.tokens + sign * (part.tokens ?? 0),
    nanoUsd: held.nanoUsd + sign * (part.nanoUsd ?? 0),
  };
}
