import assert from "node:assert/strict";
import { child } from "../../supervisor/tree/spec.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Gate, gate } from "../workers/gate.ts";
import { Waiter, waiter } from "../workers/waiter.ts";
import { block, fails, noneBusy, onStage, startWaiter } from "./stage.ts";

const DEATHS = [
  { how: "throw", what: "a thrown error", exit: "crashed", reason: /told to throw/ },
  { how: "reject", what: "an unhandled rejection", exit: "crashed", reason: /told to reject/ },
  { how: "exit", what: "a silent exit", exit: "lost", reason: /without a word/ },
  { how: "close", what: "a silent close", exit: "lost", reason: /without a word/ },
] as const;

for (const { how, what, exit, reason } of DEATHS) {
  Deno.test(`K5 ${what} is noticed, its caller is told and the actor starts anew`, async () => {
    await onStage(async (stage) => {
      const tree = await stage.system.start("root", { children: [child("a", counter, { from: 5 })] });
      const ref = tree.ref(Counter, "a");
      ref.cast("add", { by: 1 });
      // Only a death within the handler takes the answer with it.
      const told = await ref.call("crash", { how }).catch((error) => error);
      if (how !== "reject" && how !== "close") assert.equal(told.code, "died");
      assert.match((await stage.until("root/a", "died")).reason, reason);
      await stage.until("root/a", "restarted");
      assert.equal(await ref.call("total", {}), 5, "a new life begins from its options");
      const [stats] = tree.stats().children;
      assert.equal(stats!.lastExit?.how, exit);
      assert.equal(stats!.restarts, 1);
    });
  });
}

Deno.test("K5 an actor that dies while its reply is being made takes the call with it", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const fatal = waiter.call("promise", { place: "door", end: "error" });
    const other = waiter.call("promise", { place: "never", end: "reply" });
    await waiter.call("marks", {});
    await gate.call("open", { place: "door" });
    await fails(fatal, "died");
    assert.match((await fails(other, "died")).message, /told to die/);
    assert.deepEqual(await waiter.call("marks", {}), []);
  });
});

Deno.test("K5 a stream ends with died when its actor does, after the items that were sent", async () => {
  await onStage(async (stage) => {
    const { waiter, gate, tree } = await startWaiter(stage);
    const stream = waiter.stream("drip", { place: "never" });
    const seen: number[] = [];
    const loop = (async () => {
      for await (const item of stream) seen.push(item);
    })();
    await gate.call("reached", { place: "never", count: 1 });
    tree.kill("waiter", "a test says so");
    await fails(loop, "died");
    await fails(stream.reply, "died");
    assert.deepEqual(seen, [1, 2]);
  });
});

Deno.test("K5 a normal end is told from a death, however late its supervisor looks", async () => {
  await onStage(async (stage) => {
    const names = Array.from({ length: 8 }, (_, i) => `a${i}`);
    const tree = await stage.system.start("root", {
      children: names.map((name) => child(name, counter, { from: 0 }, { restart: "on-failure" })),
    });
    const ends = names.map((name) => tree.ref(Counter, name).call("finish", {}));
    await Promise.resolve();
    block(100);
    await Promise.all(ends);
    await Promise.all(names.map((name) => stage.until(`root/${name}`, "died")));
    const { children } = tree.stats();
    assert.deepEqual(children.map(({ lastExit }) => lastExit?.how), names.map(() => "normal"));
    for (const name of names) await fails(tree.ref(Counter, name).call("total", {}), "ended");
    assert.deepEqual(tree.stats().children.map(({ status }) => status), names.map(() => "ended"));
  });
});

Deno.test("K5 a busy loop is noticed by its silence, abandoned and counted, and the actor starts anew", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [
        child("hung", counter, { from: 5 }, { hungAfterMs: 60 }),
        child("well", counter, { from: 1 }, { hungAfterMs: 60 }),
      ],
    });
    const hung = tree.ref(Counter, "hung");
    const told = fails(hung.call("crash", { how: "spin" }), "died");
    assert.match((await stage.until("root/hung", "hung")).reason, /it was silent for \d+ ms/);
    assert.match((await told).message, /silent/);
    assert.equal(await hung.call("total", {}), 5, "its place is taken by a new worker");
    assert.equal(await tree.ref(Counter, "well").call("total", {}), 1);
    assert.match((await stage.until("root/hung", "abandoned")).reason, /left behind/);
    assert.equal(stage.system.abandoned, 1);
    assert.equal(tree.stats().children[0]!.lastExit?.how, "hung");
  });
  await noneBusy();
});

Deno.test("K5 an actor that waits long for something outside is not hung", async () => {
  await onStage(async (stage) => {
    const { tree, waiter, gate } = await startWaiter(stage, { hungAfterMs: 30 });
    const waits = waiter.call("wait", { place: "door" });
    await gate.call("reached", { place: "door", count: 1 });
    await assert.rejects(waiter.call("marks", {}, { timeoutMs: 120 }), { code: "timeout" });
    await gate.call("open", { place: "door" });
    assert.equal(await waits, 1);
    assert.equal(tree.stats().totalRestarts, 0);
  });
});

Deno.test("K5 when the main thread was busy for long, nobody else is blamed for it", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [1, 2, 3, 4].map((from) => child(`a${from}`, counter, { from }, { hungAfterMs: 40 })),
    });
    for (let n = 0; n < 3; n++) {
      block(150);
      assert.equal(await tree.ref(Counter, "a1").call("total", {}), 1);
    }
    await Promise.all([2, 3, 4].map((n) => tree.ref(Counter, `a${n}`).call("total", {})));
    assert.deepEqual(stage.changes.filter((change) => !change.endsWith("started")), []);
  });
});

Deno.test("K5 an actor that does not start within its limit counts as failed", async () => {
  await onStage(async ({ system }) => {
    const fault = await fails(
      system.start("root", {
        children: [
          child("gate", gate, {}),
          child("waiter", waiter, (started) => ({ gate: started.ref(Gate, "gate") }), { startMs: 1 }),
        ],
      }),
      "start_failed",
    );
    assert.match(fault.message, /Cannot start "root\/waiter": it did not start within 1 ms/);
    void Waiter;
  });
});
