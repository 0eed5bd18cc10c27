import assert from "node:assert/strict";
import fc from "fast-check";
import { parseReActStep, type ReActAction } from "../../../actors/programs/react_step.ts";

const call = (tool: string, args: string): ReActAction => ({ kind: "call", tool, arguments: args });
const answer = (text: string): ReActAction => ({ kind: "final_answer", text });

const readable: [text: string, thought: string, action: ReActAction][] = [
  ['Thought: doubling\nAction: double {"n":21}', "doubling", call("double", '{"n":21}')],
  ['Action: double {"n":21}', "", call("double", '{"n":21}')],
  ['  thought: a\n  action: double {"n":21}', "a", call("double", '{"n":21}')],
  ["Thought: a\nb\n\nc\nAction: now", "a\nb\n\nc", call("now", "{}")],
  ['No word before\nAction: double {"n":21}', "No word before", call("double", '{"n":21}')],
  ['Thought: a\nAction:\ndouble {"n":21}', "a", call("double", '{"n":21}')],
  ['Action: write {\n  "text": "a\\n}\\"{"\n}', "", call("write", '{\n  "text": "a\\n}\\"{"\n}')],
  ['Action: double {"n":21}\nObservation: {"made": "up"}\nThought: so', "", call("double", '{"n":21}')],
  ['Action: double {"n":21} and then I will see', "", call("double", '{"n":21}')],
  ["Action: now\nObservation: {}", "", call("now", "{}")],
  ['Action: double {"n":21}\nAction: FINAL_ANSWER 1', "", call("double", '{"n":21}')],
  ["Thought: about Action: words\nAction: FINAL_ANSWER 42", "about Action: words", answer("42")],
  ["Action: FINAL_ANSWER 42", "", answer("42")],
  ["Action: FINAL_ANSWER: 42", "", answer("42")],
  ["Action: final_answer\nfirst\n\nsecond\n", "", answer("first\n\nsecond")],
  ["Thought: t\r\nAction: FINAL_ANSWER a\r\nb", "t", answer("a\r\nb")],
  [
    "Action: FINAL_ANSWER see\nAction: double is a line of it",
    "",
    answer("see\nAction: double is a line of it"),
  ],
  ["Action: a.b-c_d {}", "", call("a.b-c_d", "{}")],
];

for (const [text, thought, action] of readable) {
  Deno.test(`reads ${JSON.stringify(text)}`, () =>
    assert.deepEqual(parseReActStep(text), { thought, action }));
}

const unreadable: [text: string, why: RegExp][] = [
  ["", /no line that starts with/],
  ["The answer is 42.", /no line that starts with/],
  ["Thought: only", /no line that starts with/],
  ["Action:", /names no tool/],
  ["Action: (double)", /names no tool/],
  ["Action: FINAL_ANSWER", /FINAL_ANSWER has no text/],
  ["Action: FINAL_ANSWER  \n ", /FINAL_ANSWER has no text/],
  ["Action: double 21", /arguments of double are not one JSON object/],
  ["Action: double [21]", /arguments of double are not one JSON object/],
  ['Action: double {"n":21', /arguments of double are not one JSON object/],
  ["Action: double {n:21}", /arguments of double are broken JSON \(/],
];

for (const [text, why] of unreadable) {
  Deno.test(`says what is wrong with ${JSON.stringify(text)}`, () => {
    const { action } = parseReActStep(text);
    assert.ok(action.kind === "unreadable");
    assert.match(action.message, why);
    assert.match(action.message, /Write `Thought: \.\.\.`/);
  });
}

Deno.test("any arguments come back as they were written, and no text makes the parser throw", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(fc.property(object, fc.boolean(), (value, pretty) => {
    const args = JSON.stringify(value, null, pretty ? 2 : 0).replaceAll("Observation:", "");
    assert.deepEqual(parseReActStep(`Thought: t\nAction: echo ${args}`).action, call("echo", args));
  }));
  const words = fc.constantFrom(
    "Thought:",
    "Action:",
    "FINAL_ANSWER",
    "Observation:",
    "{",
    "}",
    '"',
    "\\",
    "\n",
    "x",
  );
  fc.assert(fc.property(fc.array(words), (parts) => void parseReActStep(parts.join(" "))));
});
