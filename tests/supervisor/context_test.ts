import assert from "node:assert/strict";
import { child } from "../../supervisor/tree/spec.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { Clerk, clerk } from "../workers/clerk.ts";
import { onStage } from "./stage.ts";

Deno.test("facts and log lines of an actor arrive in order, with its path", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", { children: [child("clerk", clerk, {})] });
    const ref = tree.ref(Clerk, "clerk");
    assert.equal(await ref.call("name", {}), "root/clerk");
    for (const fact of [1, "two", { three: [null] }]) await ref.call("emit", { fact });
    await ref.call("log", { text: "said" });
    await tree.stop();
    assert.deepEqual(stage.events, ["begun", 1, "two", { three: [null] }, "ended"]);
    assert.deepEqual(stage.lines, [
      ...["debug", "info", "warn", "error"].map((level) => `root/clerk ${level}: said`),
      "root/clerk info: ending",
    ]);
  });
});

Deno.test("an actor that is ended by force has no last words", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [child("clerk", clerk, {}, { restart: "never" })],
    });
    tree.kill("clerk", "a test says so");
    await stage.until("root/clerk", "failed");
    assert.deepEqual(stage.events, ["begun"]);
  });
});

Deno.test("an actor makes ids, sleeps until it is cancelled, and has luck of its own", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: [child("clerk", clerk, {})] });
    const ref = tree.ref(Clerk, "clerk");
    const ids = await ref.call("ids", { count: 200 });
    assert.equal(new Set(ids).size, 200);
    for (const id of ids) assert.match(id, /^[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    assert.deepEqual(ids.map((id) => id.slice(0, 10)), ids.map((id) => id.slice(0, 10)).toSorted());
    assert.equal(await ref.call("sleep", { ms: 1 }), "slept");
    const controller = new AbortController();
    const sleeps = ref.call("sleep", { ms: 3_600_000 }, { signal: controller.signal }).catch(({ code }) =>
      code
    );
    controller.abort();
    assert.equal(await sleeps, "cancelled");
    const [one, other] = [await ref.call("luck", {}), await ref.call("luck", {})];
    assert.ok(one >= 0 && one < 1 && one !== other);
  });
});

Deno.test("an actor can only be served in a worker", () => {
  assert.throws(() => serve(clerk), { code: "not_a_worker" });
});
