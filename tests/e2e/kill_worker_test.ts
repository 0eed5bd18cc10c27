/** Every single worker killed at every step of the journal, in a process that lives on. */
import assert from "node:assert/strict";
import { Agent } from "../../protocols/messages/agent.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";
import { followRun } from "../../actors/agents/follow.ts";
import { agent } from "../../actors/agents/agent.ts";
import { System } from "../../supervisor/system.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { AGENT, MODEL, STORE } from "../../workspace/runtime/crew.ts";
import { scriptedOpenAi } from "../support/scripted_openai.ts";
import { Mortal, mortalGrant, mortalStore } from "../workers/mortal_store.ts";
import { ANSWER, fiveEffectsCrew, TASK, twoLines, WRITES } from "./five_effects.ts";

for (const victim of [AGENT, MODEL, "tally", STORE]) {
  Deno.test(`with its ${victim} killed at each write of the journal, a run goes on to the same answer`, async () => {
    for (let at = 1; at <= WRITES; at++) await runWithAccident(victim, at);
  });
}

async function runWithAccident(victim: string, at: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "troupe-kill-" });
  await using server = scriptedOpenAi.byConversation(twoLines);
  let accidents = 0;
  const system = new System({
    actors: [agent],
    onEvent: () => {
      // A store that was killed counts its writes from the beginning: it is spared the second time.
      if (++accidents === 1) tree.kill(victim, "killed by the test");
      tree.ref(Mortal, STORE).cast("proceed", {});
    },
  });
  const store = child(STORE, mortalStore, { path: `${folder}/troupe.db`, at, when: "after", how: "pause" }, {
    grant: mortalGrant(),
  });
  const { children } = fiveEffectsCrew(server, `${folder}/tally`);
  const tree = await system.start("troupe", { children: [store, ...children] });
  try {
    const events: RunEvent[] = [];
    const outcome = await followRun(
      tree.ref(Agent, AGENT),
      { run: "r1", task: TASK, limits: { turns: 25 }, replay: false },
      { emit: (event) => (events.push(event), Promise.resolve()), signal: new AbortController().signal },
    );
    const where = `${victim} killed at write ${at}`;
    assert.equal(outcome.answer, ANSWER, where);
    assert.ok(accidents >= 1, where);
    assert.deepEqual(Deno.readTextFileSync(`${folder}/tally`).trim().split("\n"), ["first", "second"], where);
    assert.equal(server.requests.length, 3, where);
    assert.equal(events.filter(({ type }) => type === "run_ended").length, 1, where);
  } finally {
    await system.close();
    await Deno.remove(folder, { recursive: true });
  }
}
