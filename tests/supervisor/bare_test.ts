import assert from "node:assert/strict";
import type { ActorDefinition } from "../../supervisor/actor/define.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { Bare, bare } from "../workers/bare.ts";
import { Counter, counter } from "../workers/counter.ts";
import { isolatedBare } from "../workers/isolated_bare.ts";
import { fails, noneBusy, onStage } from "./stage.ts";

async function livesWithoutGlobals(actor: ActorDefinition<typeof Bare, Record<string, never>>, warm: number) {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      intensity: { restarts: 9, withinMs: 5_000 },
      children: [child("a", actor, {}, { warm, hungAfterMs: 3_000 }), child("near", counter, { from: 7 })],
    });
    const a = tree.ref(Bare, "a");
    for (let life = 0; life < 2; life++) {
      const left = await a.call("left", {});
      for (const name of ["postMessage", "setTimeout", "MessageChannel", "crypto", "Deno", "JSON", "Date"]) {
        assert.ok(!left.includes(name), name);
      }
      assert.equal(await a.call("echo", { text: "here" }), "here");
      for (const text of ["one", "two"]) a.cast("note", { text });
      assert.deepEqual(await a.call("notes", {}), ["one", "two"], stage.changes.join());
      const counted = a.stream("count", { to: 300 });
      assert.equal((await Array.fromAsync(counted)).length, 300);
      assert.equal(await counted.reply, 300);
      assert.deepEqual(await Array.fromAsync(a.stream("shout", { to: 3 })), [1, 2, 3]);
      await fails(a.call("refuse", {}), "told_to");
      await fails(a.call("echo", { text: 1 } as never), "bad_request");

      await fails(a.call("wait", {}, { timeoutMs: 50 }), "timeout");
      const controller = new AbortController();
      const cancelled = fails(a.call("wait", {}, { signal: controller.signal }), "cancelled");
      await a.call("echo", { text: "it waits" });
      controller.abort();
      await cancelled;
      assert.match((await a.call("notes", {})).slice(2).join(), /^(timeout|cancelled),cancelled$/);

      const near = tree.ref(Counter, "near");
      const { total, lent, me } = await a.call("use", { counter: near });
      assert.equal(await lent.call("total", {}), total + 1);
      assert.equal(await (me as unknown as typeof a).call("echo", { text: "me" }), "me");
      if (life === 0) assert.equal(await a.call("late", { counter: near }), "timeout");

      assert.equal(await a.call("facts", {}), "26 true true");
      while (stage.events.length <= life) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.equal(stage.lines.length, life + 1);
      await a.call("nap", {});
      const how = life === 0 ? "throw" : "reject";
      assert.match((await fails(a.call("crash", { how }), "died")).message, new RegExp(`told to ${how}`));
      await stage.until("root/a", "restarted", life + 1);
    }
    assert.equal(await a.call("echo", { text: "again" }), "again");
    assert.deepEqual(stage.changes.filter((change) => change === "root/a hung"), []);
    await tree.stop();
    assert.equal(stage.changes.at(-1), "root/a stopped");
  });
  await noneBusy();
}

Deno.test("an actor that removed nearly every global lives on as any other", async () => {
  await livesWithoutGlobals(bare, 1);
});

Deno.test("so does one in a process of its own", async () => {
  await livesWithoutGlobals(isolatedBare, 1);
});
