import assert from "node:assert/strict";
import { answerIn, type Arguments, type PythonTool, withPython } from "./python_tool.ts";

Deno.test("execute_python runs code in fresh interpreters and in sessions", () =>
  withPython(async (tool) => {
    await Promise.all([fresh(tool), sessions(tool), oneAtATime(tool)]);
    const refused = await tool.invoke("1", { timeout_ms: 99 }).reply.catch((error) => error);
    assert.equal(refused.code, "bad_request");
  }));

async function fresh({ run }: PythonTool): Promise<void> {
  assert.deepEqual(await run("x = 20\nprint('a')\nimport sys\nprint('b', file=sys.stderr)\nx + 1"), {
    stdout: "a\n",
    stderr: "b\n",
    value: "21",
    files: [],
  });
  assert.equal((await run("x")).error?.message, "NameError: name 'x' is not defined");
}

async function sessions({ run, value }: PythonTool): Promise<void> {
  const a = { session: "a" }, b = { session: "__proto__" };
  await value("x = 41\nopen('kept', 'w').write('k')", a);
  assert.equal(await value("x + 1, open('kept').read()", a), "(42, 'k')");
  const other = await run("x", b);
  assert.equal(other.error?.message, "NameError: name 'x' is not defined");
  assert.equal(await value("import os\nos.path.exists('kept')", b), "False");
  assert.equal(
    await value("'x' in globals(), __import__('os').listdir()", { ...a, reset: true }),
    "(False, [])",
  );
  assert.equal(await value("x = 1\nx", a), "1");
}

/** Calls of one session wait for one another and keep their order. */
async function oneAtATime({ run }: PythonTool): Promise<void> {
  const session = { session: "turns" };
  const calls = ["log = []", "import time\ntime.sleep(0.05)\nlog.append(1)", "log.append(2)", "log"];
  const answers = await Promise.all(calls.map((code) => run(code, session)));
  assert.equal(answers.at(-1)!.value, "[1, 2]");
}

Deno.test("sessions run at once, each within its limit, and what they do to themselves is theirs", () =>
  withPython(async ({ run, value, invoke, stage }) => {
    await run("x = 'kept'", { session: "calm" });
    const slow = run("import time\ntime.sleep(1)\n'slept'", { session: "sleepy" });
    const calm = await run("x", { session: "calm" });
    assert.equal(calm.value, "'kept'");
    assert.equal(await Promise.race([slow, run("2", { session: "calm" })]).then(({ value }) => value), "2");
    assert.equal((await slow).value, "'slept'");

    const within = async (code: string, timeout_ms: number, args: Arguments = {}) => {
      const began = performance.now();
      const answer = await run(code, { timeout_ms, ...args });
      const took = performance.now() - began;
      assert.equal(answer.error?.kind, "timeout", `${code} ${JSON.stringify(answer)}`);
      assert.equal(answer.error.message, `The code was stopped: it ran longer than ${timeout_ms} ms`);
      assert.ok(took < timeout_ms + 1_000, `${code} took ${took} ms`);
      return answer;
    };
    const session = { session: "stopped" };
    await run("y = 'mine'", session);
    const polite = await within("print('begun')\nwhile True: pass", 300, session);
    assert.equal(polite.stdout, "begun\n");
    assert.match(polite.error!.traceback, /line 2, in <module>/);
    assert.equal(await value("y", session), "'mine'", "an interrupt leaves the session as it is");
    await within("import time\ntime.sleep(60)", 200, session);
    await within("import asyncio\nawait asyncio.sleep(60)", 200, session);
    assert.equal(await value("y", session), "'mine'", "so does one while it waits");
    const catching =
      "print('c')\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass";
    assert.equal((await within(catching, 300, session)).stdout, "c\n");
    assert.match(
      (await run("y", session)).error!.message,
      /NameError/,
      "nothing is left of one that was ended",
    );
    const inC = "import collections, itertools\nprint('d')\ncollections.deque(itertools.repeat(0), maxlen=0)";
    assert.equal((await within(inC, 300, session)).stdout, "d\n");
    assert.equal(await value("1", session), "1");
    assert.equal(await value("x", { session: "calm" }), "'kept'", "others noticed nothing");

    // A caller's deadline comes before the limit: the report still arrives in time.
    const { error } = answerIn(await invoke("while True: pass", {}, { timeoutMs: 4_000 }).reply);
    assert.equal(error?.kind, "timeout");
    const stream = invoke("while True: pass", { session: "given up" });
    stream.cancel();
    await assert.rejects(stream.reply, { code: "cancelled" });
    assert.equal(await value("3", { session: "given up" }), "3");
    assert.deepEqual(stage.changes.filter((change) => /^root\/python (died|restarted)/.test(change)), []);
  }, { limits: { sandboxes: 6 } }));

