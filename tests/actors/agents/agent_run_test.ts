import assert from "node:assert/strict";
import { runAgent } from "../../../actors/agents/agent_run.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { ThinkOutcome } from "../../../protocols/messages/model.ts";
import type { JournalPort } from "../../../supervisor/durable/journal.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { anAgent, asked, aWorld, called, echo, listed, modelRef, said, tool } from "./fakes.ts";

const failure = (kind: "auth" | "server", message: string): ThinkOutcome => ({
  ok: false,
  failure: { kind, message, attempts: 1 },
});

Deno.test("a run is answered, told and recorded", async () => {
  const journal = memoryJournal();
  const model = listed([said("", [called("a", "echo", { text: "hi" })]), said("it said hi")]);
  const world = aWorld();
  const options = anAgent(model.ref, journal, { tools: [echo], setup: { folder: "/w" }, stop: ["###"] });
  const outcome = await runAgent(options, asked({ limits: { turns: 5 } }), world);
  model.done();
  assert.deepEqual(outcome, {
    status: "answered",
    answer: "it said hi",
    spent: { turns: 2, inputTokens: 20, outputTokens: 10, nanoUsd: 40 },
  });
  assert.deepEqual(world.events.map((event) => event.type), [
    "run_started",
    "turn_started",
    "thought",
    "tool_started",
    "tool_ended",
    "turn_started",
    "text",
    "text",
    "text",
    "thought",
    "run_ended",
  ]);
  assert.deepEqual(model.requests[0], {
    lines: [{ role: "system", text: "You are a helpful AI agent." }, { role: "user", text: "do it" }],
    tools: [echo.spec],
    stop: ["###"],
    idempotencyKey: "r.0",
  });
  assert.deepEqual(model.requests[1]?.lines.slice(2), [
    { role: "assistant", text: "", toolCalls: [called("a", "echo", { text: "hi" })] },
    { role: "tool", callId: "a", text: "hi" },
  ]);
  const { record, entries } = (await journal.read({ run: "r" }))!;
  assert.deepEqual(record.outcome, outcome);
  assert.deepEqual(record.setup, {
    folder: "/w",
    program: "react",
    model: "fake",
    system: "You are a helpful AI agent.",
    contextWindow: 100_000,
    tools: ["echo"],
  });
  assert.deepEqual(entries.map(({ kind }) => kind), ["think", "act", "think"]);
  assert.deepEqual((entries[2]?.intent as { kept: number }).kept, 2);
});

Deno.test("a run that failed for its key goes on once the key is right, repeating nothing", async () => {
  const journal = memoryJournal();
  let echoed = 0;
  const counting = tool("echo", () => (echoed++, { ok: true, content: "hi" }));
  const wrongKey = listed([said("", [called("a", "echo", {})]), failure("auth", "401: the key is wrong")]);
  const failed = await runAgent(anAgent(wrongKey.ref, journal, { tools: [counting] }), asked(), aWorld());
  assert.deepEqual([failed.status, failed.reason], ["failed", "401: the key is wrong"]);
  assert.equal((await journal.read({ run: "r" }))?.record.status, "failed");
  const rightKey = listed([said("done")]);
  const answered = await runAgent(anAgent(rightKey.ref, journal, { tools: [counting] }), asked(), aWorld());
  rightKey.done();
  assert.deepEqual([answered.status, answered.answer, answered.spent.turns, echoed], [
    "answered",
    "done",
    2,
    1,
  ]);
});

Deno.test("asking for an answered run again tells it again and performs nothing", async () => {
  const journal = memoryJournal();
  const first = aWorld();
  const outcome = await runAgent(anAgent(listed([said("42")]).ref, journal), asked(), first);
  for (const replay of [false, true]) {
    const again = aWorld();
    assert.deepEqual(await runAgent(anAgent(listed([]).ref, journal), asked({ replay }), again), outcome);
    assert.deepEqual(again.events, first.events);
  }
});

