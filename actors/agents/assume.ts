/**
 * What a person says of calls nobody else knows the end of. It is written as their receipts, so it is said once and
 * kept like any other fact of the run.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { JournaledRun, JournalPort } from "../../supervisor/durable/journal.ts";
import type { Receipt } from "./journaled.ts";
import type { UseIntent } from "./nested_calls.ts";
import { childRun } from "./spent.ts";
import { failed, type TimedOutcome } from "./tool_calls.ts";

/** Whether the calls a blocked run waits for were done. */
export type Assumption = "done" | "not-done";

const OUTCOMES: Readonly<Record<Assumption, ToolOutcome>> = {
  done: { ok: true, content: "A person found that this was done; its output is lost." },
  "not-done": failed(
    "transient",
    "A person found that this was not done. Call it again if it is still wanted.",
  ),
};

/**
 * Settles what a blocked run, or its sub-agents, wait for, so that it can be resumed. Answers how many calls.
 * @throws {Fault} code `unknown_run`; `not_blocked` when the run waits for nobody.
 */
export async function assume(journal: JournalPort, run: string, assumption: Assumption): Promise<number> {
  const known = await journal.read({ run });
  if (known === null) {
    throw new Fault("unknown_run", `Cannot settle the calls of run "${run}": there is none`);
  }
  if (known.record.status !== "blocked") {
    throw new Fault(
      "not_blocked",
      `Cannot settle the calls of run "${run}": it is ${known.record.status}, not blocked`,
    );
  }
  let settled = 0;
  for (const { seq, kind, receipt } of known.entries) {
    if (receipt !== undefined) continue;
    const child = await journal.read({ run: childRun(run, seq) });
    if (child?.record.status === "blocked") {
      settled += await assume(journal, child.record.run, assumption);
    } else if (kind === "spawn") {
      continue;
    } else if (child !== null) {
      settled += await assumeNested(journal, child, assumption);
    } else {
      await settle(journal, run, seq, assumption);
      settled++;
    }
  }
  return settled;
}

/** A call that asked for others is made again; those of them that may not be repeated are settled. */
async function assumeNested(
  journal: JournalPort,
  { record: { run }, entries }: JournaledRun,
  assumption: Assumption,
): Promise<number> {
  const open = entries.filter(({ intent, receipt }) =>
    receipt === undefined && (intent as UseIntent).settle === "ask"
  );
  for (const { seq } of open) await settle(journal, run, seq, assumption);
  return open.length;
}

async function settle(journal: JournalPort, run: string, seq: number, assumption: Assumption): Promise<void> {
  const value: Receipt<TimedOutcome> = { value: { outcome: OUTCOMES[assumption], ms: 0 }, events: [] };
  await journal.receipt({ run, seq, value });
}
