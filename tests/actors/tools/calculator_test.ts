import assert from "node:assert/strict";
import fc from "fast-check";
import { calculate, calculator } from "../../../actors/tools/calculator.ts";
import { content, invoke } from "./invoke.ts";

Deno.test("the calculator answers with text", async () => {
  assert.equal(await content(calculator, {}, { expression: "(2 + 3) * 4" }), "20");
  assert.equal(await content(calculator, {}, { expression: "-0" }), "0");
  assert.deepEqual(await invoke(calculator, {}, { expression: "1 / 0" }), {
    ok: false,
    kind: "permanent",
    message: "Cannot calculate: division by zero at column 3",
  });
});

Deno.test("operators bind as in mathematics", () => {
  const cases: [string, number][] = [
    ["2 + 3 * 4", 14],
    ["(2 + 3) * 4", 20],
    ["10 - 4 - 3", 3],
    ["64 / 4 / 2", 8],
    ["2 * 7 % 4", 2],
    ["-7 % 3", -1],
    ["2 ** 3 ** 2", 512],
    ["-2 ** 2", -4],
    ["(-2) ** 2", 4],
    ["2 ** -1", 0.5],
    ["- - +3", 3],
    ["2*-3", -6],
    ["1.5 + .5 + 2.", 4],
    ["1e3 + 1E-1", 1000.1],
    ["\t2\n*  3 ", 6],
    ["((((1))))", 1],
    ["0.1 + 0.2", 0.1 + 0.2],
    ["1" + " + 1".repeat(2_000), 2_001],
  ];
  for (const [expression, value] of cases) assert.equal(calculate(expression), value, expression);
});

Deno.test("what is no arithmetic is refused with the place", () => {
  const cases: [string, string][] = [
    ["", "a number is missing at column 1"],
    ["  ", "a number is missing at column 3"],
    ["2 +", "a number is missing at column 4"],
    ["(1 + 2", '")" is missing at column 7'],
    ["1 + 2)", '")" is not expected at column 6'],
    ["1 2", '"2" is not expected at column 3'],
    ["2 * / 3", 'a number is expected, not "/" at column 5'],
    ["2 ^ 3", '"^" is not arithmetic at column 3'],
    ["abs(1)", '"a" is not arithmetic at column 1'],
    ["1 + 😀", '"😀" is not arithmetic at column 5'],
    ["1.2.3", '".3" is not expected at column 4'],
    ["5 % (2 - 2)", "division by zero at column 3"],
    ["0 ** -1", "division by zero at column 3"],
    ["(0 - 8) ** 0.5", "the result is not a real number at column 9"],
    ["10 ** 400", "the result is too large at column 4"],
    ["1e999", "the number is too large at column 1"],
  ];
  for (const [expression, reason] of cases) {
    const message = `Cannot calculate: ${reason}`;
    assert.throws(() => calculate(expression), { code: "bad_expression", message }, expression);
  }
});

Deno.test("nesting is bounded whatever it is made of", () => {
  for (const opening of ["(", "-", "2**", "(-2**"]) {
    assert.throws(() => calculate(opening.repeat(3_000) + "1"), /nested more than 100 deep/, opening);
  }
  assert.equal(calculate("(".repeat(99) + "1" + ")".repeat(99)), 1);
});

Deno.test("a sum written out in full has the value JavaScript gives it", () => {
  const number = fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value.toFixed(3));
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      number,
      fc.tuple(tie("tree"), fc.constantFrom(" + ", "-", " * "), tie("tree")).map(([a, op, b]) =>
        `(${a}${op}${b})`
      ),
      tie("tree").map((inner) => `(-${inner})`),
    ),
  }));
  fc.assert(fc.property(tree, (expression) => {
    // The expression was made here, of digits, operators and parentheses only.
    assert.equal(calculate(expression), new Function(`return ${expression}`)());
  }));
});
