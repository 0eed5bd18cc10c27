import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import { runCli } from "../../../protocols/terminal/cli.ts";
import type { Keyboard, Typed } from "../../../protocols/terminal/keyboard.ts";
import type {
  Python,
  PythonChoices,
  PythonResult,
  PythonRunOptions,
} from "../../../workspace/python/open_python.ts";
import { MemorySink, settled, stand, type StandOptions } from "./outside.ts";

const FINE: PythonResult = { stdout: "", stderr: "", value: null, files: [] };

Deno.test("python: what a program prints goes where it printed it, while it runs and after", async () => {
  const gate = Promise.withResolvers<void>();
  const python = fake(async (_code, { onOutput }) => {
    onOutput?.("stdout", "one\n");
    onOutput?.("stderr", "warned\n");
    await gate.promise;
    return {
      ...FINE,
      stdout: "one\ntwo\x1b[2J\n\n[7 bytes dropped]",
      stderr: "warned\n",
      value: "'kept to itself'",
    };
  });
  const at = stand({ files: { "a.py": "print(1)" }, openPython: python.open });
  const code = runCli(["python", "a.py"], at.outside);
  await settled();
  assert.deepEqual([at.stdout.written, at.stderr.written], ["one\n", "warned\n"]);
  gate.resolve();
  assert.equal(await code, 0);
  assert.equal(at.stdout.written, "one\ntwo\x1b[2J\n");
  assert.equal(at.stderr.written, "warned\ntroupe: stdout: 7 bytes more were printed and not kept\n");
  assert.deepEqual([python.closed, at.listeners.size, at.clock.timers], [1, 0, 0]);
});

Deno.test("python: on a terminal nothing a program prints can steer it", async () => {
  const result = { ...FINE, stdout: "a\x1b[2J\n" };
  const { at } = await run(["a.py"], result, { stdout: new MemorySink(true) });
  assert.equal(at.stdout.written, "a\\x1b[2J\n");
});

Deno.test("python: the exit code is that of the program, of its exception, or of the limit that ended it", async () => {
  const traceback = 'Traceback (most recent call last):\n  File "<cell 1>", line 1\nValueError: no\n';
  const cases: [PythonResult["error"], number, string][] = [
    [undefined, 0, ""],
    [{ kind: "exception", message: "ValueError: no", traceback }, 1, traceback.replace("<cell 1>", "a.py")],
    [{ kind: "exception", message: "SystemExit: 3", traceback: "unseen" }, 3, ""],
    [{ kind: "exception", message: "SystemExit: -1", traceback: "unseen" }, 255, ""],
    [{ kind: "exception", message: "SystemExit: bye\n3", traceback: "unseen" }, 1, "bye\n3\n"],
    [
      { kind: "timeout", message: "It ran longer than 5 ms", traceback: "" },
      4,
      "troupe: It ran longer than 5 ms\n",
    ],
    [{ kind: "memory", message: "MemoryError", traceback: "There\n" }, 4, "There\ntroupe: MemoryError\n"],
    [{ kind: "denied", message: "It tried to leave", traceback: "" }, 5, "troupe: It tried to leave\n"],
    [{ kind: "stopped", message: "It is gone", traceback: "" }, 1, "troupe: It is gone\n"],
  ];
  for (const [error, code, said] of cases) {
    const result = error === undefined ? FINE : { ...FINE, error };
    const ran = await run(["a.py"], result);
    assert.deepEqual([ran.code, ran.at.stdout.written, ran.at.stderr.written], [code, "", said]);
    assert.equal((await run(["a.py", "--json"], result)).code, code);
  }
});

Deno.test("python: a file that may not be written is told of, and so are those that are too many", async () => {
  const files = [
    { path: "a", change: "created", bytes: 1 },
    { path: "b", change: "refused", bytes: 0, reason: "not granted" },
  ] as const;
  const { code, at } = await run(["a.py"], { ...FINE, files, filesOmitted: 2 });
  assert.equal(code, 0);
  assert.match(
    at.stderr.written,
    /^troupe: b was not written: not granted\ntroupe: 2 files were too many [^\n]+\n$/,
  );
});

Deno.test("python: without a file, and for -, the program is read from stdin", async () => {
  for (const args of [[], ["-"]]) {
    const { code, python } = await run(args, FINE, { stdin: [new TextEncoder().encode("print('ö')")] });
    assert.deepEqual([code, python.codes], [0, ["print('ö')"]]);
  }
});

Deno.test("python: flags say how it is opened and how long code may run", async () => {
  const { python } = await run(["a.py"], FINE);
  assert.deepEqual(python.opened, [{ files: true, workspace: undefined, config: undefined }]);
  const flags = "--no-files --workspace w --config c --timeout 1.5";
  const other = (await run(["a.py", ...flags.split(" ")], FINE)).python;
  assert.deepEqual(other.opened, [{ files: false, workspace: "w", config: "c" }]);
  assert.equal(other.options[0]?.timeoutMs, 1500);
  for (const timeout of ["0.01", "301", "x"]) {
    assert.equal((await run(["a.py", "--timeout", timeout], FINE)).code, 2, timeout);
  }
});

