import assert from "node:assert/strict";
import { type Item, openPython, type Ran } from "./open_python.ts";

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

Deno.test("an interpreter runs Python, keeps its names, and says how code failed", async (t) => {
  using python = await openPython();
  const step = (name: string, body: () => Promise<void>) => t.step(name, body);
  const value = async (code: string) => (await python.run(code)).value;
  const message = async (code: string) => (await python.run(code)).error?.message ?? "it did not fail";

  await step("the value is the repr of the last expression", async () => {
    assert.deepEqual(await python.run(MERGE_SORT), {
      value: "[3, 9, 10, 27, 38, 43, 82]",
      stdout: "",
      stderr: "",
      broken: false,
      dropped: { stdout: 0, stderr: 0 },
      files: [],
      paths: [],
      omitted: 0,
    });
    assert.equal(await value("'a' 'b'"), "'ab'");
    assert.equal(await value("None"), null);
    assert.equal(await value("x = 41"), null);
    assert.equal(await value(""), null);
    assert.equal(await value("x + 1"), "42");
  });

  await step("stdout and stderr come apart", async () => {
    const code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('é', end='')";
    const { stdout, stderr } = await python.run(code);
    assert.deepEqual({ stdout, stderr }, { stdout: "out\né", stderr: "err\n" });
  });

  await step("code runs in a __main__ module", async () => {
    const code = "import pickle\nclass P: pass\ntype(pickle.loads(pickle.dumps(P()))).__name__ + __name__";
    assert.equal(await value(code), "'P__main__'");
  });

  await step("an exception is reported with the frames of user code, across runs", async () => {
    await python.run("def broken(text):\n    return json.loads(text)\nimport json");
    const { error, broken } = await python.run("broken('{')");
    assert.equal(broken, false);
    assert.equal(error?.kind, "exception");
    assert.match(error.message, /^JSONDecodeError: Expecting property name/);
    assert.match(
      error.traceback,
      /^Traceback \(most recent call last\):\n {2}File "<cell \d+>", line 1, in <module>\n {4}broken\('\{'\)\n/,
    );
    assert.match(error.traceback, /in broken\n {4}return json.loads\(text\)/);
    assert.doesNotMatch(error.traceback, /runner|\/lib\/python/);
  });

  await step("a cause keeps its frames too, and internal ones are left out of it", async () => {
    const code = "try:\n    json.loads('[')\nexcept ValueError as e:\n    raise KeyError(1) from e";
    const { error } = await python.run(code);
    assert.match(error!.traceback, /direct cause/);
    assert.doesNotMatch(error!.traceback, /\/lib\/python/);
  });

  await step("a syntax error points at its place", async () => {
    const { error } = await python.run("1 +\n");
    assert.match(error!.message, /^SyntaxError: invalid syntax/);
    assert.match(error!.traceback, /1 \+\n +\^/);
  });

  await step("endless recursion is an exception of few lines, and the interpreter goes on", async () => {
    const { error, broken } = await python.run("def a(): b()\ndef b(): a()\na()");
    assert.match(error!.message, /^RecursionError/);
    assert.ok(error!.traceback.split("\n").length < 80);
    assert.equal(broken, false);
    assert.equal(await value("1"), "1");
  });

  await step("sys.exit ends the run, and is an error unless all is well", async () => {
    assert.equal(await message("import sys\nsys.exit(3)"), "SystemExit: 3");
    assert.equal(await message("sys.exit('no')"), "SystemExit: no");
    assert.equal((await python.run("sys.exit()")).error, undefined);
    assert.equal((await python.run("sys.exit(0)")).error, undefined);
    assert.equal(await value("1"), "1");
  });

  await step("await works at the top level, asyncio.run and time.sleep work", async () => {
    await python.run(
      "import asyncio, time\nasync def later(x):\n    await asyncio.sleep(0.01)\n    return x",
    );
    assert.equal(await value("await later(1)"), "1");
    assert.equal(await value("asyncio.run(later(2))"), "2");
    assert.equal(await value("sum(await asyncio.gather(later(1), later(2)))"), "3");
    const loop = "time.sleep(0.01)\nasyncio.new_event_loop().run_until_complete(later(4))";
    assert.equal(await value(loop), "4");
    const slept = "start = time.monotonic()\ntime.sleep(0.05)\n0.045 < time.monotonic() - start < 2";
    assert.equal(await value(slept), "True");
    const { stdout, stderr, error } = await python.run(
      "async def f(): raise ValueError\ntry: asyncio.run(f())\nexcept ValueError: print(1)",
    );
    assert.deepEqual({ stdout, stderr, error }, { stdout: "1\n", stderr: "", error: undefined });
  });

  await step("tasks left over do not go on in the next run", async () => {
    const spawn =
      "async def tick():\n    while True:\n        print('tick')\n        await asyncio.sleep(0)\n" +
      "t = asyncio.create_task(tick())\nawait asyncio.sleep(0.01)";
    assert.match((await python.run(spawn)).stdout, /^tick/);
    const { stdout, stderr, value } = await python.run("await asyncio.sleep(0.02)\nt.done()");
    assert.deepEqual({ stdout, stderr, value }, { stdout: "", stderr: "", value: "True" });
  });

  await step("code that computes is interrupted at its limit, and what it had printed is kept", async () => {
    const started = performance.now();
    const { stdout, error, broken } = await python.run("print('begun')\nwhile True: pass", {
      timeoutMs: 200,
    });
    assert.ok(performance.now() - started < 1_200);
    assert.equal(stdout, "begun\n");
    assert.equal(error?.kind, "timeout");
    assert.equal(error.message, "The code was stopped: it ran longer than 200 ms");
    assert.equal(broken, false);
  });

  await step("code that waits is interrupted at its limit, however it waits", async () => {
    for (const code of ["await asyncio.sleep(60)", "time.sleep(60)", "asyncio.run(asyncio.sleep(60))"]) {
      const { error, stderr, broken } = await python.run(code, { timeoutMs: 100 });
      assert.equal(error?.kind, "timeout", code);
      assert.deepEqual({ stderr, broken }, { stderr: "", broken: false }, code);
    }
    assert.equal((await python.run("raise KeyboardInterrupt")).error?.kind, "exception");
    assert.equal(await value("1"), "1");
  });

  await step("who waits is interrupted from outside", async () => {
    const heard = (item: Item) => item.op === "output" && python.tell({ op: "interrupt" });
    const { error } = await python.run("print('waits')\ntime.sleep(60)", {}, heard);
    assert.equal(error?.kind, "timeout");
  });

  await step(
    "an interrupt at any moment, from before the first line to the last, costs the run and no name",
    async () => {
      await value("kept = 7");
      for (let ms = 0; ms < 3; ms += 0.05) {
        const { error, broken } = await python.run("while True: pass", { timeoutMs: ms });
        assert.deepEqual([error?.kind, broken], ["timeout", false], `${ms} ms`);
        const quick = await python.run("sorted(range(100))[0]", { timeoutMs: ms });
        assert.equal(quick.broken, false, `${ms} ms: ${quick.error?.message}`);
      }
      assert.equal(await value("kept"), "7");
    },
  );

  await step("input has an end and no beginning", async () => {
    assert.equal(await message("input('name? ')"), "EOFError: EOF when reading a line");
    assert.equal(await value("sys.stdin.read()"), "''");
  });

  await step("a flood of output is cut and counted", async () => {
    const code =
      "for i in range(100_000): print('é' * 10)\nprint('x' * 70_000, file=sys.stderr)\n'y' * 100_000";
    const { stdout, stderr, dropped, value } = await python.run(code);
    assert.ok(stdout.startsWith("é".repeat(10) + "\n"));
    assert.ok(new TextEncoder().encode(stdout).length > 65_536 - 2);
    assert.ok(new TextEncoder().encode(stdout).length <= 65_536);
    assert.equal(stderr, "x".repeat(65_536));
    assert.deepEqual(dropped, { stdout: 100_000 * 21 - 65_536, stderr: 70_001 - 65_536 });
    assert.equal(value, "'" + "y".repeat(65_535) + `\n[${100_002 - 65_536} bytes dropped]`);
  });

  await step("closed or replaced output spoils one run only", async () => {
    await python.run("sys.stdout.close()\nsys.stderr = None");
    assert.equal((await python.run("print(1)")).stdout, "1\n");
  });

  await step("memory has a limit that code survives", async () => {
    const { error, broken } = await python.run("len(bytearray(600_000_000))");
    assert.deepEqual([error?.kind, error?.message, broken], ["memory", "MemoryError", false]);
    assert.equal(await value("len(bytearray(100_000_000))"), "100000000");
  });

  await step("lone surrogates do not break the report", async () => {
    assert.equal(await message("print('\\ud800')\nraise ValueError('\\ud800')"), "ValueError: \\ud800");
    assert.equal(await value("'\\ud800'"), "'\\ud800'");
  });

  await step("nothing of this machine shows", async () => {
    const code = "import os\n[*os.environ.values(), sys.executable, os.getcwd(), *sys.argv, *sys.path]";
    const seen = String(await value(code));
    assert.doesNotMatch(seen, /deno/i);
    for (const here of [Deno.cwd(), Deno.env.get("HOME") ?? "/root", Deno.hostname()]) {
      assert.ok(!seen.includes(here), `${here} is in ${seen}`);
    }
  });

  await step("modules of JavaScript are not there, and it says why", async () => {
    for (const name of ["js", "pyodide", "pyodide_js", "pyodide.code", "_pyodide_core", "_pyodide"]) {
      assert.match(await message(`import ${name}`), /^ModuleNotFoundError: .*cannot reach JavaScript/, name);
    }
  });

  await step("each interpreter has its own random numbers", async () => {
    const code = "import random\nrandom.random()";
    const first = await value(code);
    await python.renew();
    assert.notEqual(await value(code), first);
    assert.equal(await message("x"), "NameError: name 'x' is not defined");
  });
});

