import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { Limits, RunEvent, RunStatus } from "../../../protocols/messages/run.ts";
import { runCli } from "../../../protocols/terminal/cli.ts";
import type { RunHandle } from "../../../workspace/runtime/runtime.ts";
import { MemorySink, scriptedRun, type Stand, stand, type StandOptions } from "./outside.ts";
import { ended, EVENTFUL, outcome, RUN, STARTED } from "./runs.ts";

Deno.test("run: the answer alone is on stdout, all else on stderr, and everything is taken down", async () => {
  const { code, at } = await cli(["run", "Sort it"], starting(EVENTFUL));
  assert.equal(code, 0);
  assert.equal(at.stdout.written, "[1, 2]\n");
  assert.match(at.stderr.written, /✓ execute_python 12 ms/);
  assert.deepEqual([at.closed, at.clock.timers, at.listeners.size], [1, 0, 0]);
});

Deno.test("run: the task, its limits and the settings of the runtime come from the command line", async () => {
  const asked: [string, Partial<Limits>][] = [];
  const start = (task: string, limits: Partial<Limits>) => {
    asked.push([task, limits]);
    return Promise.resolve(scriptedRun(RUN, EVENTFUL));
  };
  const flags =
    "--model m --base-url http://h/v1 --program textual --executor none --workspace w --db d --config c " +
    "--max-turns 7 --max-tokens 9000 --max-usd 0.000000001 --timeout 1.5";
  const { at } = await cli(["run", "Sort it", ...flags.split(" ")], { runtime: { start } });
  assert.deepEqual(asked, [["Sort it", { turns: 7, tokens: 9000, nanoUsd: 1, wallMs: 1500 }]]);
  assert.deepEqual(at.opened, [{
    model: "m",
    baseUrl: "http://h/v1",
    program: "textual",
    executor: "none",
    workspace: "w",
    db: "d",
    config: "c",
  }]);
  await cli(["run", "Sort it"], { runtime: { start } });
  assert.deepEqual(asked[1], ["Sort it", {}]);
});

Deno.test("run: executor pyo3 is taken for pyodide, and said so", async () => {
  const { at } = await cli(["run", "x", "--executor", "pyo3"], starting(EVENTFUL));
  assert.equal(at.opened[0]?.executor, "pyodide");
  assert.match(at.stderr.written, /^troupe: executor pyo3 .* pyodide runs the Python instead\n/);
});

Deno.test("run: a task of a megabyte is read from stdin, whatever its chunks cut through", async () => {
  const task = "Sörtiere 😀 ".repeat(70_000);
  const bytes = new TextEncoder().encode(task);
  const stdin = Array.from(
    { length: Math.ceil(bytes.length / 999) },
    (_, i) => bytes.slice(i * 999, i * 999 + 999),
  );
  let asked = "";
  const start = (given: string) => {
    asked = given;
    return Promise.resolve(scriptedRun(RUN, EVENTFUL));
  };
  assert.equal((await cli(["run", "-"], { stdin, runtime: { start } })).code, 0);
  assert.ok(asked === task);
});

Deno.test("run: more than 8 MiB on stdin is refused before it is all in memory", async () => {
  const chunk = new Uint8Array(1024 * 1024).fill(120);
  const { code, at } = await cli(["run", "-"], { stdin: Array<Uint8Array>(9).fill(chunk) });
  assert.equal(code, 2);
  assert.equal(
    at.stderr.written,
    "troupe: Cannot read the task from stdin: it is longer than 8388608 bytes\n",
  );
});

Deno.test("run: no task, an empty one, or an empty stdin is a usage error that gives an example", async () => {
  for (const args of [["run"], ["run", " \n"], ["run", "-"]]) {
    const { code, at } = await cli(args);
    assert.equal(code, 2);
    assert.match(
      at.stderr.written,
      /^troupe: Cannot run: no task was given; for example: troupe run ".+"\n$/,
    );
    assert.deepEqual(at.opened, []);
  }
});

Deno.test("the exit code of a run is that of its status, and what answer there is is printed", async () => {
  const codes: [RunStatus, number][] = [
    ["answered", 0],
    ["failed", 1],
    ["blocked", 3],
    ["limited", 4],
    ["denied", 5],
    ["interrupted", 130],
  ];
  for (const [status, expected] of codes) {
    const { code, at } = await cli(["run", "x"], starting([STARTED, ended(outcome(status, "partly"))]));
    assert.equal(code, expected, status);
    assert.equal(at.stdout.written, "partly\n");
  }
});