Deno.test("python: --json prints the whole result and nothing else", async () => {
  const result = { ...FINE, stdout: "1\n", value: "42" };
  const python = fake((_code, { onOutput }) => {
    onOutput?.("stdout", "1\n");
    return Promise.resolve(result);
  });
  const at = stand({ files: { "a.py": "x" }, openPython: python.open });
  assert.equal(await runCli(["python", "a.py", "--json"], at.outside), 0);
  assert.deepEqual([JSON.parse(at.stdout.written), at.stderr.written], [result, ""]);
});

Deno.test("python: what cannot be run is one line and exit code 2", async () => {
  const cases: [string[], StandOptions, RegExp][] = [
    [["b.py"], {}, /^troupe: Cannot read b\.py: there is no such file\n$/],
    [["a.py"], { files: { "a.py": "#".repeat(1_000_001) } }, /longer than 1000000 characters\n$/],
    [["--json"], { stdinTerminal: true }, /^troupe: Cannot print a result as JSON: no program was given\n$/],
  ];
  for (const [args, options, says] of cases) {
    const { code, at } = await run(args, FINE, options);
    assert.equal(code, 2);
    assert.match(at.stderr.written, says);
  }
});

Deno.test("python: a person is told when Python has to be prepared first", async () => {
  const python = fake((_code, { onPreparing }) => {
    onPreparing?.();
    return Promise.resolve(FINE);
  });
  const at = stand({ files: { "a.py": "x" }, openPython: python.open });
  await runCli(["python", "a.py"], at.outside);
  assert.equal(at.stderr.written, "Preparing Python (once) ...\n");
});

Deno.test("python: the first request to stop stops the code, the second one the program", async () => {
  const python = fake((_code, { signal }) =>
    new Promise((_resolve, reject) =>
      signal!.addEventListener("abort", () => reject(new Fault("cancelled", "the caller cancelled it")))
    )
  );
  const at = stand({ files: { "a.py": "x" }, openPython: python.open });
  const code = runCli(["python", "a.py"], at.outside);
  await settled();
  at.signal();
  assert.equal(await code, 130);
  assert.equal(at.stderr.written, "KeyboardInterrupt\n");
  assert.deepEqual([python.closed, at.listeners.size], [1, 0]);

  const deaf = fake(() => new Promise(() => {}));
  const other = stand({ files: { "a.py": "x" }, openPython: deaf.open });
  const forced = runCli(["python", "a.py"], other.outside);
  await settled();
  other.signal();
  await other.clock.advance(200);
  other.signal();
  await other.clock.advance(200);
  assert.equal(await forced, 130);
});

Deno.test("python: code stops when nobody reads what it prints, and fails when it cannot be written", async () => {
  const talks = () =>
    fake((_code, { onOutput, signal }) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener("abort", () => reject(new Fault("cancelled", "the caller cancelled it")));
        onOutput?.("stdout", "more\n");
      })
    );
  const gone = new MemorySink();
  gone.closesAfter = 0;
  const left = stand({ stdout: gone, files: { "a.py": "x" }, openPython: talks().open });
  assert.deepEqual([await runCli(["python", "a.py"], left.outside), left.stderr.written], [130, ""]);
  const full = new MemorySink();
  full.broken = new Error("No space left on device");
  const stuck = stand({ stdout: full, files: { "a.py": "x" }, openPython: talks().open });
  assert.equal(await runCli(["python", "a.py"], stuck.outside), 1);
  assert.equal(stuck.stderr.written, "troupe: No space left on device\n");
});

Deno.test("the prompt: one session, values shown, errors told, until the person leaves", async () => {
  const results: Record<string, PythonResult> = {
    "6 * 7": { ...FINE, value: "42" },
    "print('x', end='')": { ...FINE, stdout: "x" },
    "1/0": { ...FINE, error: { kind: "exception", message: "ZeroDivisionError: no", traceback: "Trace\n" } },
    "loop()": { ...FINE, error: { kind: "timeout", message: "too long", traceback: "" } },
  };
  const typed = [
    "x = 1",
    "6 * 7",
    "",
    "print('x', end='')",
    "interrupted",
    "1/0",
    "loop()",
    "exit()",
    "never()",
  ];
  const { code, at, python } = await talk(typed, (asked) => Promise.resolve(results[asked] ?? FINE));
  assert.equal(code, 0);
  assert.deepEqual(python.codes.slice(1), ["x = 1", "6 * 7", "print('x', end='')", "1/0", "loop()"]);
  assert.equal(new Set(python.options.map(({ session }) => session)).size, 1);
  assert.equal(at.stdout.written, "42\nx\n");
  const [, ...told] = at.stderr.written.trimEnd().split("\n");
  assert.deepEqual(told, [
    "KeyboardInterrupt",
    "Trace",
    "troupe: too long",
    "troupe: Python begins anew: names and files in memory are gone",
  ]);
  assert.deepEqual([python.closed, at.listeners.size], [1, 0]);
});

