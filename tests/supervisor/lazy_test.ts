import assert from "node:assert/strict";
import { child, subtree } from "../../supervisor/tree/spec.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Porter, porter } from "../workers/porter.ts";
import { fails, onStage } from "./stage.ts";

Deno.test("a lazy child starts with its first message, and the message is answered", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [
        child("a", counter, { from: 7 }, { lazy: true }),
        child("b", counter, { from: 1 }, { lazy: true }),
      ],
    });
    assert.deepEqual(stage.changes, []);
    assert.deepEqual(tree.stats().children.map(({ status }) => status), ["waiting", "waiting"]);
    const ref = tree.ref(Counter, "a");
    assert.equal(ref.cast("add", { by: 1 }), false, "it waits for the start");
    assert.equal(await ref.call("total", {}), 8);
    assert.deepEqual(stage.changes, ["root/a started"]);
    assert.deepEqual(tree.stats().children.map(({ status }) => status), ["running", "waiting"]);
  });
});

Deno.test("a lazy child is started by whoever was passed its reference, from a worker as from here", async () => {
  await onStage(async (stage) => {
    const names = ["asked", "told", "shown"];
    const tree = await stage.system.start("root", {
      children: [
        ...names.map((name) => child(name, counter, { from: 7 }, { lazy: true })),
        child(
          "lender",
          porter,
          (started) => Object.fromEntries(names.map((name) => [name, started.ref(Counter, name)])),
        ),
        child("porter", porter, {}),
      ],
    });
    const [lender, ref] = [tree.ref(Porter, "lender"), tree.ref(Porter, "porter")];
    await lender.call("give", { as: "asked", to: ref });
    await lender.call("give", { as: "told", to: ref });
    assert.ok(!stage.changes.includes("root/asked started"), "to hold it is not to use it");
    assert.equal(await ref.call("ask", { as: "asked" }), 7);
    await ref.call("add", { as: "told", by: 1 });
    await stage.until("root/told", "started");
    assert.equal(await (await lender.call("show", { as: "shown" })).call("total", {}), 7);
  });
});

Deno.test("a lazy child that failed is there again without being asked, behind the same reference", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [child("a", counter, { from: 7 }, { lazy: true })],
    });
    const ref = tree.ref(Counter, "a");
    await fails(ref.call("crash", { how: "throw" }), "died");
    await stage.until("root/a", "restarted");
    assert.equal(await ref.call("total", {}), 7);
  });
});

Deno.test("a lazy child that cannot start is tried as often as the intensity allows, then its caller is told", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      intensity: { restarts: 2, withinMs: 60_000 },
      children: [child("a", counter, () => assert.fail("no options today"), { lazy: true })],
    });
    const told = await fails(tree.ref(Counter, "a").call("total", {}), "failed");
    assert.match(told.message, /no options today/);
    assert.equal(tree.stats().children[0]!.restarts, 2);
  });
});

Deno.test("a lazy child can be removed, and its tree stopped, while it starts", async () => {
  await onStage(async (stage) => {
    for (const wait of [0, 1, 2, 4, 8, 16]) {
      const tree = await stage.system.start(`root${wait}`, {
        children: ["a", "b", "c"].map((name) => child(name, counter, { from: 7 }, { lazy: true })),
      });
      const calls = ["a", "b", "c"].map((name) =>
        tree.ref(Counter, name).call("total", {}).catch((error) => error.code)
      );
      await new Promise((resolve) => setTimeout(resolve, wait));
      await Promise.all([tree.remove("a"), tree.remove("b"), tree.stop()]);
      await tree.remove("c");
      // `died` is what one hears whose message had just begun.
      for (const end of await Promise.all(calls)) {
        assert.ok([7, "stopped", "died"].includes(end), String(end));
      }
      assert.deepEqual(tree.stats().children, []);
    }
  });
});

Deno.test("a lazy child in a subtree that failed is there for the messages that came meanwhile", async () => {
  await onStage(async (stage) => {
    const inner = subtree("t", {
      intensity: { restarts: 0, withinMs: 60_000 },
      children: [child("a", counter, { from: 1 }), child("lazy", counter, { from: 7 }, { lazy: true })],
    });
    const tree = await stage.system.start("root", { children: [inner] });
    const [a, lazy] = [tree.ref(Counter, "t/a"), tree.ref(Counter, "t/lazy")];
    const crashed = fails(a.call("crash", { how: "throw" }), "died");
    const totals = [lazy.call("total", {}), crashed.then(() => lazy.call("total", {}))];
    assert.deepEqual(await Promise.all(totals), [7, 7]);
    await stage.until("root/t", "restarted");
    assert.equal(await lazy.call("total", {}), 7);
  });
});