Deno.test("resume goes on with a run under new limits, replay only plays it", async () => {
  const asked: unknown[] = [];
  const play = (...what: unknown[]) => {
    asked.push(what);
    return Promise.resolve(scriptedRun(RUN, EVENTFUL));
  };
  assert.equal((await cli(["resume", RUN, "--max-turns", "50"], { runtime: { resume: play } })).code, 0);
  assert.equal((await cli(["replay", RUN], { runtime: { replay: play } })).code, 0);
  assert.deepEqual(asked, [[RUN, { turns: 50 }, undefined], [RUN]]);
});

Deno.test("replay prints what the run printed, byte for byte, though its text comes in other chunks and nothing crashes", async () => {
  const again = EVENTFUL.filter(({ type }) => type !== "actor" && type !== "retry").flatMap((
    event,
  ): RunEvent[] => event.type === "text" ? [...event.text].map((text) => ({ ...event, text })) : [event]);
  for (const flags of [[], ["--quiet"]]) {
    const first = await cli(["run", "x", ...flags], starting(EVENTFUL));
    const second = await cli(["replay", RUN, ...flags], {
      runtime: { replay: () => Promise.resolve(scriptedRun(RUN, again)) },
    });
    assert.equal(second.at.stdout.written, first.at.stdout.written);
    assert.equal(second.at.stderr.written, first.at.stderr.written);
  }
});

Deno.test("demo shows retries, deaths and restarts even in a file, and ends with how to replay it", async () => {
  const demo = () => Promise.resolve(scriptedRun(RUN, EVENTFUL));
  const { code, at } = await cli(["demo"], { runtime: { demo } });
  assert.equal(code, 0);
  assert.match(at.stderr.written, /† troupe\/echo died: killed\n/);
  assert.equal(at.stderr.written.trimEnd().split("\n").at(-1), `replay it with: troupe replay ${RUN}`);
  const quiet = await cli(["demo", "--quiet"], { runtime: { demo } });
  assert.deepEqual([quiet.at.stdout.written, quiet.at.stderr.written], ["[1, 2]\n", ""]);
});

Deno.test("--json: every event is one line on stdout, unchanged, and stderr is empty", async () => {
  const odd: RunEvent = { type: "text", agent: "lead", text: "\x9b\x7f\n\u2028😀" };
  const events = [...EVENTFUL.slice(0, 3), odd, ...EVENTFUL.slice(3)];
  const { code, at } = await cli(["run", "x", "--json"], starting(events));
  assert.equal(code, 0);
  const lines = at.stdout.written.trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), events);
  assert.doesNotMatch(at.stdout.written, /[^\P{Cc}\n]/u);
  assert.equal(at.stderr.written, "");
});

Deno.test("--quiet: nothing but the answer, and in one line why there is none", async () => {
  const answered = await cli(["run", "x", "--quiet"], starting(EVENTFUL));
  assert.deepEqual([answered.at.stdout.written, answered.at.stderr.written], ["[1, 2]\n", ""]);
  const end = ended(outcome("failed", "", { reason: "Cannot reach\nthe host" }));
  const failed = await cli(["run", "x", "--quiet"], starting([STARTED, end]));
  assert.deepEqual([failed.at.stdout.written, failed.at.stderr.written], [
    "",
    "troupe: failed: Cannot reach the host\n",
  ]);
});

Deno.test("an answer is the model's bytes for a program and harmless for a terminal", async () => {
  const events = [STARTED, ended(outcome("answered", "\x1b[2J\u{1f600}\n"))];
  assert.equal((await cli(["run", "x"], starting(events))).at.stdout.written, "\x1b[2J\u{1f600}\n");
  const shown = await cli(["run", "x"], { ...starting(events), stdout: new MemorySink(true) });
  assert.equal(shown.at.stdout.written, "\\x1b[2J\u{1f600}\n");
});

Deno.test("an answer that was just streamed is printed again only where stdout and stderr are not one screen", async () => {
  const words: RunEvent[] = [
    STARTED,
    { type: "text", agent: "lead", text: "42" },
    ended(outcome("answered", "42")),
  ];
  for (
    const [out, err, expected] of [[true, true, ""], [true, false, "42\n"], [false, true, "42\n"]] as const
  ) {
    const outputs = { stdout: new MemorySink(out), stderr: new MemorySink(err) };
    assert.equal((await cli(["run", "x"], { ...starting(words), ...outputs })).at.stdout.written, expected);
  }
});