Deno.test("code that ends its interpreter is told how, and the next call works", () =>
  withPython(async ({ run, value }) => {
    const session = { session: "s" };
    const ends: [code: string, kind: string, message: RegExp, goesOn: boolean][] = [
      ["1 / 0", "exception", /^ZeroDivisionError: division by zero$/, true],
      ["def f(): f()\nf()", "exception", /^RecursionError/, true],
      ["bytearray(2_000_000_000)", "memory", /^MemoryError$/, true],
      ["import sys\nsys.exit(2)", "exception", /^SystemExit: 2$/, true],
      ["import os\nos.abort()", "stopped", /^The interpreter ended: /, false],
      ["import os\nos._exit(0)", "stopped", /^The interpreter ended: /, false],
      [
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return f()\nf()",
        "stopped",
        /^The interpreter ended: /,
        false,
      ],
      [
        "import ctypes\nctypes.CDLL(None).emscripten_run_script(b'1')",
        "denied",
        /emscripten_run_script$/,
        false,
      ],
    ];
    for (const [code, kind, message, goesOn] of ends) {
      await run("kept = 1", session);
      const { error, value: result, stdout } = await run(`print('p')\n${code}`, session);
      assert.equal(error?.kind, kind, `${code}: ${JSON.stringify(error)}`);
      assert.match(error.message, message, code);
      assert.deepEqual([result, stdout], [null, "p\n"], code);
      assert.equal(await value("'kept' in globals()", session), goesOn ? "True" : "False", code);
    }
  }));

Deno.test("a traceback shows the lines of the code and nothing of what runs it", () =>
  withPython(async ({ run }) => {
    const { error } = await run(
      "def outer(n):\n    return inner(n)\ndef inner(n):\n    return 1 / n\nouter(0)",
    );
    assert.equal(
      error!.traceback,
      "Traceback (most recent call last):\n" +
        '  File "<cell 1>", line 5, in <module>\n    outer(0)\n    ~~~~~^^^\n' +
        '  File "<cell 1>", line 2, in outer\n    return inner(n)\n' +
        '  File "<cell 1>", line 4, in inner\n    return 1 / n\n           ~~^~~\n' +
        "ZeroDivisionError: division by zero\n",
    );
    const deep = await run("def f(n):\n    if n == 0: raise ValueError('deep')\n    f(n - 1) or f\nf(100)");
    const frames = deep.error!.traceback.match(/ {2}File /g)!.length;
    assert.ok(frames <= 20, `${frames} frames`);
    assert.match((await run("x = (1,\n")).error!.message, /^SyntaxError: '\(' was never closed/);
  }));

Deno.test("what code prints and gives is cut and counted, and comes while it runs", () =>
  withPython(async ({ run, serve, invoke, ref }) => {
    const flood = await run("import sys\nprint('é' * 600)\nprint('x' * 99, file=sys.stderr)\n'y' * 2_000");
    assert.equal(flood.stdout, "é".repeat(500) + "\n[201 bytes dropped]");
    assert.equal(flood.stderr, "x".repeat(99) + "\n");
    assert.equal(flood.value, "'" + "y".repeat(499) + "\n[1502 bytes dropped]");
    const long = await run("raise ValueError('z' * 5_000)");
    assert.ok(long.error!.message.length < 600 && /bytes dropped\]$/.test(long.error!.message));
    assert.ok(long.error!.traceback.length < 600);
    const odd = await run("print('a\\0b\\ud800')\nclass R:\n    def __repr__(self): return 1\nR()");
    assert.equal(odd.stdout, "a\0b\\ud800\n");
    assert.match(odd.error!.message, /^TypeError: __repr__ returned non-string/);

    // The program goes on only when the test has seen what it printed first.
    const seen: string[] = [];
    const stream = invoke("print('first')\nr = await tools.go()\nprint('second', r)");
    for await (const item of stream) {
      seen.push(item.type === "output" ? item.text : item.type);
      if (item.type === "call") {
        assert.deepEqual(seen, ["first\n", "call"]);
        ref.cast("answer", { id: item.id, outcome: { ok: true, content: "on" } });
      }
    }
    assert.deepEqual(seen, ["first\n", "call", "second on\n"]);
    assert.equal((await stream.reply).ok, true);
    const { items } = await serve("for n in range(200): print(n)", () => null);
    assert.ok(items.length < 30, `${items.length} items`);
  }, {
    limits: { outputBytes: 1_000, resultBytes: 500 },
    tools: [{ name: "go", description: "", parameters: { type: "object", properties: {} } }],
  }));

Deno.test("sandboxes are bounded: who was not used for longest gives way, and who is busy does not", () =>
  withPython(async ({ run, value, invoke }) => {
    await run("x = 'a'", { session: "a" });
    await run("x = 'b'", { session: "b" });
    assert.equal(await value("x", { session: "a" }), "'a'");
    await run("x = 'c'", { session: "c" });
    assert.equal(await value("x", { session: "a" }), "'a'");
    const again = await run("x = 'there'", { session: "c" });
    assert.equal(again.error, undefined);
    assert.match((await run("x", { session: "b" })).error!.message, /NameError/);

    const busy = ["b", "d"].map((session) => invoke("print(1)\nimport time\ntime.sleep(60)", { session }));
    for (const stream of busy) await stream[Symbol.asyncIterator]().next();
    const refused = await invoke("1").reply;
    assert.ok(!refused.ok && refused.kind === "transient", JSON.stringify(refused));
    assert.match(refused.message, /2 are busy \(python.sandboxes\)/);
    for (const stream of busy) stream.cancel();
    await Promise.allSettled(busy.map(({ reply }) => reply));
    // Calls of these sessions wait until what was given up has ended.
    for (const session of ["b", "d"]) assert.equal(await value("1", { session }), "1");
    assert.equal(await value("1"), "1");
    assert.equal(await value("2"), "2", "one that is made ready again gives way too");
  }, { limits: { sandboxes: 2 } }));