Deno.test("a run that stopped early is replayed up to there, with the end it had", async () => {
  const journal = memoryJournal();
  const model = listed([said("", [called("a", "nothing", {})]), failure("server", "500")]);
  const first = aWorld();
  const outcome = await runAgent(anAgent(model.ref, journal), asked(), first);
  const again = aWorld();
  assert.deepEqual(await runAgent(anAgent(listed([]).ref, journal), asked({ replay: true }), again), outcome);
  assert.deepEqual(again.events, first.events);
});

Deno.test("a replay of what has not ended, or is unknown, or is another program's, fails and writes nothing", async () => {
  const journal = memoryJournal();
  const replay = (more = {}) =>
    runAgent(anAgent(listed([]).ref, journal, more), asked({ replay: true }), aWorld());
  await assert.rejects(replay(), { code: "unknown_run" });
  const begun = runAgent(
    anAgent(modelRef(() => Promise.reject(new TypeError("a bug"))), {
      ...journal,
      end: () => Promise.reject(new TypeError("killed")),
    }),
    asked(),
    aWorld(),
  );
  await assert.rejects(begun, /killed/);
  await assert.rejects(replay(), { code: "replay_incomplete" });
  assert.equal((await journal.read({ run: "r" }))?.record.status, "running");
  await runAgent(anAgent(listed([said("42")]).ref, journal), asked(), aWorld());
  await assert.rejects(replay({ system: "You are another." }), { code: "replay_diverged" });
  assert.equal((await replay()).answer, "42");
});

Deno.test("going on with other instructions fails with what is different, and can be taken back", async () => {
  const journal = memoryJournal();
  const first = listed([said("", [called("a", "echo", {})]), failure("server", "500")]);
  await runAgent(anAgent(first.ref, journal, { tools: [echo] }), asked(), aWorld());
  const other = await runAgent(anAgent(listed([]).ref, journal, { system: "Be terse." }), asked(), aWorld());
  assert.equal(other.status, "failed");
  assert.match(other.reason ?? "", /effect 0 was think .*You are a helpful AI agent.*Be terse/s);
  const back = await runAgent(
    anAgent(listed([said("ok")]).ref, journal, { tools: [echo] }),
    asked(),
    aWorld(),
  );
  assert.equal(back.status, "answered");
});

Deno.test("an id stands for one task", async () => {
  const journal = memoryJournal();
  await runAgent(anAgent(listed([said("42")]).ref, journal), asked(), aWorld());
  const outcome = await runAgent(anAgent(listed([]).ref, journal), asked({ task: "another" }), aWorld());
  assert.deepEqual([outcome.status, outcome.reason], [
    "failed",
    'Cannot start run "r": it is the run of another task',
  ]);
});

Deno.test("an interrupted run stops at once and is left to be resumed", async () => {
  const journal = memoryJournal();
  const caller = new AbortController();
  const asking = Promise.withResolvers<void>();
  const hanging = modelRef(() => (asking.resolve(), new Promise(() => {})));
  const ending = runAgent(anAgent(hanging, journal), asked(), aWorld({ signal: caller.signal }));
  await asking.promise;
  caller.abort();
  assert.equal((await ending).status, "interrupted");
  const { record, entries } = (await journal.read({ run: "r" }))!;
  assert.equal(record.status, "interrupted");
  assert.deepEqual(entries.map((entry) => [entry.kind, "receipt" in entry]), [["think", false]]);
  const resumed = await runAgent(anAgent(listed([said("42")]).ref, journal), asked(), aWorld());
  assert.equal(resumed.answer, "42");
});

Deno.test("a watcher that went away interrupts the run", async () => {
  const journal = memoryJournal();
  const emit = () => Promise.reject(new Fault("cancelled", "gone"));
  const outcome = await runAgent(anAgent(listed([]).ref, journal), asked(), aWorld({ emit }));
  assert.equal(outcome.status, "interrupted");
});

