import assert from "node:assert/strict";
import type { World } from "../../../actors/agents/agent_options.ts";
import { runAgent } from "../../../actors/agents/agent_run.ts";
import { assume } from "../../../actors/agents/assume.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { ThinkOutcome, ThinkRequest } from "../../../protocols/messages/model.ts";
import type { OwnedJournal } from "../../../supervisor/durable/journal.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { agentRef, anAgent, asked, aWorld, called, echo, fakeRef, modelRef, said, tool } from "./fakes.ts";

type Script = Readonly<Record<string, readonly ThinkOutcome[]>>;

/** A model with a list of answers for the lead and for each sub-agent by its name. */
function cast(script: Script) {
  const asked: Record<string, ThinkRequest[]> = {};
  const ref = modelRef((request) => {
    const system = request.lines[0]?.text ?? "";
    const who = /sub-agent "([\w-]+)"/.exec(system)?.[1] ?? "lead";
    const requests = asked[who] ??= [];
    const outcome = script[who]?.[requests.length];
    requests.push(request);
    assert.ok(outcome, `request ${requests.length} of ${who} is one too many`);
    return Promise.resolve(outcome);
  });
  return { ref, asked };
}

const delegate = (id: string, args: Record<string, unknown>) => called(id, "delegate", args);

async function run(
  script: Script,
  more: Partial<{ journal: OwnedJournal; world: Partial<World>; limits: object }> = {},
) {
  const journal = more.journal ?? memoryJournal();
  const world = aWorld(more.world);
  const model = cast(script);
  const secret = tool("secret", () => ({ ok: true, content: "s" }));
  const options = anAgent(model.ref, journal, { tools: [echo, secret], mayDelegate: 1, system: "Lead." });
  const limits = { turns: 25, ...more.limits };
  const outcome = await runAgent(options, asked({ limits }), world);
  return { outcome, world, journal, model };
}

Deno.test("a sub-agent has the tools it was given, a run of its own, and answers its parent", async () => {
  const { outcome, world, journal, model } = await run({
    lead: [said("", [delegate("d", { name: "helper", task: "help", tools: ["echo"] })]), said("thanks")],
    helper: [said("", [called("e", "echo", { text: "x" })]), said("helped")],
  });
  assert.deepEqual([outcome.status, outcome.answer, outcome.spent.turns], ["answered", "thanks", 4]);
  assert.deepEqual(model.asked.helper?.[0]?.tools.map((spec) => spec.name), ["echo"]);
  assert.deepEqual(model.asked.lead?.[0]?.tools.map((spec) => spec.name), ["echo", "secret", "delegate"]);
  assert.deepEqual(model.asked.lead?.[1]?.lines.at(-1), { role: "tool", callId: "d", text: "helped" });
  const child = (await journal.read({ run: "r.1" }))!;
  assert.deepEqual([child.record.parent, child.record.agent, child.record.task], [
    "r",
    "lead/helper",
    "help",
  ]);
  assert.equal(child.record.outcome?.answer, "helped");
  assert.equal(world.running.size, 0, "the sub-agent was not stopped");
  const told = world.events.filter((event) => event.agent === "lead/helper").map((event) => event.type);
  assert.deepEqual([told[0], told.at(-1)], ["run_started", "run_ended"]);
});

Deno.test("shares are taken off before anybody begins, and what is not used comes back", async () => {
  const { outcome, journal } = await run({
    lead: [
      said("", [
        delegate("a", { name: "left", task: "l" }),
        delegate("b", { name: "right", task: "r", share: 0.25 }),
      ]),
      said("", [delegate("c", { name: "late", task: "l", share: 1 })]),
      said("done"),
    ],
    left: [said("l")],
    right: [said("r")],
    late: [said("l")],
  }, { limits: { turns: 13, tokens: 1_015, nanoUsd: 1_020 } });
  const limits = async (run: string) => (await journal.read({ run }))?.record.limits;
  assert.deepEqual(await limits("r.1"), { turns: 4, tokens: 333, nanoUsd: 333 });
  assert.deepEqual(await limits("r.2"), { turns: 3, tokens: 250, nanoUsd: 250 });
  assert.deepEqual(await limits("r.4"), { turns: 9, tokens: 955, nanoUsd: 940 });
  assert.deepEqual(outcome.spent, { turns: 6, inputTokens: 60, outputTokens: 30, nanoUsd: 120 });
});

