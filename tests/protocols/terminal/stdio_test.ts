import assert from "node:assert/strict";
import { type Output, sinkOf } from "../../../protocols/terminal/stdio.ts";
import { RUN } from "./runs.ts";

Deno.test("a sink writes all of a text, however little is taken at once and however often there is no room", async () => {
  let taken = "";
  let calls = 0;
  const sink = sinkOf(output((bytes) => {
    if (calls++ % 3 === 1) throw new Deno.errors.WouldBlock("Resource temporarily unavailable");
    taken += new TextDecoder().decode(bytes.slice(0, 2));
    return Math.min(2, bytes.length);
  }));
  assert.equal(await sink.write("0123456"), true);
  assert.equal(taken, "0123456");
});

Deno.test("a sink whose reader left says so and tries no more; any other error is thrown", async () => {
  let calls = 0;
  const left = sinkOf(output(() => {
    calls++;
    throw new Deno.errors.BrokenPipe("Broken pipe");
  }));
  assert.deepEqual([await left.write("a"), await left.write("b"), calls], [false, false, 1]);
  const full = sinkOf(output(() => {
    throw new Error("No space left on device");
  }));
  await assert.rejects(full.write("a"), /No space left/);
});

Deno.test("a closed pipe ends the program without a word", async () => {
  const { child, stderr } = program(["run", "talk", "--json"]);
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal((await child.status).code, 130);
  assert.equal(await stderr.all(), "");
});

Deno.test("Ctrl-C once stops the run and says how to resume it", async () => {
  const { child, stderr } = program(["run", "wait"]);
  await stderr.until("ready\n");
  child.kill("SIGINT");
  await stderr.until(`stopping; resume with: troupe resume ${RUN}\n`);
  assert.equal((await child.status).code, 130);
  assert.match(await stderr.all(), /✗ interrupted .*\nresume with: troupe resume 01jd0v7m3q8x\n$/);
  await child.stdout.cancel();
});

Deno.test("a second signal, of either kind, ends a run that does not stop", async () => {
  const { child, stderr } = program(["run", "deaf"]);
  await stderr.until("ready\n");
  child.kill("SIGTERM");
  await stderr.until("stopping;");
  const began = performance.now();
  // Signals close together are one; a person takes longer.
  const again = setInterval(() => child.kill("SIGINT"), 150);
  const { code } = await child.status;
  clearInterval(again);
  assert.equal(code, 130);
  assert.ok(performance.now() - began < 5000);
  await stderr.all();
  await child.stdout.cancel();
});

interface Words {
  /** Resolves once this was written. */
  until(wanted: string): Promise<void>;
  /** Everything, once the process ended. */
  all(): Promise<string>;
}

function program(args: string[]): { child: Deno.ChildProcess; stderr: Words } {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", new URL("./piped.ts", import.meta.url).href, ...args],
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  return { child, stderr: wordsOf(child.stderr) };
}

function wordsOf(stream: ReadableStream<Uint8Array>): Words {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  const more = async () => {
    const { value, done } = await reader.read();
    said += value ?? "";
    return !done;
  };
  return {
    async until(wanted) {
      while (!said.includes(wanted)) assert.ok(await more(), `it ended without "${wanted}", saying: ${said}`);
    },
    async all() {
      while (await more());
      return said;
    },
  };
}

function output(write: (bytes: Uint8Array) => number): Output {
  return { isTerminal: () => false, write: (bytes) => new Promise((resolve) => resolve(write(bytes))) };
}
