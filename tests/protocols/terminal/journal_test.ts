import assert from "node:assert/strict";
import type { JournalEntry, RunRecord } from "../../../protocols/messages/journal.ts";
import type { RunEvent } from "../../../protocols/messages/run.ts";
import { runCli } from "../../../protocols/terminal/cli.ts";
import { told } from "../../../protocols/terminal/transcript.ts";
import { columnsOf } from "../../../protocols/terminal/preview.ts";
import { MemorySink, type Stand, stand } from "./outside.ts";
import { ended, outcome, record, RUN, thought } from "./runs.ts";

const RECORDS: readonly RunRecord[] = [
  record({ run: "01b", status: "running", outcome: undefined, task: "Prüfe\n die Summe" }),
  record({ run: RUN, task: "排".repeat(200) }),
];

Deno.test("runs: a table whose columns line up and whose tasks are cut to the width of the terminal", async () => {
  const { at } = await listed(["runs"], { stdout: new MemorySink(true, 70), env: { NO_COLOR: "1" } });
  const lines = at.stdout.written.trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, 2), [
    "RUN           STATUS    AGE    TURNS  USD        TASK",
    "01b           running   2 min  -      -          Prüfe die Summe",
  ]);
  assert.equal(lines[2], `01jd0v7m3q8x  answered  2 min  3      0.0012345  ${"排".repeat(10)}…`);
  assert.equal(at.stderr.written, "");
});

Deno.test("runs: where there is no terminal the table is 120 columns wide and without colour", async () => {
  const { at } = await listed(["runs"], {});
  const widest = Math.max(...at.stdout.written.split("\n").map(columnsOf));
  assert.ok(widest > 115 && widest <= 120, String(widest));
  assert.doesNotMatch(at.stdout.written, /[^\P{Cc}\n]/u);
  const coloured = await listed(["runs"], { stdout: new MemorySink(true) });
  assert.ok(coloured.at.stdout.written.includes("\x1b[32manswered"));
});

Deno.test("runs: --limit is passed on, up to what the journal can list; --json prints each record", async () => {
  assert.deepEqual((await listed(["runs"], {})).limits, [20]);
  assert.deepEqual((await listed(["runs", "--limit", "3"], {})).limits, [3]);
  assert.deepEqual((await listed(["runs", "--limit", "5000"], {})).limits, [1000]);
  const { at } = await listed(["runs", "--json"], {});
  assert.deepEqual(at.stdout.written.trimEnd().split("\n").map((line) => JSON.parse(line)), jsonOf(RECORDS));
});

Deno.test("runs: where there are none, how to start one is said beside the empty output", async () => {
  const at = stand({ runtime: { runs: () => Promise.resolve([]) } });
  assert.equal(await runCli(["runs"], at.outside), 0);
  assert.equal(at.stdout.written, "");
  assert.match(at.stderr.written, /^troupe: no runs yet; start one with: troupe run/);
});

Deno.test("show: the transcript tells what the run printed, from intents and receipts alone", async () => {
  const spoken: RunEvent = { type: "text", agent: "lead/checker", text: "Fine" };
  const call = (name: string, args: string) => ({ id: name, name, arguments: args });
  const done = (value: unknown, events: readonly RunEvent[] = []) => ({
    receipt: { value: { value, events } },
  });
  const sub = outcome("answered", "Fine.");
  const entries: JournalEntry[] = [
    {
      seq: 0,
      kind: "think",
      intent: {},
      ...done(thought("I will sort.\n"), [{ type: "text", agent: "lead", text: "I" }]),
    },
    {
      seq: 1,
      kind: "act",
      intent: call("echo", '{"a":1}'),
      ...done({ outcome: { ok: true, content: "one" }, ms: 7 }),
    },
    {
      seq: 2,
      kind: "execute",
      intent: call("execute_python", "{}"),
      ...done({ outcome: { ok: false, kind: "transient", message: "it died" }, ms: 1500 }),
    },
    {
      seq: 3,
      kind: "spawn",
      intent: { name: "checker", task: "Check it", call: call("delegate", "{}") },
      ...done({ sub, ms: 20 }, [spoken, {
        type: "thought",
        agent: "lead/checker",
        thought: thought("Fine."),
      }]),
    },
    { seq: 4, kind: "log", intent: { level: "warn", message: "nearly done" }, ...done(null) },
    { seq: 5, kind: "compact", intent: {}, ...done(thought("Short.")) },
    { seq: 6, kind: "think", intent: {}, ...done(thought("It is [1, 2].")) },
  ];
  const at = await shown(record(), entries);
  assert.equal(
    at.stdout.written,
    `run ${RUN} · lead · started 2025-10-09T08:51:15.000Z · answered

Sort it

I will sort.
✓ echo 7 ms a=1 → one
✗ execute_python 1.5 s → transient: it died
→ checker Check it
  checker │ Fine.
← checker answered · 3 turns · 1234 tokens in, 56 out · 0.0012345 USD
✓ delegate 20 ms → Fine.
! nearly done
· the conversation was compacted
It is [1, 2].
[1, 2]
✓ answered · 3 turns · 1234 tokens in, 56 out · 0.0012345 USD · 4.2 s · run ${RUN}
`,
  );
  assert.equal(at.stderr.written, "");
});

