/**
 * Runs both sides of the benchmarks in turns, so that what the machine does meanwhile meets both.
 *
 * @module
 */
import type { Benchmark, Row, Size } from "./benchmarks.ts";
import { median } from "./contender.ts";

/** A line of the table with its numbers. */
export interface Finding extends Row {
  readonly benchmark: string;
  /** Medians of the rounds. */
  readonly ours: number;
  readonly raw: number;
  /** Median of the comparisons within each round, as {@linkcode Row.compare} says. */
  readonly ratio: number;
  /** Absent where there is no target. */
  readonly met?: boolean;
}

interface Readings {
  readonly ours: number[][];
  readonly raw: number[][];
}

/** Measures all, `rounds` times; the side that goes first changes every round. */
export async function run(
  benchmarks: readonly Benchmark[],
  rounds: number,
  size: Size,
  progress: (text: string) => void,
): Promise<Finding[]> {
  const all = benchmarks.map((): Readings => ({ ours: [], raw: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, benchmark] of benchmarks.entries()) {
      progress(`round ${round + 1} of ${rounds}: ${benchmark.name}`);
      for (const side of round % 2 === 0 ? ["raw", "ours"] as const : ["ours", "raw"] as const) {
        all[i]![side].push([...await benchmark[side](size)]);
      }
    }
  }
  return benchmarks.flatMap((benchmark, i) =>
    benchmark.rows.map((row, at) => finding(benchmark.name, row, at, all[i]!))
  );
}

function finding(benchmark: string, row: Row, at: number, readings: Readings): Finding {
  const ours = readings.ours.map((numbers) => numbers[at]!);
  const raw = readings.raw.map((numbers) => numbers[at]!);
  const ratio = median(ours.map((mine, round) => compared(row, mine, raw[round]!)));
  return { benchmark, ...row, ours: median(ours), raw: median(raw), ratio, met: met(row, ratio) };
}

function compared({ compare }: Row, ours: number, raw: number): number {
  switch (compare) {
    case "ours/raw":
      return ours / raw;
    case "speedup":
      return raw / ours;
    case "ours-raw":
      return ours - raw;
    case "ours":
      return ours;
  }
}

function met({ target }: Row, ratio: number): boolean | undefined {
  if (target === undefined) return undefined;
  return "atMost" in target ? ratio <= target.atMost : ratio >= target.atLeast;
}
