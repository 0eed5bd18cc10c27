/**
 * A journal whose process dies at a chosen operation.
 *
 * @module
 */
import type { JournalPort } from "../../supervisor/durable/journal.ts";

/** Not a Fault: nothing may take it for an outcome. */
export class Crash extends Error {}

/** Where a process dies: at its n-th operation, counted from 1, before the operation is done or after. */
export interface Point {
  readonly at: number;
  readonly after: boolean;
}

/** The journal as one process has it, which dies at `point`, or never. `count` hears the number of each operation. */
export function dyingJournal(
  journal: JournalPort,
  point: Point | undefined,
  count: (operation: number) => void,
): JournalPort {
  let dead = false;
  let operations = 0;
  const dieAt = (operation: number, after: boolean) => {
    dead ||= point?.at === operation && point.after === after;
    if (dead) throw new Crash(`at operation ${operation}`);
  };
  const through = <Q, R>(act: (request: Q) => Promise<R>) => async (request: Q): Promise<R> => {
    if (dead) throw new Crash("already");
    const operation = ++operations;
    count(operation);
    dieAt(operation, false);
    const answer = await act(request);
    dieAt(operation, true);
    return answer;
  };
  return {
    open: through(journal.open),
    intent: through(journal.intent),
    receipt: through(journal.receipt),
    record: through(journal.record),
    read: through(journal.read),
    end: through(journal.end),
    reopen: through(journal.reopen),
    list: through(journal.list),
  };
}
