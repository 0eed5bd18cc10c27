/**
 * What to do when a child ended: a table, with no state and no effect.
 *
 * @see https://www.erlang.org/doc/apps/stdlib/supervisor.html
 * @module
 */
import type { Exit } from "../worker/incarnation.ts";
import type { Restart, Strategy } from "./spec.ts";

/** Stop these in reverse order, then start these in order; positions in starting order. */
export interface Decision {
  /** The failed child is never among them: it is down. */
  readonly stop: readonly number[];
  /** The failed child is among them when it is to be restarted. */
  readonly start: readonly number[];
}

/** Whether a child that ended so is to be started again. A hung or killed child failed. */
export function isRestarted(restart: Restart, how: Exit["how"]): boolean {
  if (how === "shutdown") return false;
  if (restart === "always") return true;
  if (restart === "never") return false;
  return how !== "normal";
}

/** K7. `index` is the place of the child that ended among `count` children. */
export function decide(
  strategy: Strategy,
  restart: Restart,
  how: Exit["how"],
  index: number,
  count: number,
): Decision {
  if (!isRestarted(restart, how)) return { stop: [], start: [] };
  const affected = AFFECTED[strategy](index, count);
  return { stop: affected.filter((i) => i !== index).reverse(), start: affected };
}

const AFFECTED: Record<Strategy, (index: number, count: number) => number[]> = {
  "one-for-one": (index) => [index],
  "one-for-all": (_index, count) => range(0, count),
  "rest-for-one": (index, count) => range(index, count),
};

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