Deno.test("a sub-agent at the end of its share stops; its parent is told and goes on", async () => {
  const { outcome, model } = await run({
    lead: [said("", [delegate("d", { name: "helper", task: "help", share: 0.3 })]), said("alone then")],
    helper: [said("half way", [called("e", "echo", { text: "x" })])],
  }, { limits: { turns: 5 } });
  assert.deepEqual([outcome.status, outcome.spent.turns], ["answered", 3]);
  const answer = JSON.parse(model.asked.lead?.[1]?.lines.at(-1)?.text ?? "");
  assert.equal(answer.error.kind, "permanent");
  assert.match(answer.error.message, /"helper" ended as limited: .*turns.*What it had by then: half way/);
});

Deno.test("with nothing left to share no sub-agent starts", async () => {
  const { outcome, model } = await run({
    lead: [said("", [delegate("d", { name: "helper", task: "help" })]), said("alone then")],
  }, { limits: { turns: 2 } });
  assert.equal(outcome.answer, "alone then");
  assert.match(model.asked.lead?.[1]?.lines.at(-1)?.text ?? "", /Nothing of the budget is left to share/);
});

const misspelt: [args: Record<string, unknown>, why: RegExp][] = [
  [{ task: "t" }, /`name` must be/],
  [{ name: "a/b", task: "t" }, /`name` must be/],
  [{ name: "a", task: " " }, /`task` must say/],
  [{ name: "a", task: "t", share: 0 }, /`share` must be/],
  [{ name: "a", task: "t", share: 2 }, /`share` must be/],
  [{ name: "a", task: "t", tools: "echo" }, /must be a list/],
  [{ name: "a", task: "t", tools: ["echo", "rm"] }, /you may hand on echo, secret, not rm/],
  [{ name: "a", task: "t", tools: ["delegate"] }, /not delegate/],
];

for (const [args, why] of misspelt) {
  Deno.test(`delegating ${JSON.stringify(args)} is refused with its reason`, async () => {
    const { outcome, world, model } = await run({ lead: [said("", [delegate("d", args)]), said("ok")] });
    assert.equal(outcome.status, "answered");
    assert.match(model.asked.lead?.[1]?.lines.at(-1)?.text ?? "", why);
    assert.ok(world.events.every((event) => event.type !== "agent_spawned"));
  });
}

Deno.test("a sub-agent may not delegate unless its parent may twice", async () => {
  const { outcome, model } = await run({
    lead: [said("", [delegate("d", { name: "helper", task: "help" })]), said("ok")],
    helper: [said("", [delegate("x", { name: "other", task: "t" })]), said("cannot")],
  });
  assert.equal(outcome.answer, "ok");
  assert.match(model.asked.helper?.[1]?.lines.at(-1)?.text ?? "", /There is no tool \\"delegate\\"/);
});

Deno.test("a sub-agent ends no later than its parent, also when it is resumed", async () => {
  const clock = new HandClock(0);
  const journal = memoryJournal();
  const script = (last: ThinkOutcome) => ({
    lead: [said("", [delegate("d", { name: "helper", task: "help" })]), said("ok")],
    helper: [last],
  });
  const broken: ThinkOutcome = said("", [called("c", "boom", {})]);
  const dies = {
    ...journal,
    intent: (request: Parameters<OwnedJournal["intent"]>[0]) =>
      request.run === "r.1" && request.seq === 1
        ? Promise.reject(new TypeError("killed"))
        : journal.intent(request),
  };
  const limits = { wallMs: 10_000 };
  clock.advance(1_000);
  const first = run(script(broken), { journal: dies, world: { clock }, limits });
  await assert.rejects(first, /killed/);
  assert.equal((await journal.read({ run: "r.1" }))?.record.limits.wallMs, 10_000);
  clock.advance(6_000);
  const outcome = await run({ lead: [said("ok")], helper: [said("late but in time")] }, {
    journal,
    world: { clock },
    limits,
  });
  assert.equal((await journal.read({ run: "r.1" }))?.record.limits.wallMs, 10_000);
  assert.equal(outcome.outcome.status, "answered");
  assert.equal(clock.sleeping, 0);
});

