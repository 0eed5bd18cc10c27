import assert from "node:assert/strict";
import type { ProgramInput } from "../../../actors/programs/conversation.ts";
import {
  execute,
  log,
  patch,
  type Program,
  spawn,
  type Think,
  think,
} from "../../../actors/programs/effects.ts";
import { type Played, playProgram } from "../../../actors/programs/play.ts";
import { reAct } from "../../../actors/programs/react.ts";
import { textualReAct } from "../../../actors/programs/textual_react.ts";
import type { Line, Thought, ToolCall } from "../../../protocols/messages/model.ts";
import { NO_USAGE } from "../../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../../protocols/messages/tool.ts";

const input: ProgramInput = {
  task: "Double 21",
  system: "Be brief.",
  tools: [{ name: "double", description: "Twice n.", parameters: { type: "object" } }],
  contextWindow: 1_000,
  stop: ["###"],
};
const thought = (text: string, toolCalls: ToolCall[] = []): Played => ({
  think: { text, toolCalls, usage: NO_USAGE, model: "m", costNanoUsd: 0, finish: "stop" } satisfies Thought,
});
const call = (id: string): ToolCall => ({ id, name: "double", arguments: '{"n":21}' });
const acted = (...results: [id: string, outcome: ToolOutcome][]): Played => ({
  act: results.map(([id, outcome]) => ({ call: call(id), outcome })),
});
const ok = (content: string): ToolOutcome => ({ ok: true, content });
const linesOf = (effect: unknown): readonly Line[] => (effect as Think).lines;

Deno.test("reAct answers when the model calls no tool", () => {
  const { value, effects } = playProgram(reAct(input), [thought("42")]);
  assert.equal(value, "42");
  assert.deepEqual(effects, [{
    kind: "think",
    lines: [{ role: "system", text: "Be brief." }, { role: "user", text: "Double 21" }],
    stop: ["###"],
    offerTools: true,
  }]);
});

Deno.test("reAct tells the model what came of its calls, in order, failures as data", () => {
  const { effects } = playProgram(reAct(input), [
    thought("let me", [call("a"), call("b"), call("c")]),
    acted(["a", ok("42")], ["b", { ok: false, kind: "denied", message: "TOOL_DENIED: no" }], [
      "c",
      ok('{"x":1}'),
    ]),
    thought("42"),
  ]);
  assert.deepEqual(linesOf(effects[2]).slice(2), [
    { role: "assistant", text: "let me", toolCalls: [call("a"), call("b"), call("c")] },
    { role: "tool", callId: "a", text: "42" },
    { role: "tool", callId: "b", text: '{"error":{"kind":"denied","message":"TOOL_DENIED: no"}}' },
    { role: "tool", callId: "c", text: '{"x":1}' },
  ]);
});

for (const [name, program] of [["reAct", reAct], ["textualReAct", textualReAct]] as const) {
  Deno.test(`${name} compacts a conversation that fills its window, and goes on with what came of it`, () => {
    const short: Line[] = [{ role: "user", text: "in short" }];
    const step = name === "reAct"
      ? thought("x".repeat(3_000), [call("a")])
      : thought(`Thought: ${"x".repeat(3_000)}\nAction: double {"n":21}`);
    const last = name === "reAct" ? thought("42") : thought("Action: FINAL_ANSWER 42");
    const { value, effects } = playProgram(program(input), [
      step,
      acted(["a", ok("42")]),
      step,
      acted(["a", ok("42")]),
      { compact: short },
      last,
    ]);
    assert.equal(value, "42");
    assert.deepEqual(linesOf(effects[5]), short);
  });
}

