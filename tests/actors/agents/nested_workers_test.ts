/**
 * A tool that has another called, in real workers with a store on disk; each worker is killed at each thing that is told.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ZodRawShape } from "zod";
import { agent } from "../../../actors/agents/agent.ts";
import type { AgentOptions } from "../../../actors/agents/agent_options.ts";
import { followRun } from "../../../actors/agents/follow.ts";
import { FREE } from "../../../actors/models/price.ts";
import { scripted } from "../../../actors/models/scripted.ts";
import { echo } from "../../../actors/tools/echo.ts";
import type { ToolDefinition } from "../../../actors/tools/tool.ts";
import { toolSpec } from "../../../actors/tools/tool_spec.ts";
import { Agent } from "../../../protocols/messages/agent.ts";
import { Journal } from "../../../protocols/messages/journal.ts";
import { Model } from "../../../protocols/messages/model.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import type { ToolProtocol } from "../../../protocols/messages/tool.ts";
import { store } from "../../../supervisor/durable/store.ts";
import { System } from "../../../supervisor/system.ts";
import { child, type Started, type Tree } from "../../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../../supervisor/tree/supervisor.ts";
import { asker } from "../../workers/asker.ts";

const calls = ["one", "two", "three"].map((text) => ({ name: "echo", args: { text } }));

const model = child("model", scripted, {
  model: "scripted",
  script: [
    { when: "You", text: "", toolCalls: [{ name: "asker", arguments: { calls } }] },
    { when: "You", text: "", toolCalls: [{ name: "asker", arguments: { calls, atOnce: true } }] },
    { when: "You", text: "it said {result}" },
  ],
});

function held<Options, Shape extends ZodRawShape>(started: Started, tool: ToolDefinition<Options, Shape>) {
  const ref = started.ref(tool.protocol as unknown as ToolProtocol, tool.tool.name) as ActorRef<ToolProtocol>;
  return { spec: toolSpec(tool as unknown as ToolDefinition), settle: tool.tool.settle, ref };
}

const tree = (folder: string): Tree => ({
  intensity: { restarts: 100, withinMs: 1_000 },
  children: [
    child("store", store, { path: `${folder}/journal.db` }),
    model,
    child("echo", echo, {}),
    child("asker", asker, {}),
    child("agent", agent, (started): AgentOptions => ({
      name: "lead",
      model: started.ref(Model, "model"),
      modelName: "scripted",
      price: FREE,
      journal: started.ref(Journal, "store"),
      program: "react",
      system: "You lead.",
      contextWindow: 100_000,
      tools: [held(started, asker), held(started, echo)],
    }), { restart: "on-failure" }),
  ],
});

async function ask(root: Supervisor, run: string, replay: boolean, at?: (event: number) => void) {
  const events: RunEvent[] = [];
  const emit = (event: RunEvent) => {
    events.push(event);
    at?.(events.length);
    return Promise.resolve();
  };
  const request = { run, task: "do it", limits: { turns: 25 }, replay };
  const signal = new AbortController().signal;
  const outcome: RunOutcome = await followRun(root.ref(Agent, "agent"), request, { emit, signal });
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

/** Without times, and without what a worker said before it died. */
const settled = (events: readonly RunEvent[]) =>
  events.filter(({ type }) => type !== "retry" && type !== "text" && type !== "tool_output")
    .map((event) => "ms" in event ? { ...event, ms: 0 } : event);

for (const name of ["agent", "store", "asker", "echo"]) {
  Deno.test(
    `the ${name} killed all along nested calls: the same end, told in the same words`,
    { sanitizeResources: false }, // a port under way when its worker is terminated is nobody's to close
    () =>
      onTree(async (root) => {
        const whole = await ask(root, "whole", false);
        assert.equal(whole.outcome.answer, "it said one two three");
        assert.equal(whole.events.filter((event) => "parent" in event).length, 12);
        const step = name === "agent" ? 3 : 4;
        for (let at = 1; at < whole.events.length; at += step) {
          const run = `at-${at}`;
          const told = await ask(root, run, false, (count) => {
            if (count === at) root.kill(name, "killed by the test");
          });
          assert.deepEqual(told.outcome, whole.outcome, `killed at event ${at}`);
          const again = await ask(root, run, true);
          const named = settled(again.events).map((event) =>
            JSON.parse(JSON.stringify(event).replaceAll(`"${run}`, '"whole'))
          );
          assert.deepEqual(named, settled(whole.events), `killed at event ${at}`);
        }
      }),
  );
}
