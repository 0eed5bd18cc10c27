import assert from "node:assert/strict";
import type { AgentOptions } from "../../../actors/agents/agent_options.ts";
import { Interpreter } from "../../../actors/agents/interpreter.ts";
import {
  act,
  compact,
  execute,
  log,
  patch,
  type Program,
  spawn,
  think,
} from "../../../actors/programs/effects.ts";
import type { Line } from "../../../protocols/messages/model.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { anAgent, aWorld, called, echo, listed, said, tool } from "./fakes.ts";

/** Plays a program live, then again from its journal, and checks that both tell the same. */
async function played(program: () => Program<string>, more: Partial<AgentOptions> = {}) {
  const journal = memoryJournal();
  const model = more.model ?? listed([]).ref;
  const options = anAgent(model, journal, more);
  const record = { run: "r", agent: "lead", task: "t", setup: {}, startedAt: 0, status: "running" as const };
  await journal.open({ ...record, limits: { turns: 9 } });
  const play = async (replay: boolean) => {
    const world = aWorld();
    const { entries } = (await journal.read({ run: "r" }))!;
    const run = {
      options,
      run: "r",
      limits: { turns: 9 },
      journal,
      world,
      deadline: undefined,
      entries,
      replay,
    };
    const interpreter = new Interpreter(run);
    return { answer: await interpreter.play(program()), spent: interpreter.spent, events: world.events };
  };
  const live = await play(false);
  assert.deepEqual(await play(true), live);
  return { ...live, entries: (await journal.read({ run: "r" }))!.entries };
}

Deno.test("execute runs Python by the tool of that name, patch applies a diff if the agent can", async () => {
  const seen: unknown[] = [];
  const python = tool("execute_python", (args) => (seen.push(args), { ok: true, content: "42" }));
  const { answer, entries, events } = await played(function* () {
    const ran = yield* execute("print(42)");
    const applied = yield* patch("--- a");
    return `${ran.ok && ran.content} ${!applied.ok && applied.kind}`;
  }, { tools: [python] });
  assert.equal(answer, "42 not_found");
  assert.deepEqual(seen, [{ code: "print(42)" }]);
  assert.deepEqual(entries.map(({ kind, intent }) => [kind, intent]), [
    ["execute", { id: "execute_1", name: "execute_python", arguments: '{"code":"print(42)"}' }],
    ["patch", { id: "patch_2", name: "apply_patch", arguments: '{"diff":"--- a"}' }],
  ]);
  assert.deepEqual(events.map((event) => event.type), [
    "tool_started",
    "tool_ended",
    "tool_started",
    "tool_ended",
  ]);
});

Deno.test("calls of one turn run at the same time, each with its entry, told in their order", async () => {
  const both = Promise.withResolvers<void>();
  const first = tool("first", async () => (await both.promise, { ok: true, content: "1" }));
  const second = tool("second", () => (both.resolve(), { ok: true, content: "2" }));
  const { answer, entries, events } = await played(function* () {
    const results = yield* act([called("a", "first", {}), called("b", "second", {})]);
    return results.map(({ call, outcome }) => `${call.id}${outcome.ok && outcome.content}`).join();
  }, { tools: [first, second] });
  assert.equal(answer, "a1,b2");
  assert.deepEqual(entries.map(({ seq, kind }) => [seq, kind]), [[0, "act"], [1, "act"]]);
  assert.deepEqual(
    events.map((event) =>
      (event.type === "tool_started" || event.type === "tool_ended") && `${event.type} ${event.call.id}`
    ),
    ["tool_started a", "tool_ended a", "tool_started b", "tool_ended b"],
  );
});

Deno.test("a log is told and kept", async () => {
  const { entries, events } = await played(function* () {
    yield* log("warn", "careful");
    return "";
  });
  assert.deepEqual(events, [{ type: "log", agent: "lead", level: "warn", message: "careful" }]);
  assert.deepEqual(entries[0]?.intent, { level: "warn", message: "careful" });
});

