import assert from "node:assert/strict";
import { Screen, waitingLine } from "../../../protocols/terminal/screen.ts";
import { columnsOf } from "../../../protocols/terminal/preview.ts";
import { HandClock, MemorySink, settled } from "./outside.ts";

const WIPE = "\r\x1b[K";

Deno.test("what is waited for is shown with the seconds it takes, and wiped before anything is written", async () => {
  const { screen, stdout, stderr, clock } = terminal();
  screen.waitFor("thinking");
  await clock.advance(2500);
  assert.ok(stderr.written.endsWith(`${WIPE}⠼ thinking 2 s`));
  stderr.written = "";
  screen.waitFor("thinking"); // the same thing: it goes on counting
  await clock.advance(600);
  assert.ok(stderr.written.endsWith("thinking 3 s"));
  stderr.written = "";
  await screen.write([{ to: "stderr", text: "line\n" }, { to: "stdout", text: "answer\n" }]);
  assert.deepEqual([stderr.written, stdout.written], [`${WIPE}line\n`, "answer\n"]);
  screen.waitFor("working");
  await clock.advance(100);
  assert.match(stderr.written, /working 0 s$/);
  await screen.end();
  assert.ok(stderr.written.endsWith(WIPE));
  assert.equal(clock.timers, 0);
});

Deno.test("nothing is drawn while nothing is waited for, nor where there is no terminal", async () => {
  const { screen, stderr, clock } = terminal();
  await clock.advance(1000);
  screen.waitFor("thinking");
  screen.waitFor(undefined);
  await clock.advance(1000);
  assert.equal(stderr.written, "");
  await screen.end();
  const file = new MemorySink();
  const plain = new Screen(new MemorySink(), file, clock, false);
  plain.waitFor("thinking");
  await clock.advance(1000);
  await plain.end();
  assert.equal(file.written, "");
});

Deno.test("a slow terminal is not sent more frames than it takes", async () => {
  const { screen, stderr, clock } = terminal();
  const writes: (() => void)[] = [];
  stderr.write = () => new Promise((resolve) => writes.push(() => resolve(true)));
  screen.waitFor("thinking");
  await clock.advance(5000);
  assert.equal(writes.length, 1);
  const later: string[] = [];
  stderr.write = (text) => Promise.resolve(later.push(text) > 0);
  writes[0]?.();
  await settled();
  assert.ok(later.length <= 1, "no frames were saved up");
  await screen.end();
});

Deno.test("pieces are written in order even when nobody waits for each", async () => {
  const { screen, stderr } = terminal();
  const write = stderr.write.bind(stderr);
  stderr.write = async (text) => {
    await new Promise((resolve) => queueMicrotask(() => resolve(null)));
    return await write(text);
  };
  void screen.write([{ to: "stderr", text: "1\n" }, { to: "stderr", text: "2\n" }]);
  void screen.write([{ to: "stderr", text: "3\n" }]);
  await screen.end();
  assert.equal(stderr.written, "1\n2\n3\n");
});

Deno.test("on a terminal an unfinished line is written anew with what is added, until it wraps", async () => {
  const written = async (texts: string[], width = 20, isTerminal = true) => {
    const stderr = new MemorySink(isTerminal, width);
    const screen = new Screen(new MemorySink(), stderr, new HandClock(), isTerminal);
    for (const text of texts) await screen.write([{ to: "stderr", text }]);
    await screen.end();
    return stderr.written;
  };
  assert.equal(
    await written(["a\nOne", " two", "\n", "three\n"]),
    `a\nOne${WIPE}One two${WIPE}One two\nthree\n`,
  );
  assert.equal(
    await written(["\x1b[2m12345678\x1b[0m", "9", "0"], 9),
    `\x1b[2m12345678\x1b[0m${WIPE}\x1b[2m12345678\x1b[0m90`,
  );
  assert.equal(await written(["One", " two\n"], 20, false), "One two\n");
});

Deno.test("the waiting line never fills the line, where it would wrap", () => {
  for (const columns of [1, 2, 5, 20, 80]) {
    const line = waitingLine("execute_数学_python", 61_000, 13, columns);
    assert.ok(columnsOf(line) < Math.max(columns, 4), `${columns}: ${line}`);
  }
});

function terminal(): { screen: Screen; stdout: MemorySink; stderr: MemorySink; clock: HandClock } {
  const [stdout, stderr, clock] = [new MemorySink(true), new MemorySink(true), new HandClock()];
  return { screen: new Screen(stdout, stderr, clock, true), stdout, stderr, clock };
}
