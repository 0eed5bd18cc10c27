import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { answer, type ScriptedOptions, speak } from "../../../actors/models/scripted.ts";
import type { Line, ThinkDelta } from "../../../protocols/messages/model.ts";
import { HandClock } from "../../support/hand_clock.ts";

const OPTIONS: ScriptedOptions = {
  model: "script",
  script: [
    {
      when: "the lead",
      text: "I ask.",
      toolCalls: [{ name: "execute_python", arguments: { code: "1 + 1" } }],
    },
    { when: "a writer", text: "A line of verse" },
    { when: "the lead", text: "It is {result}." },
  ],
};

const system = (text: string): Line => ({ role: "system", text });
const user: Line = { role: "user", text: "go" };

function say(lines: Line[], options = OPTIONS) {
  return answer(options, { lines, tools: [] });
}

Deno.test("answers by agent and turn, with calls named by their place and a cost of nothing", () => {
  const outcome = say([system("You are the lead"), user]);
  ok(outcome.ok);
  const { usage, ...rest } = outcome.thought;
  deepStrictEqual(rest, {
    text: "I ask.",
    toolCalls: [{ id: "call_1_1", name: "execute_python", arguments: '{"code":"1 + 1"}' }],
    model: "script",
    costNanoUsd: 0,
    finish: "tool_calls",
  });
  ok(usage.estimated && usage.inputTokens > 0 && usage.outputTokens > 0);
});

Deno.test("the same conversation has the same answer, whoever asks and how often", () => {
  const lines = [system("You are a writer"), user];
  deepStrictEqual(say(lines), say(structuredClone(lines)));
});

const RESULTS: [text: string, result: string, said: string][] = [
  ["It is {result}.", "$& is 2", "It is $& is 2."],
  ["{result} {result}", "2", "2 2"],
  ["It is {result.value}.", '{"value":[1,2],"stdout":""}', "It is [1,2]."],
  ["It is {result.value}.", '{"value":"two"}', "It is two."],
  ["{result.value}", '{"stdout":"x"}', '{"stdout":"x"}'],
  ["{result.value}", "no JSON", "no JSON"],
  ["{result.value}", "null", "null"],
  ["{result}", "{result.value}", "{result.value}"],
];
for (const [text, result, said] of RESULTS) {
  Deno.test(`${JSON.stringify(text)} after the result ${JSON.stringify(result)} says ${JSON.stringify(said)}`, () => {
    const lines: Line[] = [
      { role: "user", text: "go" },
      { role: "assistant", text: "", toolCalls: [{ id: "a", name: "x", arguments: "{}" }] },
      { role: "tool", callId: "a", text: result },
    ];
    const outcome = say(lines, { model: "script", script: [{ text: "first" }, { text }] });
    equal(outcome.ok && outcome.thought.text, said);
  });
}

Deno.test("a conversation not in the script fails loudly", () => {
  const turns: Line[] = [user, { role: "assistant", text: "x", toolCalls: [] }, user];
  for (const lines of [[user], [system("You are nobody"), user], [system("a writer"), ...turns]]) {
    const outcome = say(lines);
    ok(!outcome.ok);
    equal(outcome.failure.kind, "bad_request");
    match(
      outcome.failure.message,
      /^Cannot answer question \d as "script": the script has [01] answers for the agent/,
    );
  }
});

function speaking(chunkMs: number, signal = new AbortController().signal) {
  const clock = new HandClock(0);
  const pieces: string[] = [];
  const send = (delta: ThinkDelta) => {
    if (delta.type === "text") pieces.push(delta.text);
    clock.skip(chunkMs);
    return Promise.resolve();
  };
  const request = { lines: [system("You are a writer"), user], tools: [] };
  const outcome = speak({ ...OPTIONS, chunkMs }, request, { clock, signal, send });
  return { outcome, pieces, clock };
}

Deno.test("streams word by word at its pace", async () => {
  const { outcome, pieces, clock } = speaking(20);
  equal((await outcome).ok, true);
  deepStrictEqual(pieces, ["A ", "line ", "of ", "verse"]);
  equal(clock.now(), 60);
});

Deno.test("streams all at once without a pace", async () => {
  const { outcome, pieces, clock } = speaking(0);
  equal((await outcome).ok, true);
  deepStrictEqual(pieces, ["A line of verse"]);
  equal(clock.now(), 0);
});

Deno.test("a cancelled answer ends as cancelled", async () => {
  const outcome = await speaking(20, AbortSignal.abort()).outcome;
  equal(!outcome.ok && outcome.failure.kind, "cancelled");
});
