/**
 * What every journal keeps to. Run against each implementation.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RunRecord } from "../../protocols/messages/journal.ts";
import type { RunOutcome, RunStatus } from "../../protocols/messages/run.ts";
import type { OwnedJournal } from "../../supervisor/durable/journal.ts";

/** A run as an agent opens it. */
export function aRun(run: string, more: Partial<RunRecord> = {}): RunRecord {
  return {
    run,
    agent: "lead",
    task: "sort it",
    setup: { program: "react", nested: { b: 1, a: [null, "é\u0000\u2028"] } },
    limits: { turns: 25 },
    startedAt: 1_000,
    status: "running",
    ...more,
  };
}

/** The end of a run. */
export function anEnd(status: RunStatus, answer = ""): RunOutcome {
  return { status, answer, spent: { turns: 1, inputTokens: 2, outputTokens: 3, nanoUsd: null } };
}

const conflict = { code: "journal_conflict" };

/** Registers the suite; `make` gives a fresh and empty journal. */
export function journalContract(name: string, make: () => Promise<OwnedJournal>): void {
  const rule = (sentence: string, check: (journal: OwnedJournal) => Promise<void>) =>
    Deno.test(`${name}: ${sentence}`, async () => {
      const journal = await make();
      try {
        await check(journal);
      } finally {
        journal.close();
      }
    });

  rule("an unknown run reads as null and takes no writes", async (journal) => {
    assert.equal(await journal.read({ run: "r" }), null);
    const unknown = { code: "unknown_run" };
    await assert.rejects(journal.intent({ run: "r", seq: 0, kind: "think", intent: 1 }), unknown);
    await assert.rejects(journal.receipt({ run: "r", seq: 0, value: 1 }), unknown);
    await assert.rejects(journal.end({ run: "r", outcome: anEnd("failed"), endedAt: 1 }), unknown);
    await assert.rejects(journal.reopen({ run: "r", limits: { turns: 1 } }), unknown);
  });

  rule("a run comes back as it was opened, and opening it again changes nothing", async (journal) => {
    const record = aRun("r", { parent: "p", limits: { turns: 3, nanoUsd: 0 } });
    await journal.open(record);
    await journal.open(aRun("r", { task: "another" }));
    assert.deepEqual(await journal.read({ run: "r" }), { record, entries: [] });
  });

  rule("entries come back in order, with receipts of nothing told from no receipt", async (journal) => {
    await journal.open(aRun("r"));
    await journal.open(aRun("other"));
    for (let seq = 0; seq < 12; seq++) {
      await journal.intent({ run: "r", seq, kind: "act", intent: { call: `c${seq}` } });
    }
    await journal.intent({ run: "other", seq: 0, kind: "log", intent: "mine" });
    await journal.receipt({ run: "r", seq: 11, value: { text: "x" } });
    await journal.receipt({ run: "r", seq: 2, value: null });
    const { entries } = (await journal.read({ run: "r" }))!;
    assert.deepEqual(entries.map((entry) => entry.seq), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.deepEqual(entries[2], { seq: 2, kind: "act", intent: { call: "c2" }, receipt: { value: null } });
    assert.deepEqual(entries[11]!.receipt, { value: { text: "x" } });
    assert.equal("receipt" in entries[3]!, false);
  });

  rule("an intent is written once: the same again is harmless, another is refused", async (journal) => {
    await journal.open(aRun("r"));
    await journal.intent({ run: "r", seq: 0, kind: "think", intent: { a: 1, b: { c: 2, d: 3 } } });
    await journal.intent({ run: "r", seq: 0, kind: "think", intent: { b: { d: 3, c: 2 }, a: 1 } });
    await assert.rejects(journal.intent({ run: "r", seq: 0, kind: "think", intent: { a: 2 } }), conflict);
    await assert.rejects(
      journal.intent({ run: "r", seq: 0, kind: "act", intent: { a: 1, b: { c: 2, d: 3 } } }),
      conflict,
    );
    const { entries } = (await journal.read({ run: "r" }))!;
    assert.deepEqual(entries, [{ seq: 0, kind: "think", intent: { a: 1, b: { c: 2, d: 3 } } }]);
  });

  rule("an intent leaves no gap", async (journal) => {
    await journal.open(aRun("r"));
    await assert.rejects(journal.intent({ run: "r", seq: 1, kind: "think", intent: 1 }), conflict);
    await journal.intent({ run: "r", seq: 0, kind: "think", intent: 1 });
    await assert.rejects(journal.intent({ run: "r", seq: 2, kind: "think", intent: 1 }), conflict);
  });

  rule("a receipt needs its intent and is written once", async (journal) => {
    await journal.open(aRun("r"));
    await assert.rejects(journal.receipt({ run: "r", seq: 0, value: 1 }), conflict);
    await journal.intent({ run: "r", seq: 0, kind: "think", intent: 1 });
    await journal.receipt({ run: "r", seq: 0, value: { a: 1, b: 2 } });
    await journal.receipt({ run: "r", seq: 0, value: { b: 2, a: 1 } });
    await assert.rejects(journal.receipt({ run: "r", seq: 0, value: { a: 2 } }), conflict);
    const { entries } = (await journal.read({ run: "r" }))!;
    assert.deepEqual(entries[0]!.receipt, { value: { a: 1, b: 2 } });
  });

  rule("effects that are over are recorded together, behind what is there and once", async (journal) => {
    await journal.open(aRun("r"));
    await journal.intent({ run: "r", seq: 0, kind: "act", intent: 1 });
    const effects = [
      { kind: "act", intent: { a: 1, text: "é\u0000\u2028\ud800 '\"\\" }, value: { ok: true } },
      { kind: "act", intent: null, value: null },
      { kind: "log", intent: [1, 2.5e-7], value: "x" },
    ];
    await journal.record({ run: "r", seq: 1, effects });
    await journal.record({ run: "r", seq: 1, effects });
    await journal.record({ run: "r", seq: 3, effects: [effects[2]!, effects[0]!] });
    const after = [...effects, effects[0]!];
    const recorded = after.map(({ kind, intent, value }, at) => ({
      seq: at + 1,
      kind,
      intent,
      receipt: { value },
    }));
    const { entries } = (await journal.read({ run: "r" }))!;
    assert.deepEqual(entries, [{ seq: 0, kind: "act", intent: 1 }, ...recorded]);
    await journal.intent({ run: "r", seq: 5, kind: "act", intent: 1 });
    await assert.rejects(journal.record({ run: "r", seq: 7, effects }), conflict);
    await assert.rejects(journal.record({ run: "r", seq: 2, effects: [effects[2]!] }), conflict);
    await assert.rejects(journal.record({ run: "s", seq: 0, effects }), { code: "unknown_run" });
    await journal.end({ run: "r", outcome: anEnd("answered"), endedAt: 9 });
    await assert.rejects(journal.record({ run: "r", seq: 6, effects }), conflict);
  });

  rule("an end is written once and closes the run to new intents, not to late receipts", async (journal) => {
    await journal.open(aRun("r"));
    await journal.intent({ run: "r", seq: 0, kind: "act", intent: 1 });
    await journal.end({ run: "r", outcome: anEnd("interrupted"), endedAt: 9 });
    await journal.end({ run: "r", outcome: anEnd("interrupted"), endedAt: 10 });
    await assert.rejects(journal.end({ run: "r", outcome: anEnd("failed"), endedAt: 9 }), conflict);
    await assert.rejects(journal.intent({ run: "r", seq: 1, kind: "act", intent: 1 }), conflict);
    await journal.receipt({ run: "r", seq: 0, value: "late" });
    const { record, entries } = (await journal.read({ run: "r" }))!;
    assert.deepEqual(record, aRun("r", { status: "interrupted", outcome: anEnd("interrupted"), endedAt: 9 }));
    assert.deepEqual(entries[0]!.receipt, { value: "late" });
  });

  for (const status of ["interrupted", "limited", "failed", "blocked"] as const) {
    rule(`a run that ended as ${status} may be reopened with other limits`, async (journal) => {
      await journal.open(aRun("r"));
      await journal.intent({ run: "r", seq: 0, kind: "think", intent: 1 });
      await journal.end({ run: "r", outcome: anEnd(status), endedAt: 9 });
      await journal.reopen({ run: "r", limits: { turns: 50, tokens: 7 } });
      await journal.reopen({ run: "r", limits: { turns: 50, tokens: 7 } });
      const { record, entries } = (await journal.read({ run: "r" }))!;
      assert.deepEqual(record, aRun("r", { limits: { turns: 50, tokens: 7 } }));
      assert.equal(entries.length, 1);
      await journal.intent({ run: "r", seq: 1, kind: "think", intent: 2 });
      await journal.end({ run: "r", outcome: anEnd("answered", "42"), endedAt: 10 });
    });
  }

  for (const status of ["answered", "denied"] as const) {
    rule(`a run that was ${status} stays so`, async (journal) => {
      await journal.open(aRun("r"));
      await journal.end({ run: "r", outcome: anEnd(status), endedAt: 9 });
      await assert.rejects(journal.reopen({ run: "r", limits: { turns: 50 } }), { code: "run_ended" });
      assert.equal((await journal.read({ run: "r" }))!.record.status, status);
    });
  }

  rule("the list is newest first, bounded, and names sub-agents only below their parent", async (journal) => {
    await journal.open(aRun("old", { startedAt: 1 }));
    await journal.open(aRun("new", { startedAt: 3 }));
    await journal.open(aRun("same", { startedAt: 3 }));
    await journal.open(aRun("old.1", { startedAt: 2, parent: "old" }));
    const names = (records: RunRecord[]) => records.map((record) => record.run);
    assert.deepEqual(names(await journal.list({ limit: 1000 })), ["same", "new", "old"]);
    assert.deepEqual(names(await journal.list({ limit: 1 })), ["same"]);
    assert.deepEqual(names(await journal.list({ limit: 9, parent: "old" })), ["old.1"]);
    assert.deepEqual(await journal.list({ limit: 9, parent: "new" }), []);
  });

  rule("what was handed in is kept as it was then", async (journal) => {
    const intent = { words: ["a"] };
    await journal.open(aRun("r"));
    await journal.intent({ run: "r", seq: 0, kind: "think", intent });
    intent.words.push("b");
    const first = (await journal.read({ run: "r" }))!;
    assert.deepEqual(first.entries[0]!.intent, { words: ["a"] });
    first.entries.pop();
    assert.equal((await journal.read({ run: "r" }))!.entries.length, 1);
  });
}