Deno.test("colour is for terminals, unless NO_COLOR, --no-color or TERM=dumb says no", async () => {
  const coloured = async (terminal: boolean, flags: string[], env: Record<string, string>) => {
    const stderr = new MemorySink(terminal);
    await cli(["run", "x", ...flags], { ...starting(EVENTFUL), stderr, env });
    return stderr.written.includes("\x1b[32m");
  };
  assert.equal(await coloured(true, [], {}), true);
  assert.equal(await coloured(true, [], { NO_COLOR: "" }), true);
  assert.equal(await coloured(false, [], {}), false);
  assert.equal(await coloured(true, [], { NO_COLOR: "1" }), false);
  assert.equal(await coloured(true, ["--no-color"], {}), false);
  assert.equal(await coloured(true, [], { TERM: "dumb" }), false);
});

Deno.test("a reader that leaves stops a run where it can be resumed, without a word", async () => {
  const stdout = new MemorySink();
  stdout.closesAfter = 1;
  const handle = scriptedRun(RUN, [...EVENTFUL.slice(0, -1), ended(outcome("interrupted", ""))]);
  const { code, at } = await cli(["run", "x", "--json"], {
    stdout,
    runtime: { start: () => Promise.resolve(handle) },
  });
  assert.equal(handle.interrupts, 1);
  assert.deepEqual([code, at.stderr.written, at.closed], [130, "", 1]);
  assert.equal(stdout.written.split("\n").length, 2);
});

Deno.test("a full disk under stdout is an error, one under stderr is not", async () => {
  const stdout = new MemorySink();
  stdout.broken = new Error("No space left on device (os error 28)");
  const failed = await cli(["run", "x"], { ...starting(EVENTFUL), stdout });
  assert.equal(failed.code, 1);
  assert.match(failed.at.stderr.written, /\ntroupe: No space left on device \(os error 28\)\n$/);
  assert.equal((await cli(["--help"], { stdout })).code, 1);
  const stderr = new MemorySink();
  stderr.broken = stdout.broken;
  const answered = await cli(["run", "x"], { ...starting(EVENTFUL), stderr });
  assert.deepEqual([answered.code, answered.at.stdout.written], [0, "[1, 2]\n"]);
});

Deno.test("a fault is one line and the exit code of its kind, with a stack only for --debug", async () => {
  const codes: [string, number, help?: string][] = [
    ["no_model", 2, "watch a team that needs none with: troupe demo"],
    ["unknown_run", 2, "list the runs there are with: troupe runs"],
    ["run_locked", 2],
    ["run_ended", 2, "see it with: troupe show <run>"],
    ["config_invalid", 2],
    ["grant_refused", 5],
    ["store_readonly", 2],
    ["journal_corrupt", 1],
  ];
  for (const [code, expected, help] of codes) {
    const resume = () =>
      Promise.reject(new Fault(code, "Cannot go on:\x1b[31m now", { cause: new Error("deeper") }));
    const plain = await cli(["resume", RUN], { runtime: { resume } });
    assert.deepEqual([plain.code, plain.at.stderr.written], [
      expected,
      `troupe: Cannot go on:\\x1b[31m now${help === undefined ? "" : `; ${help}`}\n`,
    ]);
    assert.equal(plain.at.closed, 1);
    const debug = await cli(["resume", RUN, "--debug"], { runtime: { resume } });
    assert.match(debug.at.stderr.written, /\n {4}at [^]*Error: deeper\n {4}at /);
  }
});

Deno.test("a runtime that cannot be opened says so, with a line for each thing wrong with the configuration", async () => {
  const openFails = new Fault(
    "config_invalid",
    "Cannot use the configuration:\n  [llm] model: is empty\n  --db: is empty",
  );
  const { code, at } = await cli(["runs"], { openFails });
  assert.deepEqual([code, at.stderr.written, at.closed], [2, `troupe: ${openFails.message}\n`, 0]);
});

Deno.test("a run that breaks off without an end is a failure, not an answer", async () => {
  const { code, at } = await cli(["run", "x"], starting(EVENTFUL.slice(0, 4)));
  assert.equal(code, 1);
  assert.match(at.stderr.written, /\ntroupe: Cannot go on: the script of this run has no end\n$/);
  assert.equal(at.closed, 1);
});

