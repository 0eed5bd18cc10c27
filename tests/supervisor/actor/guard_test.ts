import assert from "node:assert/strict";
import fc from "fast-check";
import { z, type ZodType } from "zod";
import { protocol } from "../../../protocols/messages/protocol.ts";
import { type Guard, type JsonSchema, makeGuard } from "../../../supervisor/actor/guard.ts";
import { requestSchemas } from "../../../supervisor/worker/schemas.ts";

/** The guard an actor would use for requests of that schema. */
function guardOf(request: ZodType): Guard {
  return makeGuard(requestSchemas(protocol("test", () => ({ message: { request } }))).message!);
}

const shape = z.object({
  name: z.string().min(1).max(3),
  size: z.int().min(0).optional(),
  kind: z.enum(["a", "b"]),
  nested: z.object({ list: z.array(z.number()).max(2) }).nullable(),
});
const good = { name: "n", kind: "a", nested: null };
const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("count"), count: z.int() }),
]);

const TABLE: [schema: ZodType, value: unknown, wrong: string | undefined][] = [
  [shape, good, undefined],
  [shape, { ...good, size: 3, nested: { list: [1, 2.5] }, more: "ignored" }, undefined],
  [shape, { ...good, size: 1.5 }, "size: expected integer"],
  [shape, { ...good, size: -1 }, "size: expected at least 0"],
  [shape, { ...good, size: null }, "size: expected integer"],
  [shape, { ...good, size: 2 ** 53 }, "size: expected at most 9007199254740991"],
  [shape, { ...good, name: "" }, "name: expected at least 1 characters"],
  [shape, { ...good, name: "long" }, "name: expected at most 3 characters"],
  [shape, { ...good, kind: "c" }, 'kind: expected one of "a", "b"'],
  [shape, { name: "n", nested: null }, '"kind" is missing'],
  [shape, { ...good, nested: { list: [1, "2"] } }, "nested.list.1: expected number"],
  [shape, { ...good, nested: { list: [1, 2, 3] } }, "nested.list: expected at most 2 items"],
  [shape, { ...good, nested: {} }, 'nested: "list" is missing'],
  [shape, [], "expected object"],
  [shape, null, "expected object"],
  [shape, "text", "expected object"],
  [message, { type: "text", text: "" }, undefined],
  [message, { type: "count", count: "2" }, "count: expected integer"],
  [message, { type: "text" }, '"text" is missing'],
  [z.literal(7), 7, undefined],
  [z.literal(7), "7", "expected number"],
  [z.literal(["a", 1]), 2, 'expected one of "a", 1'],
  [z.null(), null, undefined],
  [z.null(), 0, "expected null"],
  [z.unknown(), { anything: [null] }, undefined],
  [z.tuple([z.string(), z.int()]), ["a", 1], undefined],
  [z.tuple([z.string(), z.int()]), ["a"], "1: expected integer"],
  [z.tuple([z.string()]), ["a", "b"], "1: not allowed"],
  [z.tuple([z.string()]).rest(z.int()), ["a", 1, "b"], "2: expected integer"],
  [z.record(z.string(), z.int()), { a: 1, b: "2" }, "b: expected integer"],
  [z.strictObject({ a: z.int() }), { a: 1, b: 2 }, "b: not allowed"],
  [z.string().regex(/^[a-z]+$/), "A", "expected text like ^[a-z]+$"],
  [z.iso.datetime(), "yesterday", undefined],
  [z.number().gt(0).lt(1), 1, "expected less than 1"],
];

Deno.test("a guard says what is wrong and where", () => {
  for (const [schema, value, wrong] of TABLE) {
    const said = guardOf(schema)(value);
    if (schema === TABLE.at(-2)![0]) assert.match(said!, /^expected text like/);
    else assert.equal(said, wrong, JSON.stringify(value));
  }
});

Deno.test("what a guard does not understand is an error when it is made, wherever it stands", () => {
  const unknown: JsonSchema[] = [
    { not: {} },
    { $ref: "#" },
    { type: "object", properties: { a: { if: {} } } },
    { type: "array", items: { contains: {} } },
    { anyOf: [{ type: "null" }, { dependentRequired: {} }] },
    { type: "object", additionalProperties: { patternProperties: {} } },
    { type: "string", format: "uri" },
  ];
  for (const schema of unknown) {
    assert.throws(() => makeGuard(schema), /Cannot check messages: JSON Schema/, JSON.stringify(schema));
  }
  for (const schema of [z.never(), z.json(), z.url()]) {
    assert.throws(() => guardOf(z.object({ inner: schema })), /Cannot check messages/);
  }
});

interface Case {
  schema: ZodType;
  value: fc.Arbitrary<unknown>;
}