Deno.test("the prompt: Ctrl-C stops the code that runs and nothing else", async () => {
  let press = () => {};
  const { code, at, python } = await talk(["forever()", "1", "ended"], async (asked, { signal }) => {
    if (asked === "1") return { ...FINE, value: "1" };
    if (asked !== "forever()") return FINE;
    press();
    await Promise.resolve();
    assert.ok(signal!.aborted);
    throw new Fault("cancelled", "the caller cancelled it");
  }, (keyboard) => press = () => keyboard.onInterrupt?.());
  assert.equal(code, 0);
  assert.deepEqual(python.codes.slice(1), ["forever()", "1"]);
  assert.equal(at.stdout.written, "1\n");
  assert.match(at.stderr.written, /\nKeyboardInterrupt\n\n$/);
});

Deno.test("the prompt: Ctrl-C in the moment code ends of itself is told like any other", async () => {
  let press = () => {};
  const { code, at } = await talk(["quick()", "1"], (asked) => {
    if (asked === "quick()") press();
    return Promise.resolve(asked === "1" ? { ...FINE, value: "1" } : FINE);
  }, (keyboard) => press = () => keyboard.onInterrupt?.());
  assert.deepEqual([code, at.stdout.written], [0, "1\n"]);
  assert.match(at.stderr.written, /\nKeyboardInterrupt\n\n$/);
});

Deno.test("the prompt: what code printed is written before the next prompt stands, however slowly", async () => {
  class SlowSink extends MemorySink {
    override async write(text: string): Promise<boolean> {
      await new Promise((resolve) => setTimeout(resolve, 0));
      return await super.write(text);
    }
  }
  const stdout = new SlowSink(true);
  const python = fake((code, { onOutput }) => {
    if (code !== "print('go')") return Promise.resolve(FINE);
    onOutput?.("stdout", "go\n");
    return Promise.resolve({ ...FINE, stdout: "go\n" });
  });
  const asked: string[] = [];
  const openKeyboard = (): Keyboard => ({
    statement: () =>
      Promise.resolve<Typed>(asked.push(stdout.written) === 1 ? { text: "print('go')" } : "ended"),
    onInterrupt: undefined,
    close: () => {},
  });
  const at = stand({ stdinTerminal: true, stdout, openPython: python.open, openKeyboard });
  assert.equal(await runCli(["python"], at.outside), 0);
  assert.deepEqual(asked, ["", "go\n"]);
});

Deno.test("the prompt: a status a program leaves with is the exit code", async () => {
  const error = { kind: "exception", message: "SystemExit: 7", traceback: "unseen" } as const;
  const { code, python } = await talk(
    ["leave()", "never()"],
    (asked) => Promise.resolve(asked === "leave()" ? { ...FINE, error } : FINE),
  );
  assert.deepEqual([code, python.codes.length], [7, 2]);
});

type Run = (code: string, options: PythonRunOptions) => Promise<PythonResult>;

/** Python as a test says it is. */
function fake(run: Run) {
  const made = {
    codes: [] as string[],
    options: [] as PythonRunOptions[],
    opened: [] as PythonChoices[],
    closed: 0,
    open(choices: PythonChoices): Promise<Python> {
      made.opened.push(choices);
      const close = () => Promise.resolve(void made.closed++);
      return Promise.resolve({
        run(code, options = {}) {
          made.codes.push(code);
          made.options.push(options);
          return run(code, options);
        },
        close,
        [Symbol.asyncDispose]: close,
      });
    },
  };
  return made;
}

async function run(args: string[], result: PythonResult, options: StandOptions = {}) {
  const python = fake(() => Promise.resolve(result));
  const at = stand({ files: { "a.py": "x" }, openPython: python.open, ...options });
  return { code: await runCli(["python", ...args], at.outside), at, python };
}

/** A conversation; "interrupted" and "ended" are Ctrl-C and Ctrl-D. */
async function talk(lines: string[], answer: Run, meet: (keyboard: Keyboard) => void = () => {}) {
  const python = fake(answer);
  const openKeyboard = (): Keyboard => {
    const rest = lines.map((text): Typed => text === "interrupted" || text === "ended" ? text : { text });
    const keyboard: Keyboard = {
      statement: () => Promise.resolve(rest.shift() ?? "ended"),
      onInterrupt: undefined,
      close: () => {},
    };
    meet(keyboard);
    return keyboard;
  };
  const at = stand({ stdinTerminal: true, openPython: python.open, openKeyboard });
  return { code: await runCli(["python"], at.outside), at, python };
}
