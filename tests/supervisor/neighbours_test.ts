import assert from "node:assert/strict";
import { WINDOW } from "../../supervisor/actor/outbox.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Rogue, rogue } from "../workers/rogue.ts";
import { fails, noneBusy, onStage, startWaiter } from "./stage.ts";

Deno.test("K11 a full mailbox leaves the neighbours answering", async () => {
  await onStage(async (stage) => {
    const { waiter, gate, tree } = await startWaiter(stage);
    waiter.cast("pause", { place: "door" });
    for (let n = 1; n < 2 * WINDOW; n++) waiter.cast("mark", { text: "x".repeat(1_000) });
    await gate.call("reached", { place: "door", count: 1 });
    await tree.add(child("neighbour", counter, { from: 3 }));
    assert.equal(await tree.ref(Counter, "neighbour").call("total", {}), 3);
    await gate.call("open", { place: "door" });
    assert.equal((await waiter.ready(), await waiter.call("marks", {})).length, 2 * WINDOW - 1);
  });
});

Deno.test("K11 a busy loop leaves the neighbours answering", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", {
      children: [
        child("busy", counter, { from: 1 }, { shutdownMs: 10 }),
        child("neighbour", counter, { from: 3 }),
      ],
    });
    const busy = fails(
      tree.ref(Counter, "busy").call("crash", { how: "spin" }, { timeoutMs: 30 }),
      "timeout",
    );
    for (let n = 0; n < 20; n++) assert.equal(await tree.ref(Counter, "neighbour").call("total", {}), 3);
    await busy;
  });
  await noneBusy();
});

const GARBAGE = [
  "not json",
  "null",
  "[null]",
  "[[9],7]",
  "[6,1,null]",
  null,
  7,
  {},
  [],
  [["x"]],
];

Deno.test("K11 an actor that posts garbage spoils its own references and nobody's thread", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [
        child("a", counter, { from: 7 }),
        ...GARBAGE.map((_, i) => child(`rogue${i}`, rogue, {})),
      ],
    });
    const a = tree.ref(Counter, "a");
    for (const [i, packet] of GARBAGE.entries()) {
      const answer = tree.ref(Rogue, `rogue${i}`).call("post", { counter: a, packet }, { timeoutMs: 200 });
      const { code } = await answer.then(() => assert.fail("it cannot answer"), (error) => error);
      assert.ok(["bad_reply", "timeout"].includes(code), `${JSON.stringify(packet)}: ${code}`);
      assert.equal(await a.call("total", {}), 7);
    }
    assert.deepEqual(stage.changes.filter((change) => change.endsWith("died")), []);
  });
});
