/**
 * Dollars, exactly: amounts are whole billionths and never pass through floating point.
 *
 * @module
 */

/**
 * "0.05" as billionths of a dollar.
 * @returns undefined when it is no plain decimal number, has more than nine decimals, or is above 9 million.
 */
export function parseUsd(text: string): number | undefined {
  const match = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const [, whole, decimals = ""] = match;
  const nanoUsd = Number(`${whole}${decimals.padEnd(9, "0")}`);
  return Number.isSafeInteger(nanoUsd) ? nanoUsd : undefined;
}

/** Billionths of a dollar as "0.0012 USD", exact with at least two decimals; null is "cost unknown". */
export function formatUsd(nanoUsd: number | null): string {
  if (nanoUsd === null) return "cost unknown";
  const digits = String(nanoUsd).padStart(10, "0");
  const decimals = digits.slice(-9).replace(/0{1,7}$/, "");
  return `${digits.slice(0, -9)}.${decimals} USD`;
}