Deno.test("an interpreter that code has broken says so, and another can be opened in its place", async () => {
  using python = await openPython({ memoryMb: 64 });
  const ends: [code: string, kind: string, message: RegExp][] = [
    ["import os\nos.abort()", "stopped", /^The interpreter ended: /],
    ["import os\nos._exit(3)", "stopped", /^The interpreter ended: /],
    ["import ctypes\nctypes.CDLL(None).emscripten_run_script(b'1')", "denied", /emscripten_run_script/],
    ["while True:\n    try:\n        while True: pass\n    except BaseException: pass", "timeout", /200 ms/],
  ];
  for (const [code, kind, message] of ends) {
    const { error, broken, value }: Ran = await python.run(code, {
      timeoutMs: kind === "timeout" ? 200 : 20_000,
    });
    assert.deepEqual([error?.kind, broken, value], [kind, true, null], code);
    assert.match(error!.message, message, code);
    await python.renew();
    assert.equal((await python.run("1 + 1")).value, "2");
  }
});

Deno.test("files go in and come out, and what was only there stays", async () => {
  using python = await openPython();
  const bytes = new Uint8Array([0, 255, 10]);
  const files = [{ path: "in/a.bin", bytes }, { path: "b.txt", bytes: new TextEncoder().encode("b") }];
  const code = "open('out.txt', 'w').write(str(list(open('in/a.bin', 'rb').read())))";
  const first = await python.run(code, { files });
  assert.deepEqual(first.files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)]), [
    ["out.txt", "[0, 255, 10]"],
  ]);
  assert.deepEqual([...first.paths].sort(), ["b.txt", "in/a.bin", "out.txt"]);
  const second = await python.run("1");
  assert.deepEqual(second.files, []);
  assert.equal(second.paths.length, 3);
});