Deno.test("a model whose actor dies is asked again, and watchers are told", async () => {
  const died = new Fault("died", "the model died", { retry: "later" });
  const clock = new HandClock();
  clock.skip(100);
  const model = listed([died, said("42")]);
  const world = aWorld({ clock });
  const outcome = await runAgent(anAgent(model.ref, memoryJournal()), asked(), world);
  assert.equal(outcome.answer, "42");
  assert.deepEqual(world.events.filter((event) => event.type === "retry"), [
    { type: "retry", agent: "lead", reason: "the model died", attempt: 2, delayMs: 100 },
  ]);
  clock.skip(100);
  clock.skip(200);
  const dead = listed([died, died, died]);
  const failed = await runAgent(anAgent(dead.ref, memoryJournal()), asked(), aWorld({ clock }));
  dead.done();
  assert.deepEqual([failed.status, failed.reason], ["failed", "Cannot ask the model: the model died"]);
});

Deno.test("a store that is being restarted is asked again", async () => {
  const memory = memoryJournal();
  const clock = new HandClock();
  let deaths = 0;
  const flaky = <Q, R>(act: (request: Q) => Promise<R>) => async (request: Q): Promise<R> => {
    const answer = await act(request);
    if (deaths++ % 2 === 0) {
      clock.skip(50);
      throw new Fault("died", "the store died", { retry: "later" });
    }
    return answer;
  };
  const journal: JournalPort = {
    open: flaky(memory.open),
    intent: flaky(memory.intent),
    receipt: flaky(memory.receipt),
    record: flaky(memory.record),
    read: flaky(memory.read),
    end: flaky(memory.end),
    reopen: flaky(memory.reopen),
    list: flaky(memory.list),
  };
  const outcome = await runAgent(anAgent(listed([said("42")]).ref, journal), asked(), aWorld({ clock }));
  assert.equal(outcome.status, "answered");
  assert.deepEqual((await memory.read({ run: "r" }))?.record.outcome, outcome);
});

const full = () =>
  Promise.reject(new Fault("store_full", "Cannot use store: the disk is full", { retry: "later" }));

Deno.test("a full disk fails the run with that reason and what there is, and it can be resumed", async () => {
  const memory = memoryJournal();
  const call = called("a", "echo", { text: "x" });
  const broken = {
    ...memory,
    receipt: (request: { run: string; seq: number; value: unknown }) =>
      request.seq > 0 ? full() : memory.receipt(request),
    end: full,
  };
  const model = listed([said("so far", [call])]);
  const outcome = await runAgent(anAgent(model.ref, broken, { tools: [echo] }), asked(), aWorld());
  assert.equal(outcome.status, "failed");
  assert.equal(outcome.answer, "so far");
  assert.match(outcome.reason ?? "", /disk is full.*The end of the run is not recorded/s);
  const resumed = await runAgent(
    anAgent(listed([said("42")]).ref, memory, { tools: [echo] }),
    asked(),
    aWorld(),
  );
  assert.equal(resumed.answer, "42");
});

Deno.test("an answer is given even if its end cannot be recorded", async () => {
  const journal = { ...memoryJournal(), end: full };
  const outcome = await runAgent(anAgent(listed([said("42")]).ref, journal), asked(), aWorld());
  assert.deepEqual([outcome.status, outcome.answer], ["answered", "42"]);
  assert.match(outcome.reason ?? "", /not recorded/);
});

Deno.test("a store that cannot be opened fails the run before anything is asked", async () => {
  const journal = { ...memoryJournal(), read: full };
  const world = aWorld();
  const outcome = await runAgent(anAgent(listed([]).ref, journal), asked(), world);
  assert.deepEqual([outcome.status, outcome.reason], ["failed", "Cannot use store: the disk is full"]);
  assert.deepEqual(world.events.map((event) => event.type), ["run_ended"]);
});
