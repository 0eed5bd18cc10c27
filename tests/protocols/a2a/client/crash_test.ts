/**
 * A run of a remote agent, crashed at every operation of its journal, before it and after it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { assume } from "../../../../actors/agents/assume.ts";
import type { JournalPort } from "../../../../supervisor/durable/journal.ts";
import { memoryJournal } from "../../../../supervisor/durable/memory_journal.ts";
import { Crash, dyingJournal, type Point } from "../../../support/dying_journal.ts";
import { ask, type Told } from "./asking.ts";
import { type Dialect, RealServer } from "./real_server.ts";

/** Runs the dialogue until its end, or until the operation at which it dies. */
class Process {
  operations = 0;

  async run(server: RealServer, lasting: JournalPort, point?: Point): Promise<Told | undefined> {
    this.operations = 0;
    const journal = dyingJournal(lasting, point, (operation) => this.operations = operation);
    const person = () => ({ allowed: true, reason: "a person", content: { answer: "Berlin" } });
    try {
      return await ask(server.address, "ask Which city?", { journal, person });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }
}

const texts = (server: RealServer) => server.asked.map(({ text }) => text);

for (const dialect of ["1.0 JSON-RPC", "0.3"] satisfies Dialect[]) {
  Deno.test(`${dialect}: crashed anywhere, a run goes on with the same remote task, which hears each message once`, async () => {
    await using unbroken = new RealServer(dialect);
    const counted = new Process();
    const whole = await counted.run(unbroken, memoryJournal());
    assert.equal(whole?.outcome.answer, "It is sunny in Berlin.");
    let blocked = 0;
    for (let at = 1; at <= counted.operations; at++) {
      for (const after of [false, true]) {
        const where = `crashed ${after ? "after" : "before"} operation ${at}`;
        await using server = new RealServer(dialect);
        const journal = memoryJournal();
        assert.equal(await new Process().run(server, journal, { at, after }), undefined, where);
        const arrived = server.asked.length > 0;
        let resumed = await new Process().run(server, journal);
        if (resumed?.outcome.status === "blocked") {
          blocked++;
          assert.match(resumed.outcome.reason ?? "", /may or may not be working on it.*--assume/);
          assert.ok(!arrived || dialect === "0.3", `${where}: it could have been asked`);
          assert.equal(await assume(journal, "r.1", arrived ? "done" : "not-done"), 1);
          resumed = await new Process().run(server, journal);
          if (arrived) {
            assert.match(resumed?.outcome.reason ?? "", /a person found that it took the task/);
            continue;
          }
        }
        assert.deepEqual(resumed?.outcome, whole?.outcome, where);
        assert.deepEqual(texts(server), ["ask Which city?", "Berlin"], where);
        assert.equal(new Set(server.asked.map(({ task }) => task)).size, 1, where);
        const asked = server.requests.length;
        const again = await ask(server.address, "ask Which city?", { journal, replay: true });
        assert.deepEqual(again.outcome, whole?.outcome, where);
        assert.equal(server.requests.length, asked, "a replay asks nobody");
      }
    }
    assert.equal(blocked, dialect === "0.3" ? 2 : 1, "how often a person had to say");
  });
}
