import assert from "node:assert/strict";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Parent, parent } from "../workers/parent.ts";
import { porter } from "../workers/porter.ts";
import { prober } from "../workers/prober.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { fails, onStage, type Stage } from "./stage.ts";

/** "root/parent", which knows how to start counters. */
async function withParent(
  test: (parent: ActorRef<typeof Parent>, stage: Stage, tree: Supervisor) => Promise<void>,
): Promise<void> {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", { children: [child("parent", parent, {})] });
    await test(tree.ref(Parent, "parent"), stage, tree);
  }, { actors: [counter, prober, porter] });
}

/** Ends a counter badly and waits until that is noticed. */
async function crash(ref: ActorRef<typeof Counter>): Promise<void> {
  await fails(ref.call("crash", { how: "throw" }), "died");
}

Deno.test("an actor starts children, uses them and hands them out", async () => {
  await withParent(async (ref, stage) => {
    const kid = await ref.call("bear", { name: "kid", from: 4 });
    assert.equal(kid.name, "root/parent/kid");
    kid.cast("add", { by: 1 });
    assert.equal(await kid.call("total", {}), 5);
    assert.equal(await (await ref.call("bear", { name: "other", from: 9 })).call("total", {}), 9);
    assert.deepEqual(stage.changes.slice(-2), ["root/parent/kid started", "root/parent/other started"]);
  });
});

Deno.test("two children of one actor cannot have one name, until the first is stopped", async () => {
  await withParent(async (ref, stage) => {
    const first = await ref.call("bear", { name: "kid", from: 1 });
    await fails(ref.call("bear", { name: "kid", from: 2 }), "name_taken");
    await ref.call("dismiss", { name: "kid" });
    await fails(first.call("total", {}), "stopped");
    assert.equal(await (await ref.call("bear", { name: "kid", from: 3 })).call("total", {}), 3);
    assert.deepEqual(stage.changes.slice(-2), ["root/parent/kid stopped", "root/parent/kid started"]);
    await fails(ref.call("dismiss", { name: "nobody" }), "unknown_child");
  });
});

Deno.test("a child that fails is started again behind the same reference", async () => {
  await withParent(async (ref, stage) => {
    const kid = await ref.call("bear", { name: "kid", from: 4 });
    await crash(kid);
    await stage.until("root/parent/kid", "restarted");
    assert.equal(await kid.call("total", {}), 4);
    await kid.call("finish", {});
    await fails(kid.call("total", {}), "ended");
  });
});

Deno.test("a child that is not to be restarted says so to whoever still calls", async () => {
  await withParent(async (ref, stage) => {
    const kid = await ref.call("bear", { name: "kid", from: 4, restart: "never" });
    await crash(kid);
    await stage.until("root/parent/kid", "failed");
    assert.match((await fails(kid.call("total", {}), "failed")).message, /told to throw/);
  });
});

Deno.test("K8 children of an actor that die too often are given up, and their callers told", async () => {
  await withParent(async (ref, stage) => {
    const kid = await ref.call("bear", { name: "kid", from: 4 });
    const other = await ref.call("bear", { name: "other", from: 4 });
    for (let death = 1; death <= 4; death++) {
      await crash(kid);
      if (death < 4) await stage.until("root/parent/kid", "restarted", death);
    }
    await stage.until("root/parent", "failed");
    for (const one of [kid, other]) await fails(one.call("total", {}), "failed");
  });
});

const ENDS = {
  crash: (ref: ActorRef<typeof Parent>) => void ref.cast("crash", {}),
  kill: (_: ActorRef<typeof Parent>, tree: Supervisor) => tree.kill("parent", "a test says so"),
  finish: (ref: ActorRef<typeof Parent>) => void ref.call("finish", {}).catch(() => {}),
  stop: (_: ActorRef<typeof Parent>, tree: Supervisor) => void tree.remove("parent"),
};

for (const [how, end] of Object.entries(ENDS)) {
  Deno.test(`children end with their parent: ${how}`, async () => {
    await withParent(async (ref, stage, tree) => {
      const kids = [
        await ref.call("bear", { name: "a", from: 1 }),
        await ref.call("bear", { name: "b", from: 2 }),
      ];
      // By then the main thread has heard of all that the parent handed out.
      await fails(ref.call("dismiss", { name: "nobody" }), "unknown_child");
      end(ref, tree);
      await Promise.all(["a", "b"].map((name) => stage.until(`root/parent/${name}`, "stopped")));
      for (const kid of kids) await fails(kid.call("total", {}), "stopped");
      assert.ok(
        stage.changes.indexOf("root/parent/b stopped") < stage.changes.indexOf("root/parent/a stopped"),
      );
      if (how === "stop") return;
      await stage.until("root/parent", "restarted");
      assert.equal(await (await ref.call("bear", { name: "a", from: 7 })).call("total", {}), 7);
    });
  });
}

Deno.test("a parent that dies while a child of it starts leaves nothing behind", async () => {
  await withParent(async (ref, stage) => {
    for (let life = 1; life <= 3; life++) {
      ref.cast("bearAndDie", { name: "kid" });
      await stage.until("root/parent", "restarted", life);
    }
    assert.equal(await (await ref.call("bear", { name: "kid", from: 7 })).call("total", {}), 7);
  });
});

Deno.test("what a child was started with is given back with it", async () => {
  await withParent(async (ref, _stage, tree) => {
    await tree.add(child("a", counter, { from: 7 }));
    const employ = async () => {
      const employed = await ref.call("employ", { name: "kid", a: tree.ref(Counter, "a") });
      employed.cast("crash", {}); // its next life is started with them too
      assert.equal(await employed.call("ask", { as: "a" }), 7);
      await ref.call("dismiss", { name: "kid" });
      employed.close();
    };
    await employ();
    const before = openPorts();
    await employ();
    assert.equal(openPorts(), before);
  });
});

/** Message ports of this thread. */
function openPorts(): number {
  const { core } = (Deno as unknown as Record<symbol, { core: { resources(): object } }>)[
    (Deno as unknown as { internal: symbol }).internal
  ]!;
  return Object.values(core.resources()).filter((name) => name === "messagePort").length;
}

Deno.test("an actor that the system was not told of cannot be started by another", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: [child("parent", parent, {})] });
    const born = tree.ref(Parent, "parent").call("bear", { name: "kid", from: 1 });
    assert.match((await fails(born, "unknown_actor")).message, /the system was not told of its module/);
  });
});