Deno.test("compacting asks the model without streaming, counts, and gives back a shorter conversation", async () => {
  const turn = (n: number): Line[] => [
    { role: "assistant", text: "", toolCalls: [called(`c${n}`, "echo", {})] },
    { role: "tool", callId: `c${n}`, text: "x".repeat(2_000) },
  ];
  const lines: Line[] = [
    { role: "system", text: "Lead." },
    { role: "user", text: "Do it." },
    ...[1, 2, 3, 4].flatMap(turn),
  ];
  const model = listed([said("All went well.")]);
  const { answer, spent, events, entries } = await played(function* () {
    const shorter = yield* compact(lines);
    const same = yield* compact(shorter);
    assert.deepEqual(same, shorter);
    return shorter.map((line) => line.text.slice(0, 60)).join("|");
  }, { model: model.ref, contextWindow: 2_000, tools: [echo] });
  model.done();
  assert.match(answer, /^Lead\.\|Do it\.\|Summary of your work so far:\nAll went well\.\|\|x+$/);
  assert.deepEqual(spent, { turns: 1, inputTokens: 10, outputTokens: 5, nanoUsd: 20 });
  assert.deepEqual(model.requests[0]?.tools, []);
  assert.deepEqual(events.map((event) => event.type), ["compacted"]);
  const [compacted] = events;
  assert.ok(compacted?.type === "compacted" && compacted.before > 2_000 && compacted.after < 700);
  assert.deepEqual(entries.map(({ kind, intent }) => [kind, intent]), [["compact", {
    head: 2,
    older: 6,
    newest: 2,
  }]]);
});

Deno.test("an empty summary changes nothing", async () => {
  const long = (role: "user" | "assistant"): Line =>
    role === "user" ? { role, text: "x".repeat(2_000) } : { role, text: "x".repeat(2_000), toolCalls: [] };
  const lines = [long("user"), long("assistant"), long("user"), long("assistant")];
  const model = listed([said(" ")]);
  await played(function* () {
    assert.deepEqual(yield* compact(lines), lines);
    return "";
  }, { model: model.ref, contextWindow: 2_000 });
});

Deno.test("what the model is asked is normalised; the journal keeps what changed since the last time", async () => {
  const first: Line[] = [{ role: "user", text: "a" }, { role: "user", text: "b" }];
  const model = listed([said("1"), said("2")]);
  const { entries } = await played(function* () {
    yield* think(first, { stop: ["."] });
    yield* think([...first, { role: "assistant", text: "1", toolCalls: [] }, { role: "user", text: "c" }], {
      offerTools: false,
    });
    return "";
  }, { model: model.ref, tools: [echo] });
  assert.deepEqual(model.requests[0]?.lines, [{ role: "user", text: "a\n\nb" }]);
  assert.deepEqual([model.requests[0]?.stop, model.requests[0]?.tools.length], [["."], 1]);
  assert.deepEqual([model.requests[1]?.stop, model.requests[1]?.tools.length], [undefined, 0]);
  assert.deepEqual(entries.map(({ intent }) => intent), [
    { kept: 0, lines: first, stop: ["."], offerTools: true },
    {
      kept: 2,
      lines: [{ role: "assistant", text: "1", toolCalls: [] }, { role: "user", text: "c" }],
      stop: [],
      offerTools: false,
    },
  ]);
});

Deno.test("a program may spawn without a call of the model, and a wrong wish fails as data", async () => {
  const model = listed([said("helped")]);
  const { answer, events } = await played(function* () {
    const good = yield* spawn({ name: "helper", task: "help", tools: [] });
    const bad = yield* spawn({ name: "helper", task: "help", tools: ["rm"] });
    return `${good.answer}; ${bad.status}: ${bad.reason}`;
  }, { model: model.ref, tools: [echo] });
  assert.equal(answer, "helped; failed: Cannot delegate: you may hand on echo, not rm");
  assert.deepEqual(events.map((event) => event.type).slice(0, 2), ["agent_spawned", "run_started"]);
});

Deno.test("a program that is cut off closes what it holds", async () => {
  let closed = 0;
  const program = function* (): Program<string> {
    try {
      yield* think([]);
      return "";
    } finally {
      closed++;
    }
  };
  const refusing = listed([{ ok: false, failure: { kind: "auth", message: "401", attempts: 1 } }]);
  await assert.rejects(played(program, { model: refusing.ref }), { name: "RunEnd", status: "failed" });
  assert.equal(closed, 1);
});
