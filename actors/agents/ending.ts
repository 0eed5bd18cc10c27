/**
 * Ways for a run to end before its program does.
 *
 * @module
 */
import type { LimitName, RunOutcome, RunStatus, Spent } from "../../protocols/messages/run.ts";

/** Thrown to end a run cleanly; also the reason with which a run's signal is aborted. */
export class RunEnd extends Error {
  override readonly name = "RunEnd";
  /** How the run ends. */
  readonly status: RunStatus;
  /** Which limit ended it. */
  readonly limit: LimitName | undefined;

  constructor(status: RunStatus, reason: string, limit?: LimitName) {
    super(reason);
    this.status = status;
    this.limit = limit;
  }

  /** As the run's outcome, with what there is by way of an answer. */
  outcome(answer: string, spent: Spent): RunOutcome {
    const limit = this.limit === undefined ? {} : { limit: this.limit };
    return { status: this.status, answer, reason: this.message, ...limit, spent };
  }
}

/** Somebody asked it to stop. */
export function interrupted(): RunEnd {
  return new RunEnd("interrupted", "The run was interrupted; resume it to go on where it stopped");
}

const LIMITS: Readonly<Record<LimitName, string>> = {
  turns: "all its turns are used",
  tokens: "too few tokens are left for another inference",
  usd: "too little money is left for another inference, or a cost is unknown",
  wall_clock: "its time is over",
};

/** A limit was reached. */
export function limited(limit: LimitName): RunEnd {
  return new RunEnd(
    "limited",
    `The run stopped at its limit: ${LIMITS[limit]}; resume it with a higher one`,
    limit,
  );
}
