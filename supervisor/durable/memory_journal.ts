/**
 * A journal that is gone with its process: for tests, and for runs nobody wants to keep.
 *
 * @module
 */
import type { JournalEntry, RunRecord } from "../../protocols/messages/journal.ts";
import {
  assertReopenable,
  canonicalJson,
  journalConflict,
  type OwnedJournal,
  unknownRun,
} from "./journal.ts";

interface Kept {
  record: RunRecord;
  entries: JournalEntry[];
}

/** A journal in memory. It keeps copies, as a file would: nothing handed in or out is shared. */
export function memoryJournal(): OwnedJournal {
  const runs = new Map<string, Kept>();
  const known = (run: string): Kept => {
    const kept = runs.get(run);
    if (kept === undefined) throw unknownRun(run);
    return kept;
  };
  return {
    open: answering((record) => {
      if (!runs.has(record.run)) runs.set(record.run, { record: copy(record), entries: [] });
      return null;
    }),
    intent: answering(({ run, seq, kind, intent }) => addIntent(known(run), run, { seq, kind, intent })),
    receipt: answering(({ run, seq, value }) => addReceipt(known(run), run, seq, value)),
    record: answering(({ run, seq, effects }) => {
      const kept = known(run);
      for (const [at, { kind, intent, value }] of effects.entries()) {
        addIntent(kept, run, { seq: seq + at, kind, intent });
        addReceipt(kept, run, seq + at, value);
      }
      return null;
    }),
    read: answering(({ run }) => {
      const kept = runs.get(run);
      return kept === undefined ? null : copy(kept);
    }),
    end: answering(({ run, outcome, endedAt }) => {
      const { record } = known(run);
      if (record.outcome === undefined) {
        Object.assign(record, { status: outcome.status, outcome: copy(outcome), endedAt });
      } else if (canonicalJson(record.outcome) !== canonicalJson(outcome)) {
        throw journalConflict("change the end", run, `it ended as ${record.status}`);
      }
      return null;
    }),
    reopen: answering(({ run, limits }) => {
      const kept = known(run);
      assertReopenable(run, kept.record.status);
      const { endedAt: _endedAt, outcome: _outcome, ...rest } = kept.record;
      kept.record = { ...rest, limits: copy(limits), status: "running" };
      return null;
    }),
    list: answering(({ limit, parent }) => {
      const records = [...runs.values()].map(({ record }) => record).filter((it) => it.parent === parent);
      return copy(records.reverse().sort((a, b) => b.startedAt - a.startedAt).slice(0, limit));
    }),
    close: () => runs.clear(),
  };
}

/** Answers later, and refuses by rejecting, as the journals behind a port do. */
function answering<Q, R>(act: (request: Q) => R): (request: Q) => Promise<R> {
  return (request) => new Promise((resolve) => resolve(act(request)));
}

function addIntent({ record, entries }: Kept, run: string, entry: JournalEntry): null {
  const recorded = entries[entry.seq];
  if (recorded !== undefined) {
    if (sameIntent(recorded, entry)) return null;
    throw journalConflict(`change intent ${entry.seq}`, run, `a ${recorded.kind} is recorded there`);
  }
  if (record.outcome !== undefined) {
    throw journalConflict(`begin effect ${entry.seq}`, run, `it ended as ${record.status}`);
  }
  if (entry.seq !== entries.length) {
    throw journalConflict(`begin effect ${entry.seq}`, run, `effect ${entry.seq - 1} was not begun`);
  }
  entries.push(copy({ seq: entry.seq, kind: entry.kind, intent: entry.intent ?? null }));
  return null;
}

function addReceipt({ entries }: Kept, run: string, seq: number, value: unknown): null {
  const entry = entries[seq];
  if (entry === undefined) throw journalConflict(`end effect ${seq}`, run, "it was not begun");
  if (entry.receipt === undefined) entry.receipt = copy({ value: value ?? null });
  else if (canonicalJson(entry.receipt.value) !== canonicalJson(value)) {
    throw journalConflict(`change receipt ${seq}`, run, "another one is recorded");
  }
  return null;
}

function sameIntent(a: JournalEntry, b: JournalEntry): boolean {
  return a.kind === b.kind && canonicalJson(a.intent) === canonicalJson(b.intent);
}

/** As a file would give it back. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
