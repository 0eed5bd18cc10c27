import assert from "node:assert/strict";
import fc from "fast-check";
import { normalize, outputBound, truncate } from "../../../actors/programs/normalize.ts";
import type { Line } from "../../../protocols/messages/model.ts";

const system = (text: string): Line => ({ role: "system", text });
const user = (text: string): Line => ({ role: "user", text });
const model = (text: string, ...ids: string[]): Line => ({
  role: "assistant",
  text,
  toolCalls: ids.map((id) => ({ id, name: "t", arguments: "{}" })),
});
const result = (callId: string, text = `result of ${callId}`): Line => ({ role: "tool", callId, text });
const bounded = { maxOutputChars: 1_000 };

const table: [what: string, lines: Line[], normal: Line[]][] = [
  ["nothing", [], []],
  ["what is normal already", [system("s"), user("u"), model("", "a"), result("a"), model("m")], [
    system("s"),
    user("u"),
    model("", "a"),
    result("a"),
    model("m"),
  ]],
  ["neighbours of one role", [user("a"), user("b"), model("c"), model("d"), user("e")], [
    user("a\n\nb"),
    model("c\n\nd"),
    user("e"),
  ]],
  ["words before a call", [user("a"), model("b"), model("c", "x"), result("x")], [
    user("a"),
    model("b\n\nc", "x"),
    result("x"),
  ]],
  ["calls turn after turn", [
    user("u"),
    model("1", "a"),
    result("a"),
    model("2", "b"),
    result("b"),
    model("3"),
  ], [
    user("u"),
    model("1", "a"),
    result("a"),
    model("2", "b"),
    result("b"),
    model("3"),
  ]],
  ["instructions anywhere", [user("a"), system("s"), user("b"), system("t")], [
    system("s\n\nt"),
    user("a\n\nb"),
  ]],
  ["results out of order and late", [model("", "a", "b"), result("b"), user("u"), result("a")], [
    model("", "a", "b"),
    result("a"),
    result("b"),
    user("u"),
  ]],
  ["a call without its result", [model("", "a"), user("u")], [
    model("", "a"),
    result("a", "(no result)"),
    user("u"),
  ]],
  ["a result without its call", [user("u"), result("z"), model("m")], [
    user("u\n\nResult of an earlier tool call: result of z"),
    model("m"),
  ]],
  ["ids used again", [model("", "a"), result("a", "first"), model("", "a"), result("a", "second")], [
    model("", "a"),
    result("a", "first"),
    model("", "a"),
    result("a", "second"),
  ]],
  ["an assistant that said nothing", [user("a"), model(""), user("b")], [user("a\n\nb")]],
];

for (const [what, lines, normal] of table) {
  Deno.test(`normalises ${what}`, () => {
    assert.deepEqual(normalize(lines, bounded), normal);
    assert.deepEqual(normalize(normal, bounded), normal, "not stable");
  });
}

Deno.test("an output beyond its bound is cut and says by how much", () => {
  const [, cut] = normalize([model("", "a"), result("a", "x".repeat(5_000))], { maxOutputChars: 200 });
  assert.ok(cut?.role === "tool" && cut.text.length <= 200);
  assert.match(cut.text, /^x+\n\[\.\.\. 4860 of 5000 characters cut \.\.\.\]\nx+$/);
});

Deno.test("a cut text keeps both ends, stays within its bound and splits no character", () => {
  const long = fc.array(fc.constantFrom("a", "é", "😀", "字"), {
    minLength: 90,
    maxLength: 600,
    size: "max",
  });
  fc.assert(fc.property(long, fc.integer({ min: 100, max: 400 }), (parts, max) => {
    const text = parts.join("");
    const cut = truncate(text, max);
    assert.ok(cut.length <= max && cut.isWellFormed(), cut);
    if (text.length <= max) assert.equal(cut, text);
    else assert.ok(text.startsWith(cut.slice(0, 10)) && text.endsWith(cut.slice(-10)), cut);
  }));
});

Deno.test("a bound follows the context window between 1 000 and 20 000 characters", () => {
  assert.deepEqual([100, 4_096, 8_000, 200_000].map(outputBound), [1_000, 2_048, 4_000, 20_000]);
});

Deno.test("whatever a conversation was, roles take turns and every call has its result right behind it", () => {
  const id = fc.constantFrom("a", "b", "c");
  const line = fc.oneof(
    fc.string().map(system),
    fc.string().map(user),
    fc.tuple(fc.string(), fc.uniqueArray(id)).map(([text, ids]) => model(text, ...ids)),
    id.map((id) => result(id)),
  );
  fc.assert(fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
    const normal = normalize(lines, bounded);
    assert.ok(normal.findLastIndex((line) => line.role === "system") <= 0);
    let wanted: string[] = [];
    let last = "";
    for (const line of normal.filter((line) => line.role !== "system")) {
      if (line.role === "tool") assert.equal(line.callId, wanted.shift());
      else {
        assert.deepEqual(wanted, [], "a call without a result");
        const afterCalls = last === "tool" && line.role === "assistant";
        assert.ok(line.role !== last || afterCalls, `two ${line.role} lines in a row`);
        if (line.role === "assistant") wanted = line.toolCalls.map((call) => call.id);
      }
      last = line.role;
    }
    assert.deepEqual(wanted, []);
  }));
});
