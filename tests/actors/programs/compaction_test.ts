import assert from "node:assert/strict";
import {
  estimateTokens,
  planCompaction,
  summaryRequest,
  tokensOf,
  withSummary,
} from "../../../actors/programs/compaction.ts";
import type { Line } from "../../../protocols/messages/model.ts";

const words = (tokens: number, letter = "x") => letter.repeat(tokens * 4);
const head: Line[] = [{ role: "system", text: words(10, "s") }, { role: "user", text: words(10, "t") }];
const turn = (n: number, tokens = 100): Line[] => [
  { role: "assistant", text: "", toolCalls: [{ id: `c${n}`, name: "t", arguments: "" }] },
  { role: "tool", callId: `c${n}`, text: words(tokens) },
];
const turns = (count: number, tokens?: number) =>
  Array.from({ length: count }, (_, n) => turn(n, tokens)).flat();

Deno.test("a token is four characters, rounded up", () => {
  assert.deepEqual(["", "a", "abcd", "abcde"].map(estimateTokens), [0, 1, 1, 2]);
  const call: Line = {
    role: "assistant",
    text: "abcd",
    toolCalls: [{ id: "1", name: "echo", arguments: "{}" }],
  };
  assert.equal(tokensOf([call, call]), 6);
  assert.equal(tokensOf([call], (text) => text.length), 12);
});

Deno.test("85 % of the window is still enough, a token more is not", () => {
  assert.equal(planCompaction([...head, { role: "user", text: words(830) }], 1_000), null);
  assert.equal(planCompaction([...head, ...turns(8)], 1_000), null);
  assert.notEqual(planCompaction([...head, ...turns(9)], 1_000), null);
});

Deno.test("kept are instructions, task and the newest turns whole; older turns are summarised", () => {
  const lines = [...head, ...turns(9)];
  const plan = planCompaction(lines, 1_000)!;
  assert.deepEqual(plan.head, head);
  assert.deepEqual([...plan.head, ...plan.older, ...plan.newest], lines);
  assert.deepEqual(plan.newest.map((line) => line.role), ["assistant", "tool", "assistant", "tool"]);
  const shorter = withSummary(plan, "It went well.");
  assert.deepEqual(shorter[2], { role: "user", text: "Summary of your work so far:\nIt went well." });
  assert.ok(tokensOf(shorter) < 850);
});

Deno.test("the newest turn is kept however long, and where nothing can be gained nothing is done", () => {
  const long = planCompaction([...head, ...turns(2, 300), ...turn(9, 700)], 1_000)!;
  assert.equal(long.newest.length, 2);
  assert.equal(planCompaction([...head, ...turn(1, 20), ...turn(9, 900)], 1_000), null);
  assert.equal(planCompaction([...head, { role: "user", text: words(2_000) }], 1_000), null);
  assert.equal(
    planCompaction([{ role: "system", text: "s" }, { role: "user", text: words(2_000) }], 1_000),
    null,
  );
});

Deno.test("a summary is summarised again", () => {
  const first = withSummary(planCompaction([...head, ...turns(9)], 1_000)!, "Early days.");
  const again = planCompaction([...first, ...turns(7)], 1_000)!;
  assert.deepEqual(again.head, head);
  assert.match(again.older[0]?.text ?? "", /Early days/);
});

Deno.test("the summary is asked for with the task and everything that will be gone", () => {
  const plan = planCompaction([...head, ...turns(9), ...turn(10, 5_000), ...turn(11)], 4_000)!;
  const [system, user] = summaryRequest(plan, 4_000);
  assert.equal(system?.role, "system");
  assert.ok(user?.text.includes(words(10, "t")));
  assert.match(user?.text ?? "", /\[assistant\] .*t .*\[tool\] x+/s);
  assert.ok(tokensOf(summaryRequest(plan, 4_000)) < 4_000);
});
