/** A run whose process is killed, stopped, or joined by another. */
import assert from "node:assert/strict";
import { hang, scriptedOpenAi, text } from "../support/scripted_openai.ts";
import { TOLD, turnOf, writeThenTell } from "./conversation.ts";
import { type Ended, eventsOf, Place, runIn } from "./program.ts";

const INTERRUPTED = /interrupted; resume it to go on where it stopped/;

Deno.test("killed with SIGKILL after a tool call and again in the middle of a stream, a run goes on to its answer", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi.byConversation(writeThenTell, { sameKeyMayRepeat: true });
  const first = place.start(["run", "Take a note", "--json"], { server });
  await first.event(({ type }) => type === "tool_ended");
  first.kill("SIGKILL");
  assert.equal((await first.ended).signal, "SIGKILL");
  const run = runIn(await first.ended);
  // A repeated call would write it again.
  const note = `${place.workspace}/note.txt`;
  assert.equal(Deno.readTextFileSync(note), "first");
  Deno.writeTextFileSync(note, "changed since");

  assert.match((await place.run(["runs"])).stdout, new RegExp(`\n${run} +interrupted `));
  const stood = await place.run(["show", run]);
  assert.match(stood.stdout, /\nI take a note\.\n✓ write_file .*\n/);
  assert.match(stood.stdout, new RegExp(`\nresume with: deno task troupe resume ${run}\n$`));

  const second = place.start(["resume", run, "--json"], { server });
  await second.event((event) => event.type === "text" && event.text.includes("three"));
  second.kill("SIGKILL");
  assert.equal((await second.ended).signal, "SIGKILL");
  assert.deepEqual(before(await second.ended, "tool_ended"), before(await first.ended, "tool_ended"));

  const third = await place.run(["resume", run], { server });
  assert.deepEqual([third.code, third.stdout], [0, `${TOLD}\n`], third.stderr);
  assert.equal(Deno.readTextFileSync(note), "changed since");
  const turns = server.requests.map(turnOf);
  assert.equal(turns.filter((turn) => turn === 0).length, 1, "an inference with a receipt is not repeated");
  assert.match(third.stderr, /\n✓ answered · 2 turns · 200 tokens in, 20 out · /);
  assert.deepEqual(await place.run(["replay", run]), third);

  const over = await place.run(["resume", run], { server });
  assert.deepEqual([over.code, over.stdout], [2, ""]);
  assert.equal(
    over.stderr,
    `troupe: Cannot resume run ${run}: it is answered; see it with: deno task troupe show <run>\n`,
  );
});

Deno.test("Ctrl-C and SIGTERM stop a run where it can be resumed, and say how", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi.byConversation(writeThenTell, { sameKeyMayRepeat: true });
  const db = `${place.folder}/my runs.db`;
  const first = place.start(["run", "Take a note", "--db", db, "--json"], { server });
  await first.event((event) => event.type === "text" && event.text.includes("three"));
  first.kill("SIGINT");
  const stopped = await first.ended;
  assert.deepEqual([stopped.code, stopped.signal], [130, null]);
  const run = runIn(stopped);
  assert.equal(
    stopped.stderr,
    `troupe: stopping; resume with: deno task troupe resume ${run} --db '${db}'\n`,
  );
  const last = eventsOf(stopped.stdout).at(-1);
  assert.ok(last?.type === "run_ended" && last.outcome.status === "interrupted");

  const second = place.start(["resume", run, "--db", db], { server });
  await second.says(/✓ write_file/);
  second.kill("SIGTERM");
  const again = await second.ended;
  assert.deepEqual([again.code, again.stdout], [130, "I take a note. \n"]);
  assert.match(again.stderr, INTERRUPTED);
  assert.equal(again.stderr.split("\n").at(-2), `resume with: deno task troupe resume ${run} --db '${db}'`);

  const third = await place.run(["resume", run, "--db", db], { server });
  assert.deepEqual([third.code, third.stdout], [0, `${TOLD}\n`], third.stderr);
  assert.deepEqual(await place.run(["replay", run, "--db", db]), third);
});

Deno.test("a task of a megabyte is answered after all, though its first process had to be told twice to stop", async () => {
  await using place = new Place();
  const task = `${"word ".repeat(210_000)}end`;
  const whole = ({ body }: { body: { messages: readonly { content: string | null }[] } }) =>
    assert.ok(body.messages[1]?.content === task);
  await using server = scriptedOpenAi([
    { expect: whole, answer: hang("Let me ") },
    { expect: whole, answer: text("It is long.") },
  ]);
  // The first event has the task in it, and nobody reads it: the process cannot even say that it stops.
  const stuck = place.start(["run", "-", "--json"], { server, stdin: task, unread: true });
  await stuck.meanwhile(server.received(1));
  stuck.kill("SIGINT");
  await stuck.meanwhile(server.hungUp(1));
  await new Promise((resolve) => setTimeout(resolve, 150)); // signals at once are one press of Ctrl-C
  stuck.kill("SIGINT");
  assert.deepEqual([(await stuck.ended).code, (await stuck.ended).signal], [130, null]);
  const run = runIn(await place.run(["runs"]));
  const resumed = await place.run(["resume", run, "--quiet"], { server });
  assert.deepEqual(resumed, { code: 0, signal: null, stdout: "It is long.\n", stderr: "" });
});

Deno.test("a second process on a run is refused, and the first one works on", async () => {
  await using place = new Place();
  const answer = Promise.withResolvers<void>();
  await using server = scriptedOpenAi([async () => (await answer.promise, text("Done."))]);
  using _ = { [Symbol.dispose]: () => answer.resolve() }; // the server waits for its answers to end
  const first = place.start(["run", "Take your time", "--json"], { server });
  const started = await first.event(({ type }) => type === "run_started");
  assert.ok(started.type === "run_started");
  const { run } = started;
  await first.meanwhile(server.received(1));

  const second = await place.run(["resume", run], { server });
  assert.deepEqual([second.code, second.stdout], [2, ""]);
  assert.equal(
    second.stderr,
    `troupe: Cannot work on run ${run}: another process is working on it now\n`,
  );
  assert.match((await place.run(["runs"])).stdout, new RegExp(`\n${run} +running `));

  answer.resolve();
  const ended = await first.ended;
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal((await place.run(["replay", run, "--quiet"])).stdout, "Done.\n");
});

function before({ stdout }: Ended, type: string): string[] {
  const lines = stdout.split("\n");
  return lines.slice(0, lines.findIndex((line) => line.includes(`"type":"${type}"`)) + 1);
}
