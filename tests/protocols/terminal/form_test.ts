import assert from "node:assert/strict";
import { type Entry, type Field, fieldsOf } from "../../../protocols/terminal/form.ts";

function fields(form: Record<string, unknown>): readonly Field[] {
  const found = fieldsOf(form);
  assert.ok(!("untypable" in found), JSON.stringify(found));
  return found;
}

function field(schema: unknown, required = true): Field {
  const [only] = fields({ type: "object", properties: { x: schema }, required: required ? ["x"] : [] });
  return only!;
}

const COLOURS = { type: "string", enum: ["red", "Green", "2"] };
const NAMED = { oneOf: [{ const: "r", title: "Red" }, { const: "g", title: "Green" }] };
const SEVERAL = { type: "array", items: { anyOf: NAMED.oneOf }, minItems: 1, maxItems: 1 };

const cases: [schema: unknown, line: string, entry: Entry][] = [
  [{ type: "string" }, " Berlin ", { value: "Berlin" }],
  [{ type: "string" }, "", { wrong: "something has to be given" }],
  [{ type: "string" }, '"no"', { value: "no" }],
  [{ type: "string", default: "Rome" }, "  ", { value: "Rome" }],
  [{ type: "string", minLength: 2, maxLength: 3 }, "x", { wrong: "at least 2 characters" }],
  [{ type: "string", minLength: 2, maxLength: 3 }, "💡💡💡", { value: "💡💡💡" }],
  [{ type: "string", minLength: 2, maxLength: 3 }, "xxxx", { wrong: "at most 3 characters" }],
  [{ type: "string", minLength: 2, default: "x" }, "", { wrong: "something has to be given" }],
  [{ type: "string", format: "email" }, "ann@example.com", { value: "ann@example.com" }],
  [{ type: "string", format: "email" }, "ann", { wrong: "that is not an e-mail address" }],
  [{ type: "string", format: "uri" }, "https://x.example/", { value: "https://x.example/" }],
  [{ type: "string", format: "uri" }, "x", { wrong: "that is not an address such as https://example.com" }],
  [{ type: "string", format: "date" }, "2026-02-28", { value: "2026-02-28" }],
  [{ type: "string", format: "date" }, "2026-02-30", { wrong: "that is not a date such as 2026-01-31" }],
  [{ type: "string", format: "date-time" }, "2026-01-31T12:00:00Z", { value: "2026-01-31T12:00:00Z" }],
  [{ type: "string", format: "date-time" }, "noon", {
    wrong: "that is not a time such as 2026-01-31T12:00:00Z",
  }],
  [{ type: "number" }, "-1.5e3", { value: -1500 }],
  [{ type: "number" }, "1,5", { wrong: "that is not a number" }],
  [{ type: "number" }, "0x10", { wrong: "that is not a number" }],
  [{ type: "number" }, "1e999", { wrong: "that is not a number" }],
  [{ type: "number", minimum: 0, maximum: 1 }, "2", { wrong: "at most 1" }],
  [{ type: "number", minimum: 0, maximum: 1 }, "-1", { wrong: "at least 0" }],
  [{ type: "integer" }, "12", { value: 12 }],
  [{ type: "integer" }, "1.5", { wrong: "that is not a whole number" }],
  [{ type: "integer", default: 7 }, "", { value: 7 }],
  [{ type: "integer", default: "seven" }, "", { wrong: "something has to be given" }],
  [{ type: "boolean" }, "Y", { value: true }],
  [{ type: "boolean" }, "no", { value: false }],
  [{ type: "boolean" }, "perhaps", { wrong: "please answer yes or no" }],
  [{ type: "boolean", default: false }, "", { value: false }],
  [COLOURS, "Red", { value: "red" }],
  [COLOURS, "green", { value: "Green" }],
  [COLOURS, "1", { value: "red" }],
  [COLOURS, "2", { value: "2" }],
  [COLOURS, "4", { wrong: "please choose one of 1) red, 2) Green, 3) 2" }],
  [{ ...COLOURS, enumNames: ["Rot", "Grün", "Zwei"] }, "grün", { value: "Green" }],
  [NAMED, "green", { value: "g" }],
  [NAMED, "r", { value: "r" }],
  [SEVERAL, "Red", { value: ["r"] }],
  [SEVERAL, "red, 1", { value: ["r"] }],
  [SEVERAL, "red,green", { wrong: "at most 1 of them" }],
  [SEVERAL, "red,blue", { wrong: "please choose some of 1) Red, 2) Green" }],
];

Deno.test("each kind of field takes what fits and says what does not", () => {
  for (const [schema, line, entry] of cases) {
    assert.deepEqual(field(schema).read(line), entry, `${JSON.stringify(schema)} with "${line}"`);
  }
});

Deno.test("what need not be filled in is left out by an empty line, or takes its default", () => {
  assert.deepEqual(field({ type: "string" }, false).read(""), { left: true });
  assert.deepEqual(field({ type: "number", default: 3 }, false).read(""), { value: 3 });
  assert.deepEqual(field({ type: "number" }, false).read("x"), { wrong: "that is not a number" });
});

Deno.test("a field is asked for in one line that says what is wanted", () => {
  const prompts: [schema: unknown, required: boolean, prompt: string][] = [
    [{ type: "string", title: "City", description: "Where you are" }, true, "City: Where you are"],
    [{ type: "integer", default: 3 }, true, "x: a whole number; default 3"],
    [{ type: "boolean" }, false, "x: [y]es or [n]o; may be left out"],
    [COLOURS, true, "x: one of 1) red, 2) Green, 3) 2"],
    [SEVERAL, false, "x: some of 1) Red, 2) Green, with commas between them; may be left out"],
    [{ type: "string", title: "a\x1b[2J\n\u202eb", description: "c\r\nd" }, true, "a\\x1b[2J \\u202eb: c d"],
  ];
  for (const [schema, required, prompt] of prompts) assert.equal(field(schema, required).prompt, prompt);
});

Deno.test("no is an answer where it can be one", () => {
  assert.equal(field({ type: "boolean" }).takesNo, true);
  assert.equal(field({ enum: ["yes", "No"] }).takesNo, true);
  assert.equal(field({ type: "string" }).takesNo, false);
  assert.equal(field({ type: "number" }).takesNo, false);
});

Deno.test("what cannot be typed is left out, unless it is needed", () => {
  const properties = {
    a: { type: "string" },
    b: { type: "object" },
    c: null,
    d: { type: "array", items: {} },
  };
  assert.deepEqual(fields({ properties, required: ["a"] }).map(({ name }) => name), ["a"]);
  assert.deepEqual(fieldsOf({ properties, required: ["b"] }), { untypable: "b" });
  assert.deepEqual(fieldsOf({ properties, required: ["z\x1b"] }), { untypable: "z\\x1b" });
  for (const form of [{}, { properties: 3 }, { properties: null, required: "a" }]) {
    assert.deepEqual(fieldsOf(form), []);
  }
  const many = Object.fromEntries(Array.from({ length: 99 }, (_, at) => [`f${at}`, { type: "string" }]));
  assert.equal(fields({ properties: many }).length, 50);
});