Deno.test("wrong usage is exit code 2 and one line with what was probably meant", async () => {
  const cases: [string[], RegExp][] = [
    [["rnu"], /unknown command 'rnu' \(Did you mean (run|one of run, runs)\?\); see: troupe --help/],
    [
      ["run", "x", "--modle", "m"],
      /unknown option '--modle' \(Did you mean --model\?\); see: troupe run --help/,
    ],
    [["run", "two", "words"], /too many arguments for 'run'.*; see: troupe run --help/],
    [
      ["run", "x", "--max-turns", "0"],
      /'--max-turns <n>' argument '0' is invalid.*a whole number from 1 on;/,
    ],
    [["run", "x", "--max-turns", "1e3"], /'--max-turns <n>' argument '1e3' is invalid/],
    [["run", "x", "--max-usd", "-1"], /'--max-usd <amount>' argument '-1' is invalid.*an amount like 0.25/],
    [["run", "x", "--timeout", "0"], /'--timeout <seconds>' argument '0' is invalid.*above 0/],
    [["run", "x", "--program", "x"], /Allowed choices are react, textual;/],
    [["run", "x", "--executor", "x"], /Allowed choices are pyodide, pyo3, none;/],
    [["run", "x", "--json", "--quiet"], /'--json' cannot be used with option '--quiet'/],
    [["run", "x", "--model"], /'--model <id>' argument missing/],
    [["resume"], /missing required argument 'run'; see: troupe resume --help/],
  ];
  for (const [args, message] of cases) {
    const { code, at } = await cli(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(at.stderr.written, message);
    assert.match(at.stderr.written, /^troupe: [^\n]+\n$/);
    assert.deepEqual([at.stdout.written, at.opened.length], ["", 0]);
  }
});

Deno.test("every command has help with examples that it would itself accept", async () => {
  const overview = await cli(["--help"]);
  assert.deepEqual([overview.code, overview.at.stderr.written], [0, ""]);
  assert.match(overview.at.stdout.written, /130 interrupted/);
  const names = [...overview.at.stdout.written.matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)].map(([, name = ""]) =>
    name
  );
  assert.deepEqual(names, [
    "run",
    "resume",
    "runs",
    "show",
    "replay",
    "python",
    "serve",
    "mcp",
    "demo",
    "complete",
    "help",
  ]);
  for (const name of names.slice(0, -1)) {
    const { code, at } = await cli([name, "--help"]);
    assert.equal(code, 0);
    const examples = at.stdout.written.split("Examples:\n")[1] ?? "";
    assert.match(examples, new RegExp(`troupe ${name}`), name);
    for (const [, line = ""] of examples.matchAll(/\$ troupe (.*)/g)) {
      const words = [...line.split(/ [|<>] /)[0]?.matchAll(/"([^"]*)"|\S+/g) ?? []].map(([word, quoted]) =>
        quoted ?? word
      );
      const openFails = new Fault("config_invalid", "stopped here");
      const openPython = () => Promise.reject(openFails);
      const openService = () => Promise.reject(openFails);
      const files = { "sort.py": "", "untrusted.py": "" };
      const stdin = [new TextEncoder().encode("task")];
      const tried = await cli(words, { openFails, openPython, openService, files, stdin });
      const expected = name === "complete" ? "" : "troupe: stopped here\n";
      assert.equal(tried.at.stderr.written, expected, line);
    }
  }
});

Deno.test("no command is a usage error that shows the help, and --version is the version", async () => {
  const nothing = await cli([]);
  assert.deepEqual([nothing.code, nothing.at.stdout.written], [2, ""]);
  assert.match(nothing.at.stderr.written, /^Usage: troupe/);
  const version = await cli(["--version"]);
  assert.deepEqual([version.code, version.at.stdout.written, version.at.stderr.written], [0, "1.2.3\n", ""]);
  assert.equal((await cli(["help"])).code, 0);
});

async function cli(
  args: readonly string[],
  options: StandOptions = {},
): Promise<{ code: number; at: Stand }> {
  const at = stand(options);
  return { code: await runCli(args, at.outside), at };
}

function starting(events: readonly RunEvent[]): { runtime: { start(): Promise<RunHandle> } } {
  return { runtime: { start: () => Promise.resolve(scriptedRun(RUN, events)) } };
}
