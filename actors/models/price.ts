/**
 * What tokens cost, in exact integers.
 *
 * A dollar per million tokens is 1 000 nano-USD a token, but cached input is sold for fractions of that
 * (0.003625 USD per million is 3.625 nano-USD a token). So a price is held in pico-USD (10^-12 USD) a token,
 * a cost is summed in pico-USD without rounding, and is rounded once, up, to the nano-USD budgets count in:
 * a budget is never charged too little.
 *
 * @module
 */
import type { Usage } from "../../protocols/messages/model.ts";

/** What a model costs, in whole pico-USD (10^-12 US dollars) a token. Plain data. */
export interface Price {
  /** For input tokens. */
  readonly input: number;
  /** For input tokens the provider had cached. */
  readonly cached: number;
  /** For output tokens. */
  readonly output: number;
}

/** A price as providers print it: US dollars per million tokens. */
export interface UsdPerMillion {
  /** For input tokens. */
  readonly input: number;
  /** Default `input`: where a discount is not known, none is counted on. */
  readonly cached?: number;
  /** For output tokens. */
  readonly output: number;
}

/** Costs nothing. */
export const FREE: Price = { input: 0, cached: 0, output: 0 };

/** The dearest price accepted, in US dollars per million tokens; beyond it somebody mistook the unit. */
export const MAX_USD_PER_MILLION = 1_000_000;

/**
 * A printed price in exact units. Decimals beyond the sixth are rounded up.
 * @throws {RangeError} when a number is negative, not finite or above {@linkcode MAX_USD_PER_MILLION}.
 */
export function perMillion({ input, cached = input, output }: UsdPerMillion): Price {
  return { input: picoUsdPerToken(input), cached: picoUsdPerToken(cached), output: picoUsdPerToken(output) };
}

/** What `usage` costs at `price`, in whole nano-USD (10^-9 US dollars), rounded up once. */
export function costNanoUsd(
  price: Price,
  usage: Pick<Usage, "inputTokens" | "cachedTokens" | "outputTokens">,
): number {
  const cached = Math.min(usage.cachedTokens, usage.inputTokens); // some providers report them beside the input
  const picoUsd = BigInt(price.input) * BigInt(usage.inputTokens - cached) +
    BigInt(price.cached) * BigInt(cached) +
    BigInt(price.output) * BigInt(usage.outputTokens);
  return Number((picoUsd + 999n) / 1000n);
}

function picoUsdPerToken(usdPerMillion: number): number {
  if (!(usdPerMillion >= 0 && usdPerMillion <= MAX_USD_PER_MILLION)) {
    throw new RangeError(
      `Cannot use the price ${usdPerMillion}: it must be 0 to ${MAX_USD_PER_MILLION} USD per million tokens`,
    );
  }
  // 2.007 times 10^6 lands a hair above its whole number: that hair is not a decimal to round up.
  return Math.ceil(usdPerMillion * 1e6 - 1e-3) + 0; // + 0 turns minus zero into zero
}
