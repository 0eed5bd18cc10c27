/** `troupe python`: programs and the prompt, in real sandboxes. */
import assert from "node:assert/strict";
import { pythonCache } from "../support/python_cache.ts";
import { Place, type Start } from "./program.ts";

/** A place where Python need not be prepared. */
async function pythonPlace(...launcher: ConstructorParameters<typeof Place>): Promise<[Place, Start]> {
  const place = new Place(...launcher);
  const cache = `${place.folder}/cache`;
  Deno.mkdirSync(cache);
  Deno.symlinkSync(await pythonCache(), `${cache}/troupe`);
  return [place, { env: { XDG_CACHE_HOME: cache } }];
}

Deno.test("a program's outputs, its files and its status are those of a program", async () => {
  const [opened, start] = await pythonPlace();
  await using place = opened;
  Deno.mkdirSync(place.workspace);
  Deno.writeTextFileSync(`${place.workspace}/in.txt`, "what was there");
  Deno.writeTextFileSync(
    `${place.cwd}/a.py`,
    `
import sys
from pathlib import Path
Path("out.txt").write_text(Path("in.txt").read_text().upper())
print("to stdout")
print("to stderr", file=sys.stderr)
sys.exit(3)
`,
  );
  const ended = await place.run(["python", "a.py"], start);
  assert.deepEqual([ended.code, ended.stdout, ended.stderr], [3, "to stdout\n", "to stderr\n"]);
  assert.equal(Deno.readTextFileSync(`${place.workspace}/out.txt`), "WHAT WAS THERE");
  const without = await place.run(["python", "a.py", "--no-files"], start);
  assert.equal(without.code, 1);
  assert.match(without.stderr, /File "a\.py", line 4, in <module>\n(.*\n)*FileNotFoundError: .*in\.txt/);
});

Deno.test("a program from stdin: more than fits into a pipe comes out whole; --json says all of it", async () => {
  const [opened, start] = await pythonPlace();
  await using place = opened;
  const long = await place.run(["python"], { ...start, stdin: "print('ö' * 300_000)" });
  assert.deepEqual([long.code, long.stdout === `${"ö".repeat(300_000)}\n`], [0, true], long.stderr);
  const { code, stdout, stderr } = await place.run(["python", "-", "--json"], {
    ...start,
    stdin: "print('hi')\nopen('made.txt', 'w').write('x')\n6 * 7",
  });
  assert.deepEqual([code, stderr], [0, ""]);
  const { files, ...result } = JSON.parse(stdout);
  assert.deepEqual(result, { stdout: "hi\n", stderr: "", value: "42" });
  assert.deepEqual([files[0].path, files[0].change], ["made.txt", "created"]);
});

Deno.test("a program that takes too long ends with 4, one that is interrupted with 130, both at once", async () => {
  const [opened, start] = await pythonPlace();
  await using place = opened;
  const slow = await place.run(["python", "-", "--timeout", "0.3"], { ...start, stdin: "while True: pass" });
  assert.deepEqual([slow.code, slow.stdout], [4, ""]);
  assert.match(slow.stderr, /KeyboardInterrupt\ntroupe: The code was stopped: it ran longer than 300 ms\n$/);
  const endless = place.start(["python", "-"], { ...start, stdin: "print('going')\nwhile True: pass" });
  await endless.meanwhile(endless.shows(/going\n/));
  endless.kill("SIGINT");
  const { code, stderr } = await endless.ended;
  assert.deepEqual([code, stderr], [130, "KeyboardInterrupt\n"]);
});

const SCRIPT = ["/usr/bin/script", "/bin/script"].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

Deno.test({
  name: "the prompt on a terminal: blocks, values, errors, and Ctrl-C that leaves the names there",
  ignore: SCRIPT === undefined, // it makes the terminal
  async fn() {
    const usual = new Place();
    const line = [...usual.launcher.command, "python", "--no-files"].map((word) => `'${word}'`).join(" ");
    await usual[Symbol.asyncDispose]();
    const [opened, start] = await pythonPlace({
      command: [SCRIPT!, "-qec", line, "/dev/null"],
      env: usual.launcher.env,
    });
    await using place = opened;
    const program = place.start([], {
      env: { ...start.env, TERM: "xterm", SHELL: "/bin/sh" },
      keyboard: true,
    });
    let seen = 0;
    const says = async (pattern: RegExp) => {
      const { index, 0: { length } } = await program.meanwhile(program.shows(pattern, seen));
      seen += index + length;
    };
    const type = async (text: string, ...answers: RegExp[]) => {
      await program.type(text);
      for (const answer of answers) await says(answer);
    };
    await says(/^Python 3\.\d+\.\d+ in a sandbox\.[^]*>>> /);
    await type("x = 41\r", />>> /);
    await type("def f(n):\r", /\.\.\. /);
    await type("  return n + 1\r", /\.\.\. /);
    await type("\r", />>> /);
    await type("f(x)\r", /\n42\r\n/, />>> /);
    await type("1 / 0\r", /ZeroDivisionError: division by zero\r\n/, />>> /);
    await type("print('go'); import time; time.sleep(60)\r", /\ngo\r\n/);
    await type("\x03", /KeyboardInterrupt\r\n/, />>> /);
    await type("print('go')\rwhile True: pass\r\r", /\ngo\r\n/);
    await type("\x03", /KeyboardInterrupt\r\n/, />>> /);
    await type("half\x03", /KeyboardInterrupt\r\n/, />>> /);
    await type("f(x * 2)\r", /\n83\r\n/, />>> /);
    await program.type("exit(7)\r");
    assert.equal((await program.ended).code, 7);
  },
});
