import assert from "node:assert/strict";
import { Handovers } from "../../../../protocols/a2a/client/handovers.ts";
import { Fault } from "../../../../protocols/messages/fault.ts";
import type { RunEvent } from "../../../../protocols/messages/run.ts";
import { fingerprints, randomBases } from "../../../../sandbox/secrets/fingerprint.ts";
import { memoryJournal } from "../../../../supervisor/durable/memory_journal.ts";
import { ask } from "./asking.ts";
import { type Dialect, RealServer } from "./real_server.ts";

const DIALECTS: readonly Dialect[] = ["1.0 JSON-RPC", "1.0 REST", "0.3"];

/** What watchers are told, in short. */
function told(events: readonly RunEvent[]): string[] {
  return events.map((event) => {
    if (event.type === "text") return `text ${event.text}`;
    if (event.type === "log") return `log ${event.message}`;
    return event.type;
  });
}

for (const dialect of DIALECTS) {
  Deno.test(`${dialect}: a task is answered, and its progress is told`, async () => {
    await using server = new RealServer(dialect);
    const { outcome, events } = await ask(server.address, "say it is sunny");
    assert.deepEqual([outcome.status, outcome.answer], ["answered", "done\n\nit is sunny"]);
    assert.deepEqual(told(events), [
      "run_started",
      "log thinking",
      "text it",
      "text  is",
      "text  sunny",
      "run_ended",
    ]);
    assert.deepEqual(server.asked.map(({ text, message }) => [text, message]), [[
      "say it is sunny",
      "r.1.0",
    ]]);
  });

  Deno.test(`${dialect}: where the agent does not stream, it is asked until there is an end`, async () => {
    await using server = new RealServer(dialect, { streaming: false });
    const asked = ask(server.address, "wait gate");
    while (server.requests.filter((name) => /get|Get|\{id\}$/.test(name)).length < 2) await tick();
    server.release("gate", "sunny");
    const { outcome } = await asked;
    assert.deepEqual([outcome.status, outcome.answer], ["answered", "sunny"]);
    assert.ok(server.requests.every((name) => !/tream|ubscribe/.test(name)), server.requests.join());
  });

  Deno.test(`${dialect}: a question goes to the person, and the answer back into the same task`, async () => {
    await using server = new RealServer(dialect);
    const person = () => ({ allowed: true, reason: "a person", content: { answer: "Berlin" } });
    const { outcome, questions } = await ask(server.address, "ask Which city?", { person });
    assert.deepEqual([outcome.status, outcome.answer], ["answered", "It is sunny in Berlin."]);
    assert.deepEqual(questions, [{
      tool: "weather",
      action: "Which city?",
      reason: 'the agent "weather" works elsewhere and needs an answer to go on',
      form: {
        type: "object",
        properties: { answer: { type: "string", title: "Answer" } },
        required: ["answer"],
      },
    }]);
    assert.deepEqual(server.asked.map(({ text, message }) => [text, message]), [
      ["ask Which city?", "r.1.0"],
      ["Berlin", "r.1.1"],
    ]);
    assert.equal(new Set(server.asked.map(({ task }) => task)).size, 1);
    assert.deepEqual(server.canceled, []);
  });

  Deno.test(`${dialect}: a question nobody answers ends the run with the reason, and the task with it`, async () => {
    for (const task of ["ask Which city?", "login"]) {
      await using server = new RealServer(dialect);
      const { outcome } = await ask(server.address, task);
      assert.equal(outcome.status, "denied");
      assert.match(
        outcome.reason ?? "",
        /asked "(Which city|Who are you)\?" and got no answer: nobody can answer here/,
      );
      assert.deepEqual(server.canceled, [server.asked[0]?.task]);
    }
  });

  Deno.test(`${dialect}: stopping the run in the middle cancels the task over there`, async () => {
    await using server = new RealServer(dialect);
    const caller = new AbortController();
    const journal = memoryJournal();
    const { outcome } = await ask(server.address, "wait gate", {
      caller,
      journal,
      onEvent: (event) => event.type === "log" && caller.abort(),
    });
    assert.equal(outcome.status, "interrupted");
    assert.deepEqual(server.canceled, [server.asked[0]?.task]);
    server.release("gate", "sunny");
    const resumed = await ask(server.address, "wait gate", { journal });
    assert.deepEqual([resumed.outcome.status, resumed.outcome.answer], ["answered", "sunny"]);
    assert.deepEqual(server.asked.map(({ message }) => message), ["r.1.0", "r.1.1"], "begun anew, once");
  });

  Deno.test(`${dialect}: a stream that breaks is taken up again, and nothing is told twice`, async () => {
    await using server = new RealServer(dialect);
    const heard = Promise.withResolvers<void>();
    const asked = ask(server.address, "wait gate", {
      onEvent: (event) => event.type === "log" && heard.resolve(),
    });
    await heard.promise;
    server.breakStreams();
    while (!server.requests.some((name) => /ubscribe/.test(name))) await tick();
    server.release("gate", "sunny");
    const { outcome, events } = await asked;
    assert.deepEqual([outcome.status, outcome.answer], ["answered", "sunny"]);
    assert.deepEqual(told(events), ["run_started", "log waiting", "text sunny", "run_ended"]);
    assert.equal(server.asked.length, 1);
  });
}

Deno.test("an asker that died and comes back takes its run over: the task is not canceled and not begun again", async () => {
  await using server = new RealServer("1.0 JSON-RPC");
  const [journal, handovers, died] = [memoryJournal(), new Handovers(), new AbortController()];
  const heard = Promise.withResolvers<void>();
  const first = ask(server.address, "wait gate", {
    journal,
    handovers,
    caller: died,
    onEvent: (event) => event.type === "log" && heard.resolve(),
  });
  await heard.promise;
  died.abort(new Fault("caller_gone", "its worker died"));
  const second = ask(server.address, "wait gate", { journal, handovers });
  assert.equal((await first).outcome.status, "interrupted");
  server.release("gate", "sunny");
  assert.deepEqual((await second).outcome.answer, "sunny");
  assert.deepEqual([server.asked.length, server.canceled], [1, []]);
  assert.equal((await journal.read({ run: "r.1" }))?.record.status, "answered");
});

Deno.test("a run that is stopped while it holds a word back is begun anew when it goes on", async () => {
  await using server = new RealServer("1.0 JSON-RPC");
  const [journal, caller] = [memoryJournal(), new AbortController()];
  const secrets = fingerprints("a key", "nothing like that", randomBases());
  const onEvent = (event: RunEvent) => event.type === "log" && setTimeout(() => caller.abort(), 30);
  await ask(server.address, "begin gate", { journal, caller, onEvent, options: { secrets } });
  assert.equal(server.canceled.length, 1);
  server.release("gate", "sunny");
  const { outcome } = await ask(server.address, "begin gate", { journal, options: { secrets } });
  assert.deepEqual([outcome.status, outcome.answer], ["answered", "sunny"]);
});

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