const scalars: fc.Arbitrary<Case> = fc.oneof(
  fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 })).map(([min, more]): Case => ({
    schema: z.string().min(min).max(min + more),
    value: fc.string({ maxLength: 6 }),
  })),
  fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat({ max: 4 })).map(([min, more]): Case => ({
    schema: z.int().min(min).max(min + more),
    value: fc.integer({ min: -4, max: 8 }),
  })),
  fc.integer({ min: -2, max: 2 }).map((limit): Case => ({
    schema: z.number().gt(limit).lt(limit + 2),
    value: fc.oneof(fc.integer({ min: -3, max: 5 }), fc.double({ min: -3, max: 5, noNaN: true })),
  })),
  fc.constant<Case>({ schema: z.int(), value: fc.oneof(fc.integer(), fc.double({ noNaN: true })) }),
  fc.constant<Case>({ schema: z.boolean(), value: fc.boolean() }),
  fc.constant<Case>({ schema: z.null(), value: fc.constant(null) }),
  fc.constant<Case>({ schema: z.unknown(), value: fc.jsonValue() }),
  fc.constant<Case>({ schema: z.string().regex(/^a+$/), value: fc.constantFrom("a", "aa", "b", "") }),
  fc.constantFrom("x", 1, true, null).map((only): Case => ({
    schema: z.literal(only),
    value: fc.constant(only),
  })),
  fc.constant<Case>({ schema: z.enum(["a", "b"]), value: fc.constantFrom("a", "b", "c") }),
);

const { any } = fc.letrec<{ any: Case }>((tie) => {
  const inner = tie("any");
  const fields = fc.dictionary(fc.constantFrom("a", "b", "type", "c"), inner, {
    maxKeys: 3,
  });
  return {
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalars,
      inner.map(({ schema, value }): Case => ({
        schema: schema.nullable(),
        value: fc.option(value),
      })),
      fc.tuple(inner, fc.nat({ max: 2 })).map(([{ schema, value }, max]): Case => ({
        schema: z.array(schema).max(max),
        value: fc.array(value, { maxLength: max + 1 }),
      })),
      inner.map(({ schema, value }): Case => ({
        schema: z.record(z.string(), schema),
        value: fc.dictionary(fc.constantFrom("a", "b", "toString"), value),
      })),
      fc.array(inner, { minLength: 1, maxLength: 3 }).map((cases): Case => ({
        schema: z.tuple(cases.map(({ schema }) => schema) as [ZodType]),
        value: fc.tuple(...cases.map(({ value }) => value)),
      })),
      fc.tuple(fields, fc.constantFrom("plain", "strict", "partial")).map(([cases, how]): Case => {
        const shape = Object.fromEntries(Object.entries(cases).map(([key, { schema }]) => [key, schema]));
        const schema = how === "strict" ? z.strictObject(shape) : z.object(shape);
        const values = Object.fromEntries(Object.entries(cases).map(([key, { value }]) => [key, value]));
        return {
          schema: how === "partial" ? (schema as z.ZodObject).partial() : schema,
          value: fc.record(values, { requiredKeys: how === "partial" ? [] : undefined }),
        };
      }),
      fc.array(inner, { minLength: 2, maxLength: 3 }).map((cases): Case => ({
        schema: z.union(cases.map(({ schema }) => schema)),
        value: fc.oneof(...cases.map(({ value }) => value)),
      })),
      fc.tuple(inner, inner).map(([one, other]): Case => ({
        schema: z.discriminatedUnion("type", [
          z.object({ type: z.literal("one"), a: one.schema }),
          z.object({ type: z.literal("other"), a: other.schema.optional() }),
        ]),
        value: fc.oneof(
          fc.record({ type: fc.constant("one"), a: one.value }),
          fc.record({ type: fc.constant("other"), a: other.value }, { requiredKeys: ["type"] }),
          fc.record({ type: fc.constant("third"), a: other.value }),
        ),
      })),
    ),
  };
});

/** The value with something in it replaced, left out or added, here and there. */
function spoilt(value: unknown, luck: number, other: unknown): unknown {
  if (Array.isArray(value) && value.length > 0 && luck % 4 > 0) {
    const at = luck % value.length;
    return value.flatMap((one, i) =>
      i !== at ? [one] : luck % 4 === 1 ? [] : [spoilt(one, luck >> 2, other)]
    );
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value) && luck % 4 > 0) {
    const entries = Object.entries(value);
    const at = luck % (entries.length + 1);
    if (at === entries.length) return Object.fromEntries([...entries, ["added", other]]);
    const [key, one] = entries[at]!;
    const rest = entries.filter((_, i) => i !== at);
    return Object.fromEntries(luck % 4 === 1 ? rest : [...rest, [key, spoilt(one, luck >> 2, other)]]);
  }
  return other;
}

Deno.test("a guard takes what zod takes and refuses what zod refuses", () => {
  const values = ({ schema, value }: Case) =>
    fc.record({
      schema: fc.constant(Object.assign(schema, { [fc.toStringMethod]: () => "schema" })),
      value,
      luck: fc.option(fc.nat(), { freq: 2 }),
      other: fc.jsonValue({ maxDepth: 1 }),
    });
  let taken = 0;
  let refused = 0;
  fc.assert(
    fc.property(any.chain(values), ({ schema, value, luck, other }) => {
      const sent = JSON.parse(JSON.stringify(luck === null ? value : spoilt(value, luck, other)));
      const { success } = schema.safeParse(sent);
      const wrong = guardOf(schema)(sent);
      const about = () =>
        `${JSON.stringify([sent, z.toJSONSchema(schema, { io: "input" })])}: ${wrong ?? "taken"}`;
      if ((wrong === undefined) !== success) assert.fail(about());
      success ? taken++ : refused++;
    }),
    { numRuns: 1_500 },
  );
  assert.ok(taken > 100 && refused > 100, `${taken} taken, ${refused} refused: the test looks at both`);
});
