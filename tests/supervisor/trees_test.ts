import assert from "node:assert/strict";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { type Child, child, type Strategy, subtree } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { HandClock } from "../support/hand_clock.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Gate, gate } from "../workers/gate.ts";
import { Porter, porter } from "../workers/porter.ts";
import { fails, onStage, startWaiter } from "./stage.ts";

const NAMES = ["a", "b", "c"];

function counters(settings: Parameters<typeof child>[3] = {}): Child[] {
  return NAMES.map((name) => child(name, counter, { from: 0 }, settings));
}

/** Adds 1 to each, so that whoever was started anew can be told by its total. */
async function mark(tree: Supervisor): Promise<ActorRef<typeof Counter>[]> {
  const refs = NAMES.map((name) => tree.ref(Counter, name));
  for (const ref of refs) ref.cast("add", { by: 1 });
  assert.deepEqual(await totals(refs), [1, 1, 1]);
  return refs;
}

function totals(refs: ActorRef<typeof Counter>[]): Promise<number[]> {
  return Promise.all(refs.map((ref) => ref.call("total", {})));
}

const AFTERWARDS: Record<Strategy, number[]> = {
  "one-for-one": [1, 0, 1],
  "one-for-all": [0, 0, 0],
  "rest-for-one": [1, 0, 0],
};

for (const [strategy, expected] of Object.entries(AFTERWARDS) as [Strategy, number[]][]) {
  Deno.test(`K7 ${strategy} with real workers, behind the same references`, async () => {
    await onStage(async (stage) => {
      const tree = await stage.system.start("root", { strategy, children: counters() });
      const refs = await mark(tree);
      await fails(refs[1]!.call("crash", { how: "throw" }), "died");
      await Promise.all(
        expected.map((total, i) => total === 0 && stage.until(`root/${NAMES[i]}`, "restarted")),
      );
      assert.deepEqual(await totals(refs), expected);
    });
  });
}

Deno.test("K7 siblings started again are given references to each other again", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      strategy: "rest-for-one",
      children: [
        child("a", counter, { from: 7 }),
        child("porter", porter, (started) => ({ a: started.ref(Counter, "a") })),
      ],
    });
    await fails(tree.ref(Counter, "a").call("crash", { how: "exit" }), "died");
    await stage.until("root/porter", "restarted");
    assert.equal(await tree.ref(Porter, "porter").call("ask", { as: "a" }), 7);
  });
});

Deno.test("K8 with the default intensity the fourth death within 5 s fails the tree, and callers are told", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", { children: counters() });
    const refs = await mark(tree);
    for (let death = 1; death <= 4; death++) {
      await fails(refs[0]!.call("crash", { how: "throw" }), "died");
      if (death <= 3) await stage.until("root/a", "restarted", death);
    }
    await stage.until("root", "failed");
    for (const ref of refs) {
      const fault = await fails(ref.call("total", {}), "failed");
      assert.match(fault.message, /Cannot reach "root": it failed \("root\/a" died too often: told to throw/);
    }
    await fails(tree.ref(Counter, "b").call("total", {}), "failed");
    assert.equal(tree.stats().status, "failed");
  });
});

Deno.test("K8 a subtree that fails is started again by its parent, and references to its children survive", async () => {
  await onStage(async (stage) => {
    const inner = subtree("t", { intensity: { restarts: 0, withinMs: 60_000 }, children: counters() });
    const tree = await stage.system.start("root", { children: [child("gate", gate, {}), inner] });
    const refs = NAMES.map((name) => tree.ref(Counter, `t/${name}`));
    for (const ref of refs) ref.cast("add", { by: 1 });
    await fails(refs[1]!.call("crash", { how: "throw" }), "died");
    await stage.until("root/t", "restarted");
    assert.deepEqual(await totals(refs), [0, 0, 0]);
    const story = stage.changes.slice(stage.changes.indexOf("root/t/b died"));
    assert.deepEqual(story, [
      "root/t/b died",
      "root/t/c stopped",
      "root/t/a stopped",
      "root/t failed",
      "root/t died",
      "root/t/a started",
      "root/t/b started",
      "root/t/c started",
      "root/t restarted",
    ]);
  });
});

Deno.test("what ended within a subtree is there again for new references once the subtree is", async () => {
  await onStage(async (stage) => {
    const inner = subtree("t", {
      intensity: { restarts: 0, withinMs: 60_000 },
      children: [
        child("a", counter, { from: 0 }),
        child("once", counter, { from: 7 }, { restart: "on-failure" }),
      ],
    });
    const tree = await stage.system.start("root", { children: [inner] });
    const once = tree.ref(Counter, "t/once");
    await once.call("finish", {});
    await fails(once.call("total", {}), "ended");
    await fails(tree.ref(Counter, "t/once").call("total", {}), "ended");
    await fails(tree.ref(Counter, "t/a").call("crash", { how: "throw" }), "died");
    await stage.until("root/t", "restarted");
    assert.equal(await tree.ref(Counter, "t/once").call("total", {}), 7);
  });
});