Deno.test("the events of a journal are those a watcher saw: turns are counted, and the end has its time", () => {
  const think = (seq: number): JournalEntry => ({ seq, kind: "think", intent: {} });
  const { events } = told(record(), [think(0), think(1)]);
  const turns = [1, 2].map((turn): RunEvent => ({ type: "turn_started", agent: "lead", turn }));
  assert.deepEqual(events, [...turns, ended(outcome("answered", "[1, 2]"))]);
});

Deno.test("show: an effect that was begun and never ended is named, and one this version does not know", async () => {
  const running = record({ status: "running", outcome: undefined, endedAt: undefined });
  const at = await shown(running, [
    { seq: 0, kind: "dream\x1b", intent: {}, receipt: { value: 1 } },
    { seq: 1, kind: "act", intent: { id: "1", name: "echo", arguments: "{}" } },
  ]);
  assert.ok(at.stdout.written.endsWith(
    "\n\n… effect 0, dream\\x1b, is of a kind this version does not know\n" +
      "… effect 1, act, was begun and has no result yet\n",
  ));
  assert.doesNotMatch(at.stdout.written, /answered|resume/);
});

Deno.test("show: a run that ended early says how to go on; hostile text does not steer the terminal", async () => {
  const end = outcome("limited", "\x1b[2Jhalf", { limit: "turns" });
  const at = await shown(
    record({ task: "\x1b]0;x\x07", status: "limited", outcome: end }),
    [],
    new MemorySink(true),
  );
  assert.match(at.stdout.written, /\nresume with: troupe resume 01jd0v7m3q8x --max-turns <more>\n$/);
  assert.ok(at.stdout.written.includes("\\x1b[2Jhalf\n") && at.stdout.written.includes("\\x1b]0;x\\x07\n"));
});

Deno.test("show: --json is the record and its entries, and an unknown run is a usage error", async () => {
  const entries = [{ seq: 0, kind: "think", intent: { a: 1 } }];
  const at = stand({ runtime: { show: () => Promise.resolve({ record: record(), entries }) } });
  assert.equal(await runCli(["show", RUN, "--json"], at.outside), 0);
  assert.deepEqual(JSON.parse(at.stdout.written), { record: record(), entries });
  const none = stand({ runtime: { show: () => Promise.resolve(null) } });
  assert.equal(await runCli(["show", "01nope"], none.outside), 2);
  assert.equal(
    none.stderr.written,
    "troupe: Cannot show run 01nope: there is none; list the runs there are with: troupe runs\n",
  );
});

async function listed(
  args: readonly string[],
  options: { stdout?: MemorySink; env?: Record<string, string> },
): Promise<{ at: Stand; limits: number[] }> {
  const limits: number[] = [];
  const runs = (limit: number) => {
    limits.push(limit);
    return Promise.resolve([...RECORDS]);
  };
  const at = stand({ ...options, runtime: { runs } });
  assert.equal(await runCli(args, at.outside), 0);
  return { at, limits };
}

async function shown(found: RunRecord, entries: JournalEntry[], stdout = new MemorySink()): Promise<Stand> {
  const show = () => Promise.resolve({ record: found, entries });
  const at = stand({ stdout, env: { NO_COLOR: "1" }, runtime: { show } });
  assert.equal(await runCli(["show", RUN], at.outside), 0);
  return at;
}

function jsonOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
