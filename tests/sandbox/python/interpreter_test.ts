import assert from "node:assert/strict";
import { openInterpreter, pyodideDirectory, type PythonResult } from "../../../sandbox/python/interpreter.ts";
import { openPython, type Refused } from "./python.ts";

const MERGE_SORT = `
def merge_sort(items):
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = merge_sort(items[:middle]), merge_sort(items[middle:])
    merged = []
    while left and right:
        merged.append((left if left[0] <= right[0] else right).pop(0))
    return merged + left + right

merge_sort([38, 27, 43, 3, 9, 82, 10])
`;

Deno.test("an interpreter runs Python, keeps state, and says how code failed", async (t) => {
  using python = await openPython();
  const step = (name: string, body: () => Promise<void>) => t.step(name, body);

  await step("the value is the repr of the last expression", async () => {
    const result = await python.run(MERGE_SORT);
    assert.deepEqual(result, { stdout: "", stderr: "", value: "[3, 9, 10, 27, 38, 43, 82]" });
    assert.equal((await python.run("'a' 'b'")).value, "'ab'");
    assert.equal((await python.run("None")).value, null);
    assert.equal((await python.run("x = 1")).value, null);
    assert.equal((await python.run("")).value, null);
  });

  await step("stdout and stderr come apart", async () => {
    const result = await python.run(
      "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('é', end='')",
    );
    assert.equal(result.stdout, "out\né");
    assert.equal(result.stderr, "err\n");
  });

  await step("what was defined in a session is there in its next run, and nowhere else", async () => {
    await python.run("x = 41", { session: "a" });
    assert.equal((await python.run("x + 1", { session: "a" })).value, "42");
    assert.equal(
      (await python.run("x", { session: "b" })).error?.message,
      "NameError: name 'x' is not defined",
    );
    assert.equal((await python.run("x", { session: "__proto__" })).error?.kind, "exception");
  });

  await step("a session is a __main__ module", async () => {
    const code = "import pickle\nclass P: pass\ntype(pickle.loads(pickle.dumps(P()))).__name__ + __name__";
    assert.equal((await python.run(code)).value, "'P__main__'");
  });

  await step("an exception is reported with the frames of user code, across runs", async () => {
    await python.run("def broken(text):\n    return json.loads(text)\nimport json");
    const { error } = await python.run("broken('{')");
    assert.equal(error?.kind, "exception");
    assert.match(error.message, /^JSONDecodeError: Expecting property name/);
    assert.match(
      error.traceback,
      /^Traceback \(most recent call last\):\n {2}File "<cell \d+>", line 1, in <module>/,
    );
    assert.match(error.traceback, /in broken\n {4}return json.loads\(text\)/);
    assert.doesNotMatch(error.traceback, /runner|\/lib\/python/);
  });

  await step("a cause keeps its frames too, and internal ones are left out of it", async () => {
    const { error } = await python.run(
      "try:\n    json.loads('[')\nexcept ValueError as e:\n    raise KeyError(1) from e",
    );
    assert.match(error!.traceback, /direct cause/);
    assert.doesNotMatch(error!.traceback, /\/lib\/python/);
  });

  await step("a syntax error points at its place", async () => {
    const { error } = await python.run("1 +\n");
    assert.match(error!.message, /^SyntaxError: invalid syntax/);
    assert.match(error!.traceback, /1 \+\n +\^/);
  });

  await step("endless recursion is an exception of few lines", async () => {
    const { error } = await python.run("def a(): b()\ndef b(): a()\na()");
    assert.match(error!.message, /^RecursionError/);
    assert.ok(error!.traceback.split("\n").length < 80);
  });

  await step("sys.exit ends the run, not the interpreter", async () => {
    const { error } = await python.run("import sys\nsys.exit(3)");
    assert.deepEqual({ kind: error?.kind, message: error?.message }, {
      kind: "exit",
      message: "SystemExit: 3",
    });
    const inTask =
      "import asyncio\nasync def f(): sys.exit(4)\nt = asyncio.create_task(f())\nawait asyncio.sleep(0.01)";
    assert.equal((await python.run(inTask)).error, undefined);
    assert.equal((await python.run("1")).value, "1");
  });

  await step("await works at the top level, asyncio.run and time.sleep work", async () => {
    await python.run(
      "import asyncio, time\nasync def later(x):\n    await asyncio.sleep(0.01)\n    return x",
    );
    assert.equal((await python.run("await later(1)")).value, "1");
    assert.equal((await python.run("asyncio.run(later(2))")).value, "2");
    assert.equal((await python.run("sum(await asyncio.gather(later(1), later(2)))")).value, "3");
    assert.equal(
      (await python.run("time.sleep(0.01)\nasyncio.get_event_loop().run_until_complete(later(4))")).value,
      "4",
    );
    const caught = await python.run(
      "async def f(): raise ValueError\ntry: asyncio.run(f())\nexcept ValueError: print(1)",
    );
    assert.deepEqual(caught, { stdout: "1\n", stderr: "", value: null });
  });

  await step("tasks left over do not go on in the next run", async () => {
    const spawn =
      "async def tick():\n    while True:\n        print('tick')\n        await asyncio.sleep(0)\n" +
      "t = asyncio.create_task(tick())\nawait asyncio.sleep(0.01)";
    assert.match((await python.run(spawn)).stdout, /^tick/);
    const after = await python.run("await asyncio.sleep(0.05)\nt.done()");
    assert.deepEqual(after, { stdout: "", stderr: "", value: "True" });
  });

  await step("code that computes is stopped at its limit, and what it had printed is kept", async () => {
    const started = performance.now();
    const result = await python.run("print('begun')\nwhile True: pass", { timeoutMs: 200 });
    assert.ok(performance.now() - started < 5_000);
    assert.equal(result.stdout, "begun\n");
    assert.equal(result.error?.kind, "timeout");
    assert.equal(result.error.message, "The code was stopped: it ran longer than 200 ms");
  });

  await step("code that waits is stopped at its limit, however it waits", async () => {
    for (const code of ["await asyncio.sleep(60)", "time.sleep(60)", "asyncio.run(asyncio.sleep(60))"]) {
      const result = await python.run(code, { timeoutMs: 100 });
      assert.equal(result.error?.kind, "timeout", code);
      assert.equal(result.stderr, "", code);
    }
    assert.equal((await python.run("raise KeyboardInterrupt")).error?.kind, "exception");
    assert.equal((await python.run("1")).value, "1");
  });

  await step("input has an end and no beginning", async () => {
    assert.equal((await python.run("input('name? ')")).error?.message, "EOFError: EOF when reading a line");
    assert.equal((await python.run("sys.stdin.read()")).value, "''");
  });

  await step("a flood of output is cut and counted", async () => {
    const { stdout, stderr, value } = await python.run(
      "for i in range(100_000): print('é' * 10)\nprint('x' * 70_000, file=sys.stderr)\n'y' * 100_000",
    );
    const kept = Math.floor(65_536 / 21);
    assert.ok(stdout.startsWith("é".repeat(10) + "\n"));
    assert.equal(stdout.split("\n").length, kept + 2);
    assert.ok(stdout.endsWith(`\n[${100_000 * 21 - 65_536} bytes dropped]`), stdout.slice(-60));
    assert.equal(stderr, "x".repeat(65_536) + `\n[${70_001 - 65_536} bytes dropped]`);
    assert.equal(value, "'" + "y".repeat(65_535) + `\n[${100_002 - 65_536} bytes dropped]`);
  });

  await step("closed or replaced output spoils one run only", async () => {
    await python.run("sys.stdout.close()\nsys.stderr = None");
    assert.equal((await python.run("print(1)")).stdout, "1\n");
  });

  await step("memory has a limit that code survives", async () => {
    assert.equal((await python.run("len(bytearray(600_000_000))")).error?.message, "MemoryError");
    assert.equal((await python.run("len(bytearray(100_000_000))")).value, "100000000");
  });

  await step("lone surrogates do not break the report", async () => {
    assert.equal(
      (await python.run("print('\\ud800')\nraise ValueError('\\ud800')")).error?.message,
      "ValueError: \\ud800",
    );
  });

  await step("the worker may do nothing, with Python or without", async () => {
    assert.deepEqual(python.granted, []);
    await refuses("open('/etc/passwd')", /FileNotFoundError/);
    await refuses("import os\nos.listdir('/etc')", /FileNotFoundError/);
    await refuses("import subprocess\nsubprocess.run(['true'])", /OSError/);
    await refuses("import socket\nsocket.create_connection(('127.0.0.1', 1), 1).send(b'x')", /Error/);
    for (const name of ["js", "pyodide", "pyodide_js", "pyodide.code", "_pyodide_core"]) {
      await refuses(`import ${name}`, /ModuleNotFoundError/);
    }
  });

  await step("no byte leaves for a server that is there", async () => {
    let connections = 0;
    await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
      connections++;
      return new Response("reached");
    });
    const url = `http://127.0.0.1:${server.addr.port}/`;
    await refuses(`import urllib.request\nurllib.request.urlopen("${url}").read()`, /Error|Disconnected/);
    assert.equal(connections, 0);
  });

  await step("nothing of this machine shows", async () => {
    const { value } = await python.run(
      "import os\n[*os.environ.values(), sys.executable, os.getcwd(), *sys.argv, *sys.path]",
    );
    assert.doesNotMatch(value!, new RegExp(Deno.cwd()));
    assert.doesNotMatch(value!, /deno/);
    if (Deno.env.get("HOME") !== "/home") {
      assert.doesNotMatch(value!, new RegExp(`'${Deno.env.get("HOME")}'`));
    }
  });

  async function refuses(code: string, message: RegExp): Promise<void> {
    const { error }: PythonResult = await python.run(code);
    assert.match(error?.message ?? "it was allowed", message, code);
  }
});

