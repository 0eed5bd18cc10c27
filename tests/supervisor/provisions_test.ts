import assert from "node:assert/strict";
import { defineActor } from "../../supervisor/actor/define.ts";
import { child, type ChildSettings, DEFAULTS } from "../../supervisor/tree/spec.ts";
import { workerKind } from "../../supervisor/worker/kind.ts";
import { Spawner } from "../../supervisor/worker/spawner.ts";
import { Counter, counter } from "../workers/counter.ts";
import { ProvidedFor, providedFor } from "../workers/provided.ts";
import { fails, onStage, runningWorkers } from "./stage.ts";

/** Settings of an actor whose provider reads that file; more files for more such tests. */
async function withFile(text: string, test: (settings: Partial<ChildSettings>) => Promise<void>) {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, text);
  try {
    await test({ grant: { read: [file] }, provisions: { file } });
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("a worker starts with what the provider made in its process, which may do nothing more afterwards", async () => {
  await withFile("wild geese", async (settings) => {
    await onStage(async (stage) => {
      const tree = await stage.system.start("root", {
        children: [child("a", providedFor, {}, { ...settings, warm: 1 })],
      });
      const a = tree.ref(ProvidedFor, "a");
      const { pid, ...first } = await a.call("got", {});
      assert.deepEqual(first, { answer: 42, bytes: "wild", prepared: 1 });
      assert.deepEqual(await a.call("ask", {}), { rest: " geese", again: "NotCapable" });
      tree.kill("a", "a test says so");
      const { pid: other, ...second } = await a.call("got", {});
      assert.deepEqual(second, first, "and so does the next life");
      assert.notEqual(other, pid);
      assert.deepEqual(await a.call("ask", {}), { rest: " geese", again: "NotCapable" });
    });
  });
});

Deno.test("what a provider or prepare throws keeps the actor from starting", async () => {
  await withFile("bad\n", async ({ grant, provisions }) => {
    await onStage(async ({ system }) => {
      const start = (name: string, settings: Partial<ChildSettings>) =>
        fails(system.start(name, { children: [child("a", providedFor, {}, settings)] }), "start_failed");
      const fail = { grant, provisions: { ...provisions as object, fail: "nothing to give" } };
      assert.match((await start("one", fail)).message, /nothing to give/);
      assert.match((await start("two", { grant, provisions })).message, /it cannot prepare that/);
      const unread = { provisions: { file: "/nowhere/at/all" } };
      assert.match((await start("three", unread)).message, /read access|No such file/i);
    });
  });
});

Deno.test("a spare worker is ready when it has prepared; provisions make pools of their own", async () => {
  await withFile("good", async ({ grant, provisions }) => {
    const spawner = new Spawner();
    const kind = (provisions: unknown) => workerKind(providedFor, grant!, { ...DEFAULTS, provisions });
    const failing = { ...provisions as object, fail: "nothing to give" };
    spawner.keep(kind(failing), 1, failing);
    spawner.keep(kind(provisions), 1, spawner);
    while (spawner.ready(kind(provisions)) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(spawner.ready(kind(failing)), 0);
    const spare = await spawner.take(kind(provisions));
    assert.ok(spare.primed);
    spare.worker.terminate();
    const other = await spawner.take(kind({ ...provisions as object, other: 1 }));
    assert.ok(!other.primed);
    other.worker.terminate();
    await spawner.close();
    assert.equal(runningWorkers(), 0);
  });
});

Deno.test("a provider without a process, and provisions without a provider, are refused", async () => {
  const { module, protocol } = counter;
  const { init, handle } = counter.behaviour;
  const definition = { module, protocol: Counter, provider: "file:///nowhere.ts", init, handle };
  assert.throws(() => defineActor(definition), { code: "needs_process" });
  await onStage(async ({ system }) => {
    const forced = { ...counter, provider: "file:///nowhere.ts" };
    const refused = await fails(
      system.start("one", { children: [child("a", forced, { from: 1 })] }),
      "needs_process",
    );
    assert.match(refused.message, new RegExp(`"${protocol.name}"`));
    await fails(
      system.start("two", { children: [child("a", counter, { from: 1 }, { provisions: 1 })] }),
      "no_provider",
    );
  });
});
