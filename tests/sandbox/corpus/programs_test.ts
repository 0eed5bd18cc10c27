import assert from "node:assert/strict";
import { LIMIT_MS, parsePrograms } from "./programs.ts";

Deno.test("a program is its calls, with what must hold of each", () => {
  const [first, second, ...more] = parsePrograms(
    "group",
    [
      "# About the group.",
      "# --- the first",
      "#: survives",
      "#: spare naive",
      '#: stdout "a\\n"',
      "#: not traceback /lib.python/",
      "x = 1",
      "# a comment",
      "# ... in another session",
      "#: error none timeout",
      "#: limit 2000",
      "#: value null",
      "",
      "y",
      "",
      "# --- the second",
      "1",
    ].join("\n"),
  );
  assert.deepEqual(more, []);
  assert.deepEqual(first, {
    name: "the first",
    group: "group",
    survives: true,
    sessionless: false,
    spareNaive: true,
    steps: [
      {
        where: "the same session",
        code: "x = 1\n# a comment",
        limitMs: LIMIT_MS,
        error: undefined,
        expected: [
          { field: "stdout", not: false, is: "a\n" },
          { field: "traceback", not: true, is: /lib.python/s },
        ],
      },
      {
        where: "another session",
        code: "\ny",
        limitMs: 2_000,
        error: ["none", "timeout"],
        expected: [{ field: "value", not: false, is: null }],
      },
    ],
  });
  assert.deepEqual([second!.name, second!.survives, second!.steps.length], ["the second", false, 1]);
});

Deno.test("what is not understood is refused, not skipped", () => {
  assert.throws(
    () => parsePrograms("g", "# --- a\n#: valeu 1\n1"),
    /"a" of g.py: nothing is known of "valeu"/,
  );
  assert.throws(() => parsePrograms("g", "# --- a\n1\n# ... in a box\n1"), /"a box" is no place to run/);
});