Deno.test("limits can be set, and code that breaks its interpreter is told from code that fails", async (t) => {
  using python = await openPython({ sessions: 2, outputBytes: 20, memoryMb: 64 });
  const run = (session: string, code: string) => python.run(code, { session });

  await t.step("the least recently used session is forgotten first", async () => {
    await run("a", "x = 1");
    await run("b", "x = 2");
    await run("a", "x");
    await run("c", "x = 3");
    assert.equal((await run("a", "x")).value, "1");
    assert.equal((await run("b", "x")).error?.kind, "exception");
  });

  await t.step("output and memory", async () => {
    const { stdout } = await run("a", "print('0123456789' * 2 + 'abc')");
    assert.equal(stdout, "01234567890123456789\n[4 bytes dropped]");
    assert.equal((await run("a", "len(bytearray(60_000_000))")).error?.message, "MemoryError");
  });

  await t.step("an interpreter that code has broken says so", async () => {
    const broken = (error: Refused) =>
      error.code === "broken" && /Cannot go on with this Py/.test(error.message);
    await assert.rejects(run("a", "import builtins\ndel builtins.len, builtins.open"), broken);
  });
});

Deno.test("limited permissions of all kinds are given up, and a crash of Python stays in its worker", async () => {
  using python = await openPython({}, {
    read: [pyodideDirectory(), "/tmp"],
    write: ["/tmp"],
    net: ["0.0.0.0"],
    env: ["PATH"],
    sys: ["hostname"],
    run: ["true"],
  });
  assert.deepEqual(python.granted, []);
  await assert.rejects(
    python.run("import os\nos.abort()"),
    (error: Refused) => error.code === "worker_ended",
  );
});

Deno.test("a thread with unlimited permissions is not used, and keeps them", async () => {
  const refused = (error: Refused) => error.code === "not_contained" && /may read, net /.test(error.message);
  await assert.rejects(openPython({}, { read: true, net: true }), refused);
  await assert.rejects(openInterpreter(), { code: "not_contained" });
  assert.equal(Deno.permissions.querySync({ name: "read" }).state, "granted");
});