Deno.test("textualReAct asks in words, stops at observations and feeds them back", () => {
  const { value, effects } = playProgram(textualReAct(input), [
    thought('Thought: doubling\nAction: double {"n":21}'),
    acted(["step_1", ok("42")]),
    thought("Thought: there it is\nAction: FINAL_ANSWER It is\n42."),
  ]);
  assert.equal(value, "It is\n42.");
  const [first, second, third] = effects;
  assert.ok(first?.kind === "think");
  assert.deepEqual([first.stop, first.offerTools], [["Observation:", "###"], false]);
  assert.match(
    first.lines[0]?.text ?? "",
    /^Be brief\..*Action: FINAL_ANSWER.*- double: Twice n\. Arguments: \{"type"/s,
  );
  assert.deepEqual(second, { kind: "act", calls: [{ id: "step_1", name: "double", arguments: '{"n":21}' }] });
  assert.deepEqual(linesOf(third).slice(2), [
    { role: "assistant", text: 'Thought: doubling\nAction: double {"n":21}', toolCalls: [] },
    { role: "user", text: "Observation: 42" },
  ]);
});

const observations: [outcome: ToolOutcome, observed: string][] = [
  [ok("42"), "Observation: 42"],
  [ok('{"n": 42}'), 'Observation: {"n": 42}'],
  [ok("two\nlines"), 'Observation: "two\\nlines"'],
  [
    { ok: false, kind: "not_found", message: "none" },
    'Observation: {"error":{"kind":"not_found","message":"none"}}',
  ],
];

for (const [outcome, observed] of observations) {
  Deno.test(`textualReAct observes ${JSON.stringify(outcome)} as JSON`, () => {
    const { effects } = playProgram(textualReAct(input), [
      thought('Action: double {"n":21}'),
      acted(["step_1", outcome]),
      thought("Action: FINAL_ANSWER 42"),
    ]);
    assert.equal(linesOf(effects[2]).at(-1)?.text, observed);
  });
}

Deno.test("textualReAct tells the model of a step it cannot read, and it counts as a turn", () => {
  const { value, effects } = playProgram(textualReAct(input), [
    thought("I would double it."),
    thought("Action: FINAL_ANSWER 42"),
  ]);
  assert.equal(value, "42");
  assert.equal(effects.length, 2);
  const observed = linesOf(effects[1]).at(-1)?.text ?? "";
  assert.equal(JSON.parse(observed.replace("Observation: ", "")).error.kind, "permanent");
});

Deno.test("textualReAct bounds an observation and says how much is missing", () => {
  const { effects } = playProgram(textualReAct({ ...input, contextWindow: 10_000 }), [
    thought("Action: double"),
    acted(["step_1", ok("y".repeat(9_000))]),
    thought("Action: FINAL_ANSWER 42"),
  ]);
  assert.match(
    linesOf(effects[2]).at(-1)?.text ?? "",
    /^Observation: "y+\n\[\.\.\. \d+ of 9002 characters cut \.\.\.\]\ny+"$/,
  );
});

Deno.test("programs compose, and each effect gives back its own kind of result", () => {
  function* half(): Program<number> {
    const { text } = yield* think([]);
    return Number(text);
  }
  function* whole(): Program<string> {
    yield* log("info", "starting");
    const n = yield* half();
    const run = yield* execute(`print(${n} * 2)`);
    const applied = yield* patch("--- a");
    const { answer } = yield* spawn({ name: "sub", task: "t" });
    return [run.ok && run.content, applied.ok, answer].join();
  }
  const spent = { turns: 0, inputTokens: 0, outputTokens: 0, nanoUsd: 0 };
  const { value, effects } = playProgram(whole(), [
    { log: null },
    thought("21"),
    { execute: ok("42") },
    { patch: { ok: false, kind: "not_found", message: "" } },
    { spawn: { status: "answered", answer: "done", spent } },
  ]);
  assert.equal(value, "42,false,done");
  assert.deepEqual(effects.map((effect) => effect.kind), ["log", "think", "execute", "patch", "spawn"]);
});

Deno.test("a list that is too short, too long or of other kinds does not play", () => {
  assert.throws(() => playProgram(reAct(input), []), /effect 1: it is one too many \(think\)/);
  assert.throws(() => playProgram(reAct(input), [thought("42"), thought("43")]), /1 results are left over/);
  assert.throws(() => playProgram(reAct(input), [{ log: null }]), /wants think, the list has log/);
});
