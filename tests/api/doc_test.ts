import assert from "node:assert/strict";
import { complaints } from "../../.ci/doc.ts";

const complaint = (rule: string, what: string, line: string) =>
  `error[${rule}]: ${what}\n  --> /a/b.ts:11:14\n   | \n11 | ${line}\n   | ^\n   = hint: a hint\n\n\n`;
const found = (count: number) => `error: Found ${count} documentation lint error${count === 1 ? "" : "s"}.\n`;

const MISSING = "exported symbol is missing an explicit type annotation";
const INFERRED = [
  complaint("missing-explicit-type", MISSING, "export const Line = schema((z) =>"),
  complaint("missing-explicit-type", MISSING, 'export const Bus = protocol("bus", (z) => ({'),
  complaint("missing-explicit-type", MISSING, "export const echo = defineTool({"),
  complaint("private-type-ref", "public type 'Infer' references private type 'ZodType'", "export type Infer"),
];
const REAL = [
  complaint("missing-explicit-type", MISSING, "export const LIMIT = limitOf(3);"),
  complaint("private-type-ref", "public type 'A' references private type 'Zod'", "export type A"),
  complaint(
    "missing-jsdoc",
    "exported symbol is missing JSDoc documentation",
    "export const x = schema((z) =>",
  ),
];

Deno.test("of what the documentation lacks, only types inferred by zod and zod's own are let pass", () => {
  assert.deepEqual(complaints(INFERRED.join("") + found(4)), []);
  assert.deepEqual(
    complaints([INFERRED[0], ...REAL, INFERRED[3]].join("") + found(5)),
    REAL,
  );
  assert.equal(complaints(REAL[2] + found(1)).length, 1);
});

Deno.test("a report that is not understood is no pass", () => {
  for (const printed of ["", "error: Module not found\n", REAL[0]!, REAL[0] + found(2)]) {
    assert.throws(() => complaints(printed), /Cannot read what deno doc --lint printed/);
  }
});
