import assert from "node:assert/strict";
import { startProgram } from "../../../sandbox/process/program.ts";
import { type ProcessRun, runProcess } from "../../../sandbox/process/run_process.ts";
import {
  cleanEnvironment,
  findProgram,
  searchFolders,
  SYSTEM_PATH,
} from "../../../sandbox/process/search_path.ts";
import { inFolder } from "../files/in_folder.ts";
import { assertNoneLeft, longSleep, runningWith } from "./leftovers.ts";

const folders = searchFolders(SYSTEM_PATH, "/nowhere");
const bash = findProgram("bash", folders)!;

function run(script: string, more: Partial<ProcessRun> = {}) {
  const env = cleanEnvironment("/tmp", folders);
  return runProcess({ run: { script }, bash, cwd: "/tmp", env, ...more });
}

/** Runs it and sees that nothing of it stays. */
async function endsWhole(script: string, more: Partial<ProcessRun> = {}) {
  const sleep = longSleep();
  const result = await run(script.replaceAll("SLEEP", sleep), more);
  assertNoneLeft(sleep);
  assert.equal(result.left, 0);
  return result;
}

Deno.test("a command answers with its outputs and its exit code", async () => {
  const result = await endsWhole("echo out; echo err >&2; exit 3");
  assert.deepEqual(result, {
    exitCode: 3,
    signal: null,
    stdout: "out\n",
    stderr: "err\n",
    dropped: { stdout: 0, stderr: 0 },
    stopped: null,
    left: 0,
  });
  const killed = await endsWhole("kill -SEGV $$");
  assert.deepEqual([killed.exitCode, killed.signal, killed.stopped], [null, "SIGSEGV", null]);
});

Deno.test("a command sees a clean environment and nothing to read", async () => {
  Deno.env.set("TEST_API_KEY", "secret-of-the-parent");
  try {
    const { stdout } = await endsWhole("env; read -r line || echo end of input; ulimit -c");
    assert.doesNotMatch(stdout, /secret-of-the-parent|TEST_API_KEY/);
    const names = stdout.split("\n").filter((line) => line.includes("=")).map((line) => line.split("=")[0]);
    const own = ["HOME", "LANG", "PATH", "TERM", "TROUPE_COMMAND"];
    assert.deepEqual(names.sort(), [...own, "PWD", "SHLVL", "_"].sort());
    assert.match(stdout, /end of input\n0\n/);
  } finally {
    Deno.env.delete("TEST_API_KEY");
  }
});

Deno.test("a program is started without a shell", async () => {
  const result = await endsWhole("", {
    run: { program: findProgram("printf", folders)!, args: ["%s", "$HOME;*"] },
  });
  assert.deepEqual([result.exitCode, result.stdout], [0, "$HOME;*"]);
  const gone = endsWhole("", { run: { program: "/usr/bin/no-such-program", args: [] } });
  await assert.rejects(gone, { code: "not_found" });
  await assert.rejects(endsWhole("", { run: { program: "/etc/passwd", args: [] } }), { code: "denied" });
  assertNoneLeft("no-such-program");
});

const WAYS_TO_STAY = {
  "in the background": "SLEEP &",
  "deaf to TERM": "(trap '' TERM; SLEEP; SLEEP) &",
  "by nohup": "nohup SLEEP &",
  "in a session of its own": "setsid SLEEP &",
  "forked twice": "(setsid bash -c 'SLEEP & disown' &)",
  "forked twice without its environment":
    "(env -i setsid bash -c 'SLEEP >/dev/null 2>&1 & SLEEP & disown' &)",
};

for (const [how, script] of Object.entries(WAYS_TO_STAY)) {
  Deno.test(`what a command leaves behind ends with it: ${how}`, async () => {
    const begun = performance.now();
    const result = await endsWhole(`${script}\necho done`);
    assert.deepEqual([result.exitCode, result.stopped], [0, null]);
    assert.match(result.stdout, /done/);
    assert.ok(performance.now() - begun < 5_000);
  });

  Deno.test(`what a command leaves behind ends at its time limit: ${how}`, async () => {
    const result = await endsWhole(`${script}\nSLEEP`, {
      limits: { timeoutMs: 300 },
    });
    assert.equal(result.stopped, "timeout");
  });
}

Deno.test("a name made to look like a dead process saves none", () =>
  inFolder(async (cwd) => {
    const name = "$'S) Z 1\\nx'";
    const script =
      `set -- SLEEP; ln -s "$(type -P sleep)" ${name}; (setsid ./${name} $2 > /dev/null &); sleep 0.1; cat /proc/*/comm | grep 'S) Z'`;
    const result = await endsWhole(script, { cwd });
    assert.equal(result.stopped, null);
    assert.match(result.stdout, /S\) Z/);
  }));

Deno.test("a program that forks away without a shell is found as well", async () => {
  const python = findProgram("python3", folders);
  const perl = findProgram("perl", folders);
  const sleep = longSleep();
  const [program, args] = python !== undefined
    ? [python, [
      "-c",
      `import os\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: os.execvp("sleep", ${
        JSON.stringify(sleep.split(" "))
      })`,
    ]]
    : [perl!, ["-e", `use POSIX; if (!fork) { POSIX::setsid(); exec "${sleep}" unless fork }`]];
  const result = await run("", { run: { program, args } });
  assert.deepEqual([result.exitCode, result.left], [0, 0]);
  assertNoneLeft(sleep);
});

