/**
 * What a run has used, read from its journal: exact also for a run that was cut off.
 *
 * @module
 */
import type { Thought } from "../../protocols/messages/model.ts";
import type { RunOutcome, Spent } from "../../protocols/messages/run.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";
import { costOf, NOTHING_SPENT, plus } from "./budget.ts";
import type { Receipt } from "./journaled.ts";

/** How a sub-agent ended, as journaled. */
export interface Spawned {
  readonly sub: RunOutcome;
  readonly ms: number;
}

/** Id of the run of the sub-agent that effect `seq` of `run` started. */
export function childRun(run: string, seq: number): string {
  return `${run}.${seq}`;
}

/** The sum of all receipts of a run and of sub-agents it still waits for; nothing when it is unknown. */
export async function spentInJournal(journal: JournalPort, run: string): Promise<Spent> {
  const known = await journal.read({ run });
  let sum = NOTHING_SPENT;
  for (const { seq, kind, receipt } of known?.entries ?? []) {
    if (kind === "think" || kind === "compact") {
      if (receipt !== undefined) sum = plus(sum, costOf((receipt.value as Receipt<Thought>).value));
    } else if (receipt === undefined) {
      sum = plus(sum, await spentInJournal(journal, childRun(run, seq)));
    } else {
      const ended = (receipt.value as Receipt<Partial<Spawned> | null>).value?.sub;
      if (ended !== undefined) sum = plus(sum, ended.spent);
    }
  }
  return sum;
}