Deno.test("F365 never, on-failure and always, by how real workers end", async () => {
  await onStage(async (stage) => {
    const policies = ["never", "on-failure", "always"] as const;
    const tree = await stage.system.start("root", {
      children: policies.flatMap((restart) =>
        ["crash", "finish"].map((end) => child(`${restart} ${end}`, counter, { from: 7 }, { restart }))
      ),
    });
    const after = async (name: string) => {
      const ref = tree.ref(Counter, name);
      if (name.endsWith("finish")) await ref.call("finish", {});
      else await fails(ref.call("crash", { how: "throw" }), "died");
      return await ref.call("total", {}).catch((error) => error.code);
    };
    const seen: Record<string, unknown> = {};
    for (const { name } of tree.stats().children) seen[name] = await after(name);
    assert.deepEqual(seen, {
      "never crash": "failed",
      "never finish": "ended",
      "on-failure crash": 7,
      "on-failure finish": "ended",
      "always crash": 7,
      "always finish": 7,
    });
  });
});

Deno.test("F371 shutdown asks each actor in turn to end and waits for it", async () => {
  await onStage(async (stage) => {
    const { tree, waiter, gate } = await startWaiter(stage);
    const listening = waiter.call("listen", { place: "never" });
    await gate.call("reached", { place: "never", count: 1 });
    await tree.stop();
    assert.deepEqual(stage.changes.slice(-2), ["root/waiter stopped", "root/gate stopped"]);
    assert.equal(tree.stats().status, "stopped");
    assert.equal(await listening, null, "what it was doing heard of it, and its answer went out");
  });
});

Deno.test("K6 an actor that does not end when asked is ended by force after its limit, and the others after it", async () => {
  await onStage(async (stage) => {
    const { tree, waiter, gate } = await startWaiter(stage, { shutdownMs: 40 });
    const waits = fails(waiter.call("wait", { place: "never" }), "died");
    await gate.call("reached", { place: "never", count: 1 });
    await tree.stop();
    await waits;
    const { lastExit } = tree.stats().children[1]!;
    assert.deepEqual(lastExit, { how: "killed", reason: "it did not stop within 40 ms" });
    assert.deepEqual(stage.changes.slice(-3), [
      "root/waiter died",
      "root/waiter stopped",
      "root/gate stopped",
    ]);
  });
});

Deno.test("K8 a stop is heard while a worker waits for its restart", async () => {
  const clock = new HandClock();
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", { backoff: { baseMs: 3_600_000 }, children: counters() });
    const [a] = await mark(tree);
    await fails(a!.call("crash", { how: "throw" }), "died");
    const waits = fails(a!.call("total", {}), "stopped");
    while (clock.sleeping === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    await stage.system.close();
    await waits;
    assert.equal(clock.sleeping, 0);
  }, { clock, random: () => 0 });
});

Deno.test("K6 when a worker cannot start, those before it are stopped in reverse and the caller is told why", async () => {
  await onStage(async (stage) => {
    const start = stage.system.start("root", {
      children: [
        ...counters(),
        child("broken", porter, (started) => ({ a: started.ref(Counter, "nobody") })),
      ],
    });
    const fault = await fails(start, "start_failed");
    assert.match(fault.message, /Cannot find "nobody" in "root": it has a, b, c, broken/);
    assert.deepEqual(stage.changes, [
      ...NAMES.map((name) => `root/${name} started`),
      ...NAMES.toReversed().map((name) => `root/${name} stopped`),
    ]);
  });
});

Deno.test("children are added and removed while the others run, and their references end with them", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: counters() });
    const added = await tree.add<typeof Counter>(child("d", counter, { from: 4 }));
    assert.equal(await added.call("total", {}), 4);
    assert.equal(await tree.ref(Counter, "d").call("total", {}), 4);
    await fails(tree.add(child("d", counter, { from: 5 })), "name_taken");
    const removed = tree.ref(Counter, "b");
    await tree.remove("b");
    await fails(removed.call("total", {}), "stopped");
    assert.throws(() => tree.ref(Counter, "b"), { code: "unknown_child" });
    await tree.remove("d");
    const again = await tree.add<typeof Counter>(child("d", counter, { from: 6 }));
    assert.equal(await again.call("total", {}), 6);
    await fails(added.call("total", {}), "stopped");
  });
});

Deno.test("a reference is given for the protocol its actor answers and no other", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", {
      children: [...counters(), subtree("t", { children: counters() })],
    });
    assert.throws(() => tree.ref(Gate, "a"), { code: "unknown_child" });
    assert.throws(() => tree.ref(Counter, "t"), { code: "unknown_child" });
    assert.throws(() => tree.ref(Counter, "a/b"), { code: "unknown_child" });
    assert.throws(() => tree.ref(Counter, "x"), /Cannot find "x" in "root": it has a, b, c, t/);
    assert.equal(await tree.ref(Counter, "t/c").call("total", {}), 0);
  });
});

Deno.test("a closed system answers nobody and can be closed again", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: [...counters(), child("gate", gate, {})] });
    const refs = await mark(tree);
    await system.close();
    for (const ref of refs) await fails(ref.call("total", {}), "stopped");
    await system.close();
  });
});

Deno.test("many trees live in one system and stop the newest first", async () => {
  await onStage(async (stage) => {
    for (const name of ["one", "two"]) await stage.system.start(name, { children: counters() });
    stage.changes.length = 0;
    await stage.system.close();
    assert.deepEqual(stage.changes, [
      ...NAMES.toReversed().map((name) => `two/${name} stopped`),
      ...NAMES.toReversed().map((name) => `one/${name} stopped`),
    ]);
  });
});