Deno.test("a command that does not end is ended: TERM first, then KILL", async () => {
  const polite = await endsWhole("trap 'echo bye; exit 7' TERM; SLEEP & wait", {
    limits: { timeoutMs: 300 },
  });
  assert.deepEqual([polite.exitCode, polite.stdout, polite.stopped], [7, "bye\n", "timeout"]);
  const begun = performance.now();
  const deaf = await endsWhole("trap '' TERM; while :; do :; done", { limits: { timeoutMs: 300 } });
  assert.deepEqual([deaf.signal, deaf.stopped], ["SIGKILL", "timeout"]);
  assert.ok(performance.now() - begun < 5_000);
});

Deno.test("a flood of output is read and not kept", async () => {
  let shown = 0;
  const onOutput = (_channel: string, text: string) => void (shown += text.length);
  const flood = "echo first; head -c 30000000 /dev/zero | tr '\\0' x; echo; echo last; echo error >&2";
  const result = await endsWhole(flood, { limits: { outputBytes: 1_000 }, onOutput });
  assert.equal(result.dropped.stdout, 30_000_012 - 1_000);
  assert.match(result.stdout, /^first\nx{494}\n\[\d+ bytes left out\]\nx{494}\nlast\n$/);
  assert.equal(result.stderr, "error\n");
  assert.equal(shown, 1_000 + "error\n".length);
  const endless = await endsWhole("yes", { limits: { timeoutMs: 300, outputBytes: 100 } });
  assert.equal(endless.stopped, "timeout");
  assert.ok(endless.stdout.length < 200);
});

Deno.test("bytes that are no text do no harm", async () => {
  const { stdout } = await endsWhole("printf 'a\\xff\\x00\\xc3\\xa4'");
  assert.equal(stdout, "a\ufffd\0ä");
});

Deno.test("output is heard while the command runs", async () => {
  const heard = Promise.withResolvers<void>();
  const ending = new AbortController();
  const onOutput = (_channel: string, text: string) => text === "ready\n" && heard.resolve();
  const running = endsWhole("echo ready; SLEEP", { onOutput: onOutput as () => void, signal: ending.signal });
  await heard.promise;
  ending.abort();
  const result = await running;
  assert.deepEqual([result.stopped, result.stdout], ["cancelled", "ready\n"]);
});

Deno.test("a command that was given up before is not begun", async () => {
  await inFolder(async (folder) => {
    const signal = AbortSignal.abort(new Error("given up"));
    await assert.rejects(run(`touch ${folder}/begun`, { signal }), { message: "given up" });
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("too many processes end the command", async () => {
  // Doubles like a fork bomb and stops at 127 by itself, should nothing else stop it.
  const script = "f() { (($1 > 0)) && { f $(($1 - 1)) & f $(($1 - 1)) & }; SLEEP; }; f 6";
  const begun = performance.now();
  const result = await endsWhole(script, { limits: { processes: 40 } });
  assert.equal(result.stopped, "processes");
  assert.ok(performance.now() - begun < 10_000);
  assert.equal(
    (await endsWhole("for i in {1..20}; do SLEEP & done", { limits: { processes: 40 } })).stopped,
    null,
  );
});

Deno.test("the kernel is told of the limit as well, with a shell and without", async () => {
  const most = 400 + [...Deno.readDirSync("/proc")].length +
    Number(/\/(\d+)/.exec(Deno.readTextFileSync("/proc/loadavg"))![1]);
  const shell = await endsWhole("ulimit -u", { limits: { processes: 100 } });
  assert.ok(Number(shell.stdout) > 200 && Number(shell.stdout) < most, shell.stdout);
  const args = ["-c", `until (($(ulimit -u) < ${most})); do :; done; echo lowered`];
  const plain = await endsWhole("", { run: { program: bash, args }, limits: { processes: 100 } });
  assert.equal(plain.stdout, "lowered\n");
});

Deno.test("a command that kills its watch is ended, and so is all it started", async () => {
  const watch = "grep -lsaF $TROUPE_COMMAND /proc/[0-9]*/cmdline | grep -o '[0-9]*'";
  const script = `(setsid SLEEP &); kill -9 $(${watch}); SLEEP`;
  assert.equal((await endsWhole(script)).stopped, "unwatched");
});

Deno.test("a command ends when the process that ran it is killed", async () => {
  const sleep = longSleep();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      import.meta.resolve("./mortal_command.ts"),
      `(env -i setsid ${sleep} &); echo ready; ${sleep}`,
    ],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  assert.equal((await reader.read()).done, false);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  const limit = Date.now() + 10_000;
  while (runningWith(sleep) > 0 && Date.now() < limit) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertNoneLeft(sleep);
});

Deno.test("a program of another's start is run and ended all the same", async () => {
  const started: string[] = [];
  const result = await endsWhole("SLEEP & echo $TROUPE_COMMAND", {
    start: (spec, onOutput) => {
      started.push(spec.env.TROUPE_COMMAND!);
      return startProgram(spec, onOutput);
    },
  });
  assert.deepEqual([result.stdout], started.map((mark) => `${mark}\n`));
  assert.equal(runningWith(started[0]!), 0);
});
