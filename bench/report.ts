/**
 * The table people read.
 *
 * @module
 */
import type { Row } from "./benchmarks.ts";
import type { Finding } from "./rounds.ts";

/** One line for each finding. */
export function table(findings: readonly Finding[]): string {
  const lines = findings.map(({ label, unit, compare, ours, raw, ratio, target, met }) => [
    label,
    `${figure(ours)} ${unit}`,
    Number.isNaN(raw) ? "" : `${figure(raw)} ${unit}`,
    compare === "ours" ? "" : compare === "ours-raw" ? `${signed(ratio)} ${unit}` : `${ratio.toFixed(2)}x`,
    goal(target, compare === "ours/raw" || compare === "speedup" ? "x" : ` ${unit}`),
    met === undefined ? "" : met ? "met" : "MISSED",
  ]);
  const all = [["", "ours", "raw", "ratio", "target", ""], ...lines];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  return all.map((line) =>
    line.map((cell, column) => column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))
      .join("  ").trimEnd()
  ).join("\n");
}

/** Three significant digits, thousands apart. */
function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US").replaceAll(",", " ") : value.toPrecision(3);
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
}

function goal(target: Row["target"], unit: string): string {
  if (target === undefined) return "";
  return "atMost" in target ? `<= ${target.atMost}${unit}` : `>= ${target.atLeast}${unit}`;
}
