import assert from "node:assert/strict";
import { runAgent } from "../../../actors/agents/agent_run.ts";
import type { ThinkOutcome } from "../../../protocols/messages/model.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { anAgent, asked, aWorld, called, echo, listed, modelRef, said } from "./fakes.ts";

const failure = (kind: "auth" | "server", message: string): ThinkOutcome => ({
  ok: false,
  failure: { kind, message, attempts: 1 },
});

Deno.test("turns run out: the run ends with what it has, and goes on with more", async () => {
  const journal = memoryJournal();
  const call = called("a", "echo", { text: "x" });
  const model = listed([said("one", [call]), said("two", [call])]);
  const world = aWorld();
  const limits = { turns: 2 };
  const outcome = await runAgent(anAgent(model.ref, journal, { tools: [echo] }), asked({ limits }), world);
  model.done();
  assert.deepEqual([outcome.status, outcome.limit, outcome.answer, outcome.spent.turns], [
    "limited",
    "turns",
    "two",
    2,
  ]);
  assert.equal(world.events.at(-1)?.type, "run_ended");
  const more = listed([said("three")]);
  const resumed = await runAgent(
    anAgent(more.ref, journal, { tools: [echo] }),
    asked({ limits: { turns: 3 } }),
    aWorld(),
  );
  assert.deepEqual([resumed.status, resumed.answer, resumed.spent.turns], ["answered", "three", 3]);
});

Deno.test("an inference that was cut off is not asked again beyond a limit", async () => {
  const journal = memoryJournal();
  const call = called("a", "echo", { text: "x" });
  const cut = listed([said("one", [call]), failure("server", "500")]);
  await runAgent(anAgent(cut.ref, journal, { tools: [echo] }), asked(), aWorld());
  const options = anAgent(listed([]).ref, journal, { tools: [echo] });
  const less = await runAgent(options, asked({ limits: { turns: 1 } }), aWorld());
  assert.deepEqual([less.status, less.limit, less.answer], ["limited", "turns", "one"]);
});

Deno.test("tokens are counted exactly, forbid an inference that does not fit and bound one that barely does", async () => {
  const call = called("a", "echo", { text: "x" });
  const model = listed([said("one", [call]), said("two", [call])]);
  const limits = { turns: 9, tokens: 50 };
  const small = { ...echo, spec: { name: "echo", description: "", parameters: {} } };
  const options = anAgent(model.ref, memoryJournal(), { tools: [small], system: "s" });
  const outcome = await runAgent(options, asked({ limits, task: "t" }), aWorld());
  model.done();
  assert.deepEqual([outcome.status, outcome.limit], ["limited", "tokens"]);
  assert.deepEqual(outcome.spent, { turns: 2, inputTokens: 20, outputTokens: 10, nanoUsd: 40 });
  const [first, second] = model.requests.map((request) => request.maxTokens ?? Infinity);
  assert.ok(first! < 50 && second! < first! && second! >= 1, `${first}, ${second}`);
});

Deno.test("money runs out", async () => {
  const call = called("a", "echo", { text: "x" });
  const dear = { costNanoUsd: 900 };
  const model = listed([said("one", [call], dear), said("two", [call], dear)]);
  const options = anAgent(model.ref, memoryJournal(), {
    tools: [echo],
    price: { input: 1_000, cached: 0, output: 0 },
  });
  const outcome = await runAgent(options, asked({ limits: { turns: 9, nanoUsd: 1_000 } }), aWorld());
  assert.deepEqual([outcome.status, outcome.limit, outcome.spent.nanoUsd], ["limited", "usd", 1_800]);
});

Deno.test("a limit in dollars needs a price, known before the first inference", async () => {
  const journal = memoryJournal();
  const options = anAgent(listed([]).ref, journal, { price: null });
  const outcome = await runAgent(options, asked({ limits: { turns: 9, nanoUsd: 500_000_000 } }), aWorld());
  assert.equal(outcome.status, "failed");
  assert.match(outcome.reason ?? "", /limit of 0.5 USD: the price of "fake" is not known/);
  assert.equal(await journal.read({ run: "r" }), null);
  const free = anAgent(listed([said("42", [], { costNanoUsd: null })]).ref, journal, { price: null });
  const unbounded = await runAgent(free, asked(), aWorld());
  assert.deepEqual([unbounded.status, unbounded.spent.nanoUsd], ["answered", null]);
});

Deno.test("the deadline stops an inference in flight; with more time it is asked again", async () => {
  const journal = memoryJournal();
  const clock = new HandClock();
  let asking = Promise.withResolvers<void>();
  const hanging = modelRef(() => (asking.resolve(), new Promise(() => {})));
  const ending = runAgent(
    anAgent(hanging, journal),
    asked({ limits: { turns: 9, wallMs: 5_000 } }),
    aWorld({ clock }),
  );
  await asking.promise;
  clock.advance(5_000);
  const outcome = await ending;
  assert.deepEqual([outcome.status, outcome.limit], ["limited", "wall_clock"]);
  asking = Promise.withResolvers();
  const limits = { turns: 9, wallMs: 9_000 };
  const resumed = await runAgent(
    anAgent(listed([said("42")]).ref, journal),
    asked({ limits }),
    aWorld({ clock }),
  );
  assert.equal(resumed.status, "answered");
  assert.equal(clock.sleeping, 0);
});

Deno.test("a resumed run keeps its deadline", async () => {
  const journal = memoryJournal();
  const clock = new HandClock();
  const limits = { turns: 9, wallMs: 5_000 };
  await runAgent(
    anAgent(listed([failure("server", "500")]).ref, journal),
    asked({ limits }),
    aWorld({ clock }),
  );
  clock.advance(6_000);
  const late = await runAgent(anAgent(listed([]).ref, journal), asked({ limits }), aWorld({ clock }));
  assert.deepEqual([late.status, late.limit], ["limited", "wall_clock"]);
});
