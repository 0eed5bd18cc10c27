/** Our own A2A server as the remote agent: whole runs over the network, from one Troupe to another. */
import assert from "node:assert/strict";
import { Served } from "../server/served.ts";
import { ask } from "./asking.ts";

const CARDS = ["", "/.well-known/agent-card.json", "/.well-known/agent.json"];

for (const card of CARDS) {
  Deno.test(`our own server at "${card}" is a remote agent like any other: progress, a question, an answer`, async () => {
    await using served: Served = new Served({
      async script({ id, text }) {
        served.tasks.emit(id, { type: "turn_started", agent: "agent", turn: 1 });
        const verdict = await served.tasks.ask(id, {
          tool: "run_command",
          action: "rm x",
          reason: "rm removes files",
        });
        served.tasks.complete(id, `${text}: ${verdict.allowed} ${verdict.reason}`);
      },
    });
    const person = () => ({ allowed: true, reason: "a person", content: { answer: "yes" } });
    const { outcome, questions } = await ask(served.url + card, "Tidy up", { person });
    assert.equal(outcome.status, "answered", outcome.reason ?? "");
    assert.match(outcome.answer, /^Tidy up: true /);
    assert.equal(questions.length, 1);
    assert.equal(
      questions[0]?.action,
      "run_command asks: rm x\nrm removes files\nAnswer yes or no.",
      "for people, without what is for programs",
    );
    assert.equal(served.tasks.started.length, 1);
  });
}

Deno.test("stopping our run stops the run over there", async () => {
  await using served = new Served();
  const caller = new AbortController();
  const asked = ask(served.url, "Tidy up", { caller });
  while (served.tasks.started.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  caller.abort();
  assert.equal((await asked).outcome.status, "interrupted");
  assert.deepEqual(served.tasks.stopped, [served.tasks.started[0]?.task.id]);
});
