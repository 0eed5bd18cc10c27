/** Many runs of one runtime at once, each with a crew of its own. */
import assert from "node:assert/strict";
import { scripted, type ScriptLine } from "../../../actors/models/scripted.ts";
import { FREE } from "../../../actors/models/price.ts";
import { echo } from "../../../actors/tools/echo.ts";
import type { RunEvent } from "../../../protocols/messages/run.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { type Crew, crew, MODEL } from "../../../workspace/runtime/crew.ts";
import { openRuntime, type RootRuntime, type RunHandle } from "../../../workspace/runtime/runtime.ts";
import { tool } from "../../../workspace/runtime/toolkit.ts";

const LIMITS = { turns: 5 };

/** Echoes what it is told once, then answers with the result. */
const SCRIPT: ScriptLine[] = [
  { text: "", toolCalls: [{ name: "echo", arguments: { text: "heard" } }] },
  { text: "{result}" },
];

function team(): Crew {
  return crew({
    model: child(MODEL, scripted, { model: "scripted", script: SCRIPT }),
    tools: [tool(echo, {}, "none")],
    agent: { name: "agent", modelName: "scripted", price: FREE, program: "react", contextWindow: 100_000 },
  });
}

async function withRuntime(body: (runtime: RootRuntime) => Promise<void>, make = team): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const runtime = await openRuntime({
      db: `${folder}/runs.db`,
      workspace: `${folder}/workspace`,
      limits: LIMITS,
      crew: () => Promise.resolve(make()),
    });
    try {
      await body(runtime);
    } finally {
      await runtime.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function eventsOf(handle: RunHandle): Promise<RunEvent[]> {
  return await Array.fromAsync(handle.events);
}

Deno.test("runs of one runtime go at once, each with its own events, and leave nothing behind", async () => {
  await withRuntime(async (runtime) => {
    const ids = ["one", "two", "three"];
    const handles = await Promise.all(ids.map((run) => runtime.start(`the task of ${run}`, {}, { run })));
    const told = await Promise.all(handles.map(eventsOf));
    for (const [at, events] of told.entries()) {
      const [first, last] = [events[0]!, events.at(-1)!];
      assert.ok(first.type === "run_started" && last.type === "run_ended");
      assert.deepEqual([first.run, first.task], [ids[at], `the task of ${ids[at]}`]);
      assert.deepEqual([last.run, last.outcome.status], [ids[at], "answered"]);
      assert.equal(events.filter(({ type }) => type === "run_started").length, 1);
    }
    const records = await runtime.runs(10);
    assert.deepEqual(records.map(({ run, status }) => `${run} ${status}`).sort(), [
      "one answered",
      "three answered",
      "two answered",
    ]);
    await assert.rejects(runtime.start("again", {}, { run: "one" }), { code: "run_known" });
  });
});

Deno.test("a crew that cannot start leaves its run to be started again, and the others alone", async () => {
  let broken = true;
  await withRuntime(async (runtime) => {
    await assert.rejects(runtime.start("cannot", {}, { run: "same" }), { code: "start_failed" });
    broken = false;
    const handle = await runtime.start("can", {}, { run: "same" });
    await eventsOf(handle);
    assert.equal((await handle.outcome).status, "answered");
  }, () => {
    const made = team();
    if (!broken) return made;
    const fails = child("fails", echo, () => {
      throw new Error("its options cannot be made");
    });
    return { ...made, children: [...made.children, fails] };
  });
});

Deno.test("actors beside the runs are started once, with rights of their own, and stopped when asked", async () => {
  await withRuntime(async (runtime) => {
    const heard: string[] = [];
    const tree = await runtime.startTree([child("echo", echo, {})], ({ change, agent }) => {
      heard.push(`${agent} ${change}`);
    });
    const call = () => tree.ref(echo.protocol, "echo").stream("invoke", { text: "there" }).reply;
    assert.deepEqual(await call(), { ok: true, content: "there" });
    tree.kill("echo", "a test");
    assert.deepEqual(await call(), { ok: true, content: "there" });
    await runtime.stopTree(tree);
    assert.deepEqual(heard, ["troupe/echo died", "troupe/echo restarted"]);
  });
});
