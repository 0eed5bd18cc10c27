import assert from "node:assert/strict";
import type { ToolOutcome } from "../../../protocols/messages/tool.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { makeWheel } from "../../sandbox/packages/make_wheel.ts";
import { packagesAtHand } from "../../workers/packages_at_hand.ts";
import { withPython } from "./python_tool.ts";

const TOOLS = [
  {
    name: "look_up",
    description: "Finds what there is about a word.",
    parameters: {
      type: "object",
      properties: {
        limit: { type: "integer" },
        word: { type: "string" },
        exact: { type: "boolean" },
        among: { type: "array", items: { type: "string" } },
      },
      required: ["word"],
    },
  },
  {
    name: "wait_for",
    description: "",
    parameters: { type: "object", properties: { name: { type: "string" } } },
  },
];

const given = (content: string): ToolOutcome => ({ ok: true, content });

Deno.test("code calls tools as coroutines, with what their parameters say", () =>
  withPython(async ({ serve, run, value }) => {
    assert.equal(
      await value(
        "import inspect, tools\nstr(inspect.signature(tools.look_up)), tools.look_up.__doc__, tools.look_up.__name__",
      ),
      "('(word: str, limit: int = None, exact: bool = None, among: list = None) -> str', " +
        "'Finds what there is about a word.', 'look_up')",
    );
    const code = `
a = await tools.look_up("é")
b = await tools.look_up(word="b", limit=2, exact=False, among=["x"])
a + b`;
    const asked: unknown[] = [];
    const { answer } = await serve(
      code,
      (name, args) => (asked.push([name, args]), given(`<${asked.length}>`)),
    );
    assert.deepEqual(asked, [
      ["look_up", { word: "é" }],
      ["look_up", { word: "b", limit: 2, exact: false, among: ["x"] }],
    ]);
    assert.equal(answer.value, "'<1><2>'");
    assert.match(
      (await run("await tools.look_up()")).error!.message,
      /^TypeError: missing a required argument: 'word'/,
    );
    assert.match((await run("await tools.look_up('a', colour=1)")).error!.message, /^TypeError: .*colour/);
    assert.match(
      (await run("await tools.look_up(object())")).error!.message,
      /^TypeError: .*not JSON serializable/,
    );
    assert.match((await run("await tools.rm()")).error!.message, /^AttributeError: .*'rm'/);
  }, { tools: TOOLS }));

Deno.test("a refusal is a ToolError with its kind, calls made at once keep their order, a call can be given up", () =>
  withPython(async ({ serve, ref, invoke, value }) => {
    const refused: ToolOutcome = { ok: false, kind: "denied", message: "not for you" };
    const caught = `
try:
    await tools.look_up("x")
except tools.ToolError as error:
    print(error.kind, error)`;
    assert.equal((await serve(caught, () => refused)).answer.stdout, "denied not for you\n");
    const { answer } = await serve('await tools.look_up("x")', () => refused);
    assert.deepEqual([answer.error?.kind, answer.error?.message], ["exception", "ToolError: not for you"]);
    assert.match(answer.error!.traceback, /line 1, in <module>/);

    // The answers come in reverse; each reaches who asked.
    const gather = 'import asyncio\nawait asyncio.gather(*(tools.wait_for(name) for name in "abc"))';
    const stream = invoke(gather), waiting: { id: string; text: string }[] = [];
    for await (const item of stream) {
      if (item.type !== "call") continue;
      waiting.push({ id: item.id, text: JSON.parse(item.arguments).name });
      if (waiting.length < 3) continue;
      assert.deepEqual(waiting.map(({ text }) => text), ["a", "b", "c"]);
      for (const { id, text } of waiting.reverse()) {
        ref.cast("answer", { id, outcome: given(text.toUpperCase()) });
      }
    }
    const outcome = await stream.reply;
    assert.equal(outcome.ok && JSON.parse(outcome.content).value, "['A', 'B', 'C']");

    const late = `
try:
    async with asyncio.timeout(0.05):
        await tools.wait_for("never")
except TimeoutError:
    print("gave up")
await tools.wait_for("next")`;
    const { answer: after } = await serve(
      `import asyncio\n${late}`,
      (_name, args) => (args as { name: string }).name === "next" ? given("came") : null,
    );
    assert.deepEqual([after.stdout, after.value], ["gave up\n", "'came'"]);
    assert.equal(
      (await serve("import asyncio\nasyncio.run(tools.look_up('r'))", () => given("R"))).answer.value,
      "'R'",
    );

    const over = await serve('await tools.wait_for("never")', () => null, { timeout_ms: 200, session: "s" });
    assert.equal(over.answer.error?.kind, "timeout");
    assert.equal(await value("1", { session: "s" }), "1");
  }, { tools: TOOLS }));

Deno.test("who may not use tools finds none", () =>
  withPython(async ({ run }) => {
    assert.match((await run("await tools.look_up('x')")).error!.message, /NameError: name 'tools'/);
    assert.match((await run("import tools")).error!.message, /^ModuleNotFoundError/);
  }));

Deno.test("packages that nobody allows are refused in words, allowed ones are there to import", async () => {
  await withPython(async ({ run }) => {
    const { error } = await run("import numpy as np");
    assert.match(
      error!.message,
      /^ModuleNotFoundError: No module named 'numpy' here\. .*allow = \["numpy"\]/,
    );
    assert.match(error!.traceback, /line 1, in <module>/);
    assert.equal(
      (await run("try:\n    import numpy\nexcept ImportError:\n    x = 'none'\nx")).value,
      "'none'",
    );
  });
  const files = {
    "greetings/__init__.py": "from .words import hello\n",
    "greetings/words.py": "def hello(): return 'hello'\n",
  };
  const { name, version, file, sha256, bytes } = await makeWheel({ name: "greetings", files });
  const wheel = { name, version, file, sha256, size: bytes.length, imports: ["greetings"], native: [] };
  await withPython(async ({ value, run }) => {
    const session = { session: "s" };
    assert.equal(await value("import greetings\ngreetings.hello()", session), "'hello'");
    assert.equal(await value("greetings.__name__", session), "'greetings'");
    assert.equal(
      await value("from greetings.words import hello\nhello()"),
      "'hello'",
      "in another interpreter too",
    );
    assert.equal(
      (await run("import unknown")).error!.message,
      "ModuleNotFoundError: No module named 'unknown': it is not allowed",
    );
    assert.equal(await value("def f():\n    import greetings\n    return greetings.hello()\nf()"), "'hello'");
  }, { packages: child("packages", packagesAtHand, { greetings: { wheel, base64: bytes.toBase64() } }) });
});
