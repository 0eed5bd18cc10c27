/**
 * Agents in real workers with a store on disk; each worker is killed at each thing that is told.
 *
 * @module
 */
import assert from "node:assert/strict";
import { agent } from "../../../actors/agents/agent.ts";
import type { AgentOptions } from "../../../actors/agents/agent_options.ts";
import { followRun } from "../../../actors/agents/follow.ts";
import { FREE } from "../../../actors/models/price.ts";
import { scripted } from "../../../actors/models/scripted.ts";
import { echo } from "../../../actors/tools/echo.ts";
import { toolSpec } from "../../../actors/tools/tool_spec.ts";
import { Agent } from "../../../protocols/messages/agent.ts";
import { Journal } from "../../../protocols/messages/journal.ts";
import { Model } from "../../../protocols/messages/model.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import type { ToolProtocol } from "../../../protocols/messages/tool.ts";
import { store } from "../../../supervisor/durable/store.ts";
import { System } from "../../../supervisor/system.ts";
import { child, type Tree } from "../../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../../supervisor/tree/supervisor.ts";

const LEAD = "You lead.";

const model = child("model", scripted, {
  model: "scripted",
  script: [
    { when: LEAD, text: "first an echo", toolCalls: [{ name: "echo", arguments: { text: "one" } }] },
    {
      when: LEAD,
      text: "now you",
      toolCalls: [
        { name: "delegate", arguments: { name: "left", task: "be left" } },
        { name: "delegate", arguments: { name: "right", task: "be right" } },
      ],
    },
    { when: LEAD, text: "last was: {result}" },
    { when: "sub-agent", text: "", toolCalls: [{ name: "echo", arguments: { text: "two" } }] },
    { when: "sub-agent", text: "it said {result}" },
  ],
});

const tree = (folder: string): Tree => ({
  intensity: { restarts: 100, withinMs: 1_000 },
  children: [
    child("store", store, { path: `${folder}/journal.db` }),
    model,
    child("echo", echo, {}),
    child("agent", agent, (started): AgentOptions => ({
      name: "lead",
      model: started.ref(Model, "model"),
      modelName: "scripted",
      price: FREE,
      journal: started.ref(Journal, "store"),
      program: "react",
      system: LEAD,
      contextWindow: 100_000,
      tools: [{
        spec: toolSpec(echo),
        settle: "repeatable",
        ref: started.ref(echo.protocol, "echo") as ActorRef<ToolProtocol>,
      }],
      mayDelegate: 1,
    }), { restart: "on-failure" }),
  ],
});

interface Told {
  readonly outcome: RunOutcome;
  readonly events: readonly RunEvent[];
}

async function ask(
  root: Supervisor,
  run: string,
  replay: boolean,
  at?: (event: number) => void,
): Promise<Told> {
  const events: RunEvent[] = [];
  const emit = (event: RunEvent) => {
    events.push(event);
    at?.(events.length);
    return Promise.resolve();
  };
  const request = { run, task: "do it", limits: { turns: 25 }, replay };
  const signal = new AbortController().signal;
  const outcome = await followRun(root.ref(Agent, "agent"), request, { emit, signal });
  return { outcome, events };
}

async function onTree(test: (root: Supervisor) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const system = new System();
  try {
    await test(await system.start("root", tree(folder)));
  } finally {
    await system.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Without what depends on when it happened: times, and text that a dead model began. */
const settled = (events: readonly RunEvent[]) =>
  events.filter(({ type }) => type !== "retry" && type !== "text")
    .map((event) => "ms" in event ? { ...event, ms: 0 } : event);

Deno.test("a team in workers answers, and a replay tells every byte of it again", () =>
  onTree(async (root) => {
    const told = await ask(root, "r", false);
    assert.deepEqual([told.outcome.status, told.outcome.answer], ["answered", "last was: it said two"]);
    assert.equal(told.outcome.spent.turns, 7);
    assert.deepEqual(told.events.filter(({ type }) => type === "agent_ended").length, 2);
    assert.equal(JSON.stringify(await ask(root, "r", true)), JSON.stringify(told));
    await assert.rejects(ask(root, "none", true), { code: "unknown_run" });
  }));

for (const name of ["agent", "store", "model", "echo"]) {
  // A message with a reference in it that is under way when its worker is terminated is dropped with its port, and
  // nobody ever sees that port to close it.
  const sanitizeResources = false;
  Deno.test(
    `the ${name} killed all along a run: the same end, told in the same words`,
    { sanitizeResources },
    () =>
      onTree(async (root) => {
        const whole = await ask(root, "whole", false);
        const { length } = whole.events;
        const step = name === "agent" ? 4 : 8;
        for (let at = 1; at < length; at += step) {
          const run = `at-${at}`;
          const told = await ask(root, run, false, (count) => {
            if (count === at) root.kill(name, "killed by the test");
          });
          assert.deepEqual(told.outcome, whole.outcome, `killed at event ${at}`);
          const again = await ask(root, run, true);
          const named = settled(again.events).map((event) =>
            JSON.parse(JSON.stringify(event).replaceAll(`"${run}`, '"whole'))
          );
          assert.deepEqual(named, settled(whole.events));
        }
      }),
  );
}
