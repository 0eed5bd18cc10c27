/** Tools that say something while they work, in workers. */
import assert from "node:assert/strict";
import { Invocation } from "../../../actors/tools/invocation.ts";
import { defineTool } from "../../../actors/tools/tool.ts";
import type { ActorRef, ActorStream } from "../../../protocols/messages/ref.ts";
import type { ToolItem, ToolOutcome, ToolProtocol } from "../../../protocols/messages/tool.ts";
import type { StreamContext } from "../../../supervisor/actor/define.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { onStage, type Stage } from "../../supervisor/stage.ts";
import { asker } from "../../workers/asker.ts";
import { invoke } from "./invoke.ts";

async function startAsker({ system }: Stage): Promise<ActorRef<ToolProtocol>> {
  const tree = await system.start("asker", { children: [child("tool", asker, {})] });
  return tree.ref(asker.protocol as unknown as ToolProtocol, "tool");
}

const call = (name: string) => ({ name, args: { of: name } });

/** Reads a stream and answers what it asks for. */
async function served(
  tool: ActorRef<ToolProtocol>,
  stream: ActorStream<ToolItem, ToolOutcome>,
  answer: (name: string) => ToolOutcome | null,
): Promise<{ texts: string[]; outcome: ToolOutcome }> {
  const texts: string[] = [];
  for await (const item of stream) {
    if (item.type === "output") texts.push(`${item.channel} ${item.text}`);
    if (item.type !== "call") continue;
    texts.push(`${item.name} ${item.arguments}`);
    const outcome = answer(item.name);
    if (outcome !== null) tool.cast("answer", { id: item.id, outcome });
  }
  return { texts, outcome: await stream.reply };
}

Deno.test("a tool in a worker has others called while its own call waits, in the order it asked", () =>
  onStage(async (stage) => {
    const tool = await startAsker(stage);
    const stream = tool.stream("invoke", { calls: ["a", "b"].map(call), atOnce: true });
    const { texts, outcome } = await served(
      tool,
      stream,
      (name) => name === "a" ? { ok: true, content: "A" } : { ok: false, kind: "denied", message: "no" },
    );
    assert.deepEqual(texts, ["stdout first\n", 'a {"of":"a"}', 'b {"of":"b"}', "stderr last\n"]);
    assert.deepEqual(outcome, { ok: true, content: "A denied" });
  }));

Deno.test("a concurrent tool works on several calls at once, and answers reach the one that asked", () =>
  onStage(async (stage) => {
    const tool = await startAsker(stage);
    const waiting: { id: string; name: string }[] = [];
    const streams = ["x", "y"].map((name) => tool.stream("invoke", { calls: [call(name)] }));
    const reading = streams.map(async (stream) => {
      for await (const item of stream) {
        if (item.type !== "call") continue;
        waiting.push(item);
        if (waiting.length < 2) continue;
        // Both are at work; the later one is answered first.
        for (const { id, name } of waiting.reverse()) {
          tool.cast("answer", { id, outcome: { ok: true, content: `of ${name}` } });
        }
      }
      return await stream.reply;
    });
    assert.deepEqual(await Promise.all(reading), [{ ok: true, content: "of x" }, {
      ok: true,
      content: "of y",
    }]);
  }));

Deno.test("output comes while the tool still keeps its thread busy", () =>
  onStage(async (stage) => {
    const tool = await startAsker(stage);
    const began = Date.now();
    const stream = tool.stream("invoke", { calls: [], busyMs: 1_000 });
    const times: number[] = [];
    for await (const item of stream) if (item.type === "output") times.push(Date.now() - began);
    assert.equal(times.length, 3);
    assert.ok(times[0]! < 800, `the first output came after ${times[0]} ms`);
    assert.ok(times[1]! >= 1_000, `the second came after ${times[1]} ms`);
  }));

Deno.test("who gives a call up ends what it waits for, and the tool lives on", () =>
  onStage(async (stage) => {
    const tool = await startAsker(stage);
    const stream = tool.stream("invoke", { calls: [call("never")] });
    for await (const item of stream) if (item.type === "call") break;
    await assert.rejects(stream.reply, { code: "cancelled" });
    const next = tool.stream("invoke", { calls: [call("a")] });
    const { outcome } = await served(tool, next, () => ({ ok: true, content: "A" }));
    assert.deepEqual(outcome, { ok: true, content: "A" });
    assert.deepEqual(stage.changes.filter((change) => !change.endsWith("started")), []);
  }));

Deno.test("pieces of output that come fast are put together, and none is lost", async () => {
  const many = defineTool({
    module: import.meta.url,
    name: "many",
    description: "",
    parameters: (z) => z.object({}),
    settle: "repeatable",
    invoke: (_state, _args, { output }) => {
      for (let at = 0; at < 1_000; at++) output(at % 100 === 99 ? "stderr" : "stdout", `${at} `);
      return "done";
    },
  });
  const items: ToolItem[] = [];
  assert.deepEqual(await invoke(many, {}, {}, undefined, items), { ok: true, content: "done" });
  assert.ok(items.length <= 25, `${items.length} items`);
  const texts = items.map((item) => item.type === "output" ? item.text : "").join("");
  assert.equal(texts, Array.from({ length: 1_000 }, (_, at) => `${at} `).join(""));
});

Deno.test("output that waits to be put together comes without more of it", async () => {
  const items: string[] = [];
  const came = Promise.withResolvers<void>();
  const stream = {
    push: (item: ToolItem) => {
      items.push(item.type === "output" ? item.text : "");
      if (items.length === 2) came.resolve();
    },
  };
  const invocation = new Invocation(stream as unknown as StreamContext<ToolItem>, null);
  for (const text of ["a", "b", "c"]) invocation.context.output("stdout", text);
  assert.deepEqual(items, ["a"]);
  await came.promise;
  invocation.end();
  assert.deepEqual(items, ["a", "bc"]);
});