Deno.test("a sub-agent whose worker dies is asked again and told on from where it was", async () => {
  let starts = 0;
  const journal = memoryJournal();
  const world: Partial<World> = {};
  world.startAgent = (_name, options) => {
    const alive = agentRef(options, aWorld());
    return Promise.resolve(fakeRef(options.name, {
      stream: async (_message, request, send, signal) => {
        const [attempt, died] = [++starts, new Fault("died", "its worker died")];
        const inner = alive.stream("run", request as never, { signal });
        let count = 0;
        for await (const event of inner) {
          if (attempt === 1 && ++count > 4) {
            inner.cancel();
            await inner.reply.catch(() => {});
            throw died;
          }
          await send(event);
        }
        return await inner.reply;
      },
    }));
  };
  const answers = [said("one two three"), said("one two four"), said("one two four")];
  let asks = 0;
  const model = modelRef((request) => {
    const sub = /sub-agent/.test(request.lines[0]?.text ?? "");
    const first = request.lines.length === 2 && !sub;
    return Promise.resolve(
      first ? said("", [delegate("d", { name: "helper", task: "t" })]) : sub ? answers[asks++]! : said("ok"),
    );
  });
  const told = aWorld(world);
  const options = anAgent(model, journal, { mayDelegate: 1 });
  const outcome = await runAgent(options, asked(), told);
  assert.deepEqual([outcome.status, starts], ["answered", 2]);
  const types = told.events.filter((event) => event.agent === "lead/helper").map((event) => event.type);
  assert.equal(types.filter((type) => type === "run_started").length, 1);
  assert.equal(types.filter((type) => type === "turn_started").length, 1);
  assert.equal(types.at(-1), "run_ended");
});

Deno.test("a sub-agent that cannot be started fails as data", async () => {
  const startAgent = () => Promise.reject(new Fault("start_failed", "Cannot start it: no room"));
  const { outcome, model } = await run({
    lead: [said("", [delegate("d", { name: "helper", task: "t" })]), said("alone then")],
  }, { world: { startAgent } });
  assert.equal(outcome.answer, "alone then");
  assert.match(model.asked.lead?.[1]?.lines.at(-1)?.text ?? "", /ended as failed: Cannot start it: no room/);
});

Deno.test("an interrupted parent stops its sub-agent, counts what it used, and both go on later", async () => {
  const journal = memoryJournal();
  const caller = new AbortController();
  const interrupting = modelRef((request) => {
    const sub = /sub-agent/.test(request.lines[0]?.text ?? "");
    if (!sub) return Promise.resolve(said("", [delegate("d", { name: "helper", task: "t" })]));
    if (request.lines.length === 2) return Promise.resolve(said("", [called("e", "echo", { text: "x" })]));
    caller.abort();
    return new Promise(() => {});
  });
  const options = anAgent(interrupting, journal, { tools: [echo], mayDelegate: 1 });
  const world = aWorld({ signal: caller.signal });
  const stopped = await runAgent(options, asked(), world);
  assert.deepEqual([stopped.status, stopped.spent.turns], ["interrupted", 2]);
  assert.equal(world.running.size, 0);
  const model = cast({ lead: [said("ok")], helper: [said("helped")] });
  const resumed = await runAgent(
    anAgent(model.ref, journal, { tools: [echo], mayDelegate: 1 }),
    asked(),
    aWorld(),
  );
  assert.deepEqual([resumed.status, resumed.answer, resumed.spent.turns], ["answered", "ok", 4]);
});

Deno.test("a sub-agent that waits for a person makes its parent wait, and is settled through it", async () => {
  const journal = memoryJournal();
  const mail = (act: () => Promise<never>) => tool("mail", act, { settle: "ask" });
  const script: Script = {
    lead: [said("", [delegate("d", { name: "helper", task: "t" })]), said("ok")],
    helper: [said("", [called("m", "mail", { to: "all" })]), said("sent")],
  };
  const model = cast(script);
  const dying = mail(() => Promise.reject(new Fault("died", "died")));
  const options = { ...anAgent(model.ref, journal), mayDelegate: 1 };
  const blocked = await runAgent({ ...options, tools: [dying] }, asked(), aWorld());
  assert.equal(blocked.status, "blocked");
  assert.match(blocked.reason ?? "", /sub-agent "helper" stopped: .*the call mail/);
  assert.equal(await assume(journal, "r", "done"), 1);
  await assert.rejects(assume(journal, "r.9", "done"), { code: "unknown_run" });
  const resumed = await runAgent(
    { ...options, tools: [mail(() => Promise.reject(new Error("again!")))] },
    asked(),
    aWorld(),
  );
  assert.deepEqual([resumed.status, resumed.answer], ["answered", "ok"]);
  await assert.rejects(assume(journal, "r", "done"), { code: "not_blocked" });
});
