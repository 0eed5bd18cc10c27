import assert from "node:assert/strict";
import { goesOn } from "../../../protocols/terminal/python_blocks.ts";

Deno.test("what stands in an open bracket, string or continued line goes on", () => {
  for (
    const text of [
      "f(",
      "x = [1,",
      "{'a': (1,\n\n",
      "'''a",
      'x = """a\nb"',
      "x = 1 + \\",
      "'abc\\",
      "r'''\\'''",
      "f('''",
    ]
  ) assert.ok(goesOn(text), text);
});

Deno.test("a statement with a block goes on until an empty line", () => {
  const blocks = [
    "for i in x:",
    "if x: y",
    "@decorated",
    "@decorated\ndef f(): pass",
    "def f():\n  return 1",
    "if a:\n  b\nelse:",
    "class A: # comment",
    "async def f():",
    "match x:",
    "with a as b:\n\tc = {\n\n\t}",
  ];
  for (const text of blocks) assert.ok(goesOn(text), text);
  for (const text of blocks) assert.ok(!goesOn(`${text}\n`) && !goesOn(`${text}\n  `), text);
});

Deno.test("all else ends with its line, also what is wrong", () => {
  const whole = [
    "",
    "x",
    "x = 'if a:'",
    "print('(')",
    "x[1:]",
    "{1: 2}",
    "lambda: 3",
    "await x",
    "iffy = 1",
    "# a:",
  ];
  const wrong = ["'never closed", "f)", "1 +"];
  for (const text of [...whole, ...wrong, "'''a\nb'''", "f(1,\n2)", 'f"{x["a"]}"']) {
    assert.ok(!goesOn(text), text);
  }
});
