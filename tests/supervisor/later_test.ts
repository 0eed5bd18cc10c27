import assert from "node:assert/strict";
import { fails, onStage, startWaiter } from "./stage.ts";

Deno.test("an actor whose reply is still being made goes on to its next message", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const slow = waiter.call("promise", { place: "slow", end: "reply" });
    const quick = waiter.call("promise", { place: "quick", end: "reply" });
    waiter.cast("mark", { text: "handled" });
    assert.deepEqual(await waiter.call("marks", {}), ["handled"]);
    await gate.call("open", { place: "quick" });
    assert.equal(await quick, "quick", "a later one may be answered first");
    await gate.call("open", { place: "slow" });
    assert.equal(await slow, "slow");
  });
});

Deno.test("a late reply that fails with a Fault is an answer and not a death", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const refused = fails(waiter.call("promise", { place: "door", end: "fault" }), "told_to");
    waiter.cast("mark", { text: "kept" });
    await gate.call("open", { place: "door" });
    await refused;
    assert.deepEqual(await waiter.call("marks", {}), ["kept"]);
  });
});

Deno.test("a late reply hears that its caller gave up, and that its actor is asked to stop", async () => {
  await onStage(async (stage) => {
    const { waiter, tree } = await startWaiter(stage);
    const stream = waiter.stream("pour", {});
    for await (const item of stream) if (item > 100) break;
    const [one, other] = [await waiter.call("poured", {}), await waiter.call("poured", {})];
    assert.equal(one, other, "it pours no more");
    const stopped = waiter.stream("pour", {});
    await stopped[Symbol.asyncIterator]().next();
    await tree.stop();
    await fails(stopped.reply, "stopping");
  });
});

Deno.test("calls made while a late reply is awaited do not end with its deadline", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const late = fails(
      waiter.call("promise", { place: "never", end: "reply" }, { timeoutMs: 30 }),
      "timeout",
    );
    const waits = waiter.call("wait", { place: "door" }, { timeoutMs: 20_000 });
    await gate.call("reached", { place: "door", count: 1 });
    await late;
    await gate.call("open", { place: "door" });
    assert.equal(await waits, 1);
  });
});
