/**
 * The table people read.
 *
 * @module
 */
import type { Row } from "./benchmarks.ts";
import type { Finding } from "./rounds.ts";

/** One line for each finding. */
export function table(findings: readonly Finding[]): string {
  const lines = findings.map(({ label, unit, ours, raw, ratio, target, met }) => [
    label,
    `${figure(ours)} ${unit}`,
    `${figure(raw)} ${unit}`,
    `${ratio.toFixed(2)}x`,
    goal(target),
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

function goal(target: Row["target"]): string {
  if (target === undefined) return "";
  return "atMost" in target ? `<= ${target.atMost}x` : `>= ${target.atLeast}x`;
}
