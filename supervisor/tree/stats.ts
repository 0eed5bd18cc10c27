/**
 * What a supervisor can tell about its children.
 *
 * @module
 */
import type { Exit } from "../worker/incarnation.ts";

/**
 * `waiting` for its first message, `starting`, `running`, `down` between two lives, `stopped` on request,
 * `ended` normally and not to be restarted, `failed` for good.
 */
export type ChildStatus = "waiting" | "starting" | "running" | "down" | "stopped" | "ended" | "failed";

/** One child. */
export interface ChildStats {
  /** Within its supervisor. */
  readonly name: string;
  /** How it stands. */
  readonly status: ChildStatus;
  /** Since its supervisor was started. */
  readonly restarts: number;
  /** How its last life ended, if one has. */
  readonly lastExit?: Exit;
  /** Of a child that is a supervisor. */
  readonly tree?: SupervisorStats;
}

/** A supervisor and all below it. */
export interface SupervisorStats {
  /** How it stands. */
  readonly status: ChildStatus;
  /** Restarts of all children, trees below included. */
  readonly totalRestarts: number;
  /** In starting order. */
  readonly children: readonly ChildStats[];
}

/** Restarts of these children and all below them. */
export function total(children: readonly ChildStats[]): number {
  return children.reduce((sum, { restarts, tree }) => sum + restarts + (tree?.totalRestarts ?? 0), 0);
}
