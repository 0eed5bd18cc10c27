import assert from "node:assert/strict";
import { runCli } from "../../../protocols/terminal/cli.ts";
import { MemorySink, scriptedRun, settled, stand } from "./outside.ts";
import { ended, EVENTFUL, outcome, RUN } from "./runs.ts";

const INTERRUPTED = [...EVENTFUL.slice(0, 6), ended(outcome("interrupted", ""))];

Deno.test("the first request to stop is passed on, and the person is told how to resume", async () => {
  const gate = Promise.withResolvers<void>();
  const handle = scriptedRun(RUN, INTERRUPTED, { 4: gate.promise });
  const at = stand({ runtime: { start: () => Promise.resolve(handle) } });
  const code = runCli(["run", "x"], at.outside);
  await settled();
  at.signal();
  at.signal(); // one press reaches a process twice when a task runner passes it on
  await settled();
  assert.equal(handle.interrupts, 1);
  assert.ok(at.stderr.written.endsWith(`\ntroupe: stopping; resume with: troupe resume ${RUN}\n`));
  gate.resolve();
  assert.equal(await code, 130);
  assert.match(at.stderr.written, /✗ interrupted · .*\nresume with: troupe resume 01jd0v7m3q8x\n$/);
  assert.deepEqual([at.closed, at.listeners.size, at.clock.timers], [1, 0, 0]);
});

Deno.test("on a screen the line being written is ended before the person is told", async () => {
  const gate = Promise.withResolvers<void>();
  const handle = scriptedRun(RUN, INTERRUPTED, { 4: gate.promise });
  const stderr = new MemorySink(true);
  const at = stand({ stderr, env: { NO_COLOR: "1" }, runtime: { start: () => Promise.resolve(handle) } });
  const code = runCli(["run", "x"], at.outside);
  await settled();
  at.signal();
  await settled();
  assert.match(stderr.written, /[\n\r].*First\ntroupe: stopping; /);
  gate.resolve();
  await code;
});

Deno.test("the second request ends the program at once, whatever the run does", async () => {
  const never = Promise.withResolvers<void>();
  const handle = scriptedRun(RUN, INTERRUPTED, { 6: never.promise });
  const stderr = new MemorySink(true);
  const at = stand({ stderr, runtime: { start: () => Promise.resolve(handle) } });
  const code = runCli(["run", "x"], at.outside);
  await settled();
  at.signal();
  await at.clock.advance(1000);
  assert.match(stderr.written, /working 1 s$/, "it is still waited for");
  at.signal();
  assert.equal(await code, 130);
  assert.ok(stderr.written.endsWith("\r\x1b[K"), "nothing is left on the line of the prompt");
  assert.deepEqual([at.closed, at.listeners.size, at.clock.timers], [0, 0, 0]);
});

Deno.test("a terminal that takes no more text does not keep the program from ending", async () => {
  const handle = scriptedRun(RUN, INTERRUPTED);
  const at = stand({ runtime: { start: () => Promise.resolve(handle) } });
  at.stderr.write = () => new Promise(() => {});
  const code = runCli(["run", "x"], at.outside);
  await settled();
  at.signal();
  await at.clock.advance(500);
  at.signal();
  await settled();
  await at.clock.advance(500);
  assert.equal(await code, 130);
});

Deno.test("where no run is watched the first request ends the program", async () => {
  const at = stand({ runtime: { runs: () => new Promise(() => {}) } });
  const code = runCli(["runs"], at.outside);
  await settled();
  at.signal();
  assert.equal(await code, 130);
});
