import assert from "node:assert/strict";
import { FOLLOW_ATTEMPTS, followRun } from "../../../actors/agents/follow.ts";
import type { Agent } from "../../../protocols/messages/agent.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import { asked, fakeRef } from "./fakes.ts";

const outcome: RunOutcome = {
  status: "answered",
  answer: "42",
  spent: { turns: 1, inputTokens: 1, outputTokens: 1, nanoUsd: 0 },
};
const died = () => new Fault("died", "the agent died");

/** An agent that tells these texts, life by life; it dies after each but the last. */
function agent(lives: readonly (readonly string[])[]): ActorRef<typeof Agent> {
  let life = 0;
  return fakeRef("agent", {
    async stream(_name, _request, send) {
      const texts = lives[Math.min(life++, lives.length - 1)] ?? [];
      for (const text of texts) await send({ type: "text", agent: "lead", text });
      if (life < lives.length) throw died();
      return outcome;
    },
  });
}

async function told(lives: readonly (readonly string[])[]): Promise<string[]> {
  const events: RunEvent[] = [];
  const emit = (event: RunEvent) => (events.push(event), Promise.resolve());
  const ended = await followRun(agent(lives), asked(), { emit, signal: new AbortController().signal });
  assert.deepEqual(ended, outcome);
  return events.map((event) => event.type === "text" ? event.text : event.type);
}

const table: [what: string, lives: string[][], told: string[]][] = [
  ["one life", [["a", "b"]], ["a", "b"]],
  ["a death at once", [[], ["a"]], ["a"]],
  ["a death in the middle", [["a", "b"], ["a", "b", "c"]], ["a", "b", "c"]],
  ["other words after a death", [["a", "b", "b2"], ["a", "x", "y"]], ["a", "b", "b2", "retry", "x", "y"]],
  ["fewer words after a death", [["a", "b", "c"], ["a", "b"]], ["a", "b", "c"]],
  ["two deaths", [["a", "b"], ["a", "x"], ["a", "x", "z"]], ["a", "b", "retry", "x", "z"]],
];

for (const [what, lives, words] of table) {
  Deno.test(`following through ${what}`, async () => assert.deepEqual(await told(lives), words));
}

Deno.test("an agent that keeps dying is given up", async () => {
  const lives = Array.from({ length: FOLLOW_ATTEMPTS + 1 }, () => []);
  await assert.rejects(told(lives), { code: "died" });
});

Deno.test("any other failure is passed on at once", async () => {
  const refusing: ActorRef<typeof Agent> = fakeRef("agent", {
    stream: () => Promise.reject(new Fault("bad_request", "no")),
  });
  const options = { emit: () => Promise.resolve(), signal: new AbortController().signal };
  await assert.rejects(followRun(refusing, asked(), options), { code: "bad_request" });
});

Deno.test("a watcher that went away stops the run", async () => {
  const options = { emit: () => Promise.reject(new Error("gone")), signal: new AbortController().signal };
  await assert.rejects(followRun(agent([["a", "b"]]), asked(), options), /gone/);
});
