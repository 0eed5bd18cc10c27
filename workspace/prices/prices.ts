/**
 * Which model costs what: a table shipped with Troupe, and what the configuration says instead.
 *
 * The table holds only models with one price whatever the length of the prompt, under the exact name the
 * provider uses: dated versions of one model have had different prices, so no name is guessed from another.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Limits } from "../../protocols/messages/run.ts";
import { perMillion, type Price, type UsdPerMillion } from "../../actors/models/price.ts";
import shipped from "./prices.json" with { type: "json" };

/** Prices by model name. */
export type Prices = Readonly<Record<string, UsdPerMillion>>;

/** Prices and when they were so. */
export interface PriceTable {
  /** Year-month-day. */
  readonly date: string;
  /** Under the exact name the provider uses. */
  readonly models: Prices;
}

/** The table that comes with Troupe. */
export const PRICES: PriceTable = shipped;

/** The price of a model: what `overrides` says, else the table; null when neither knows it. */
export function priceOf(model: string, table: PriceTable, overrides: Prices): Price | null {
  for (const prices of [overrides, table.models]) {
    const printed = Object.hasOwn(prices, model) ? prices[model] : undefined;
    if (printed !== undefined) return perMillion(printed);
  }
  return null;
}

/**
 * Passes when a limit in dollars can be kept, which needs the price of every model that may be asked.
 * @throws {Fault} code `config_price_unknown`, naming the models and where to give their price.
 */
export function requireKnownPrices(
  endpoints: readonly { readonly model: string; readonly price: Price | null }[],
  limits: Pick<Limits, "nanoUsd">,
): void {
  if (limits.nanoUsd === undefined) return;
  const unknown = new Set(endpoints.filter(({ price }) => price === null).map(({ model }) => `"${model}"`));
  if (unknown.size === 0) return;
  const names = [...unknown];
  throw new Fault(
    "config_price_unknown",
    `Cannot keep to a limit of ${limits.nanoUsd / 1e9} USD: the price of ${names.join(", ")} is not known. ` +
      `Set input and output, in USD per million tokens, under [prices.${names[0]}] in troupe.toml, ` +
      "or leave the limit in dollars out",
  );
}
