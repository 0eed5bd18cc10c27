import assert from "node:assert/strict";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { LEDGER_SLOTS } from "../../supervisor/actor/control.ts";
import { child } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Keeper, Porter, porter } from "../workers/porter.ts";
import { Recorder, recorder } from "../workers/recorder.ts";
import { Talker, talker } from "../workers/talker.ts";
import { HandClock } from "../support/hand_clock.ts";
import { block, fails, onStage, type Stage, startWaiter } from "./stage.ts";

/** A counter "a" from 7, and porters of whom only "lender" holds it. */
async function startPorters({ system }: Stage, porters = ["one", "two"]) {
  const tree = await system.start("root", {
    intensity: { restarts: 100, withinMs: 1_000 },
    children: [
      child("a", counter, { from: 7 }),
      child("lender", porter, (started) => ({ a: started.ref(Counter, "a") })),
      ...porters.map((name) => child(name, porter, {})),
    ],
  });
  const ref = (name: string) => tree.ref(Porter, name);
  return { tree, a: tree.ref(Counter, "a"), lender: ref("lender"), ref };
}

/** Kills a child and waits until it is there again. */
async function restart(stage: Stage, tree: Supervisor, name: string, times = 1): Promise<void> {
  tree.kill(name, "a test says so");
  await stage.until(`root/${name}`, "restarted", times);
}

Deno.test("K9 a reference survives restarts, and what is sent while its actor is down waits", async () => {
  await onStage(async (stage) => {
    const { tree, a } = await startPorters(stage);
    for (let life = 1; life <= 3; life++) {
      tree.kill("a", "a test says so");
      await stage.until("root/a", "died", life);
      assert.equal(a.cast("add", { by: 1 }), false, "it is down and the message waits");
      assert.equal(await a.call("total", {}), 8);
    }
    assert.equal(tree.stats().totalRestarts, 3);
  });
});

Deno.test("K9 what had begun fails with died, what had not is done by the next life in order", async () => {
  await onStage(async (stage) => {
    const { waiter, gate, tree } = await startWaiter(stage);
    const begun = fails(waiter.call("wait", { place: "never" }), "died");
    await gate.call("reached", { place: "never", count: 1 });
    for (const text of ["1", "2", "3"]) waiter.cast("mark", { text });
    const queued = waiter.call("marks", {});
    waiter.cast("mark", { text: "4" });
    await restart(stage, tree, "waiter");
    assert.match((await begun).message, /"root\/waiter" died \(a test says so\)/);
    assert.deepEqual(await queued, ["1", "2", "3"]);
    assert.deepEqual(await waiter.call("marks", {}), ["1", "2", "3", "4"]);
  });
});

Deno.test("K9 a call to an actor that is down fails by its deadline", async () => {
  const clock = new HandClock();
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      backoff: { baseMs: 1_000 },
      children: [child("a", counter, { from: 7 }), child("other", counter, { from: 1 })],
    });
    const a = tree.ref(Counter, "a");
    tree.kill("a", "a test says so");
    await stage.until("root/a", "died");
    await fails(a.call("total", {}, { timeoutMs: 20 }), "timeout");
    const waits = a.call("total", {});
    clock.advance(1_000);
    assert.equal(await waits, 7);
  }, { clock, random: () => 0 });
});

Deno.test("K9 after two deaths in a row a slow holder still gets its replies, and nothing is done twice", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [file, signal] = [`${folder}/record`, `${folder}/signal`];
    await Deno.writeTextFile(file, "");
    const handled = async () => (await Deno.readTextFile(file)).split("\n").length - 1;
    await onStage(async (stage) => {
      const tree = await stage.system.start("root", {
        children: [
          child("recorder", recorder, { file }, { grant: { write: [file] } }),
          child("talker", talker, (started) => ({ recorder: started.ref(Recorder, "recorder") }), {
            grant: { read: [signal] },
          }),
        ],
      });
      const talk = tree.ref(Talker, "talker").call("talk", {
        from: "talker",
        count: 300,
        timeoutMs: 10_000,
        deafUntil: signal,
      });
      while (await handled() < 300);
      await tree.ref(Recorder, "recorder").call("ask", { from: "main", n: 0, death: "none" });
      await restart(stage, tree, "recorder");
      await restart(stage, tree, "recorder", 2);
      await Deno.writeTextFile(signal, "");
      assert.deepEqual(await talk, { answered: 100 });
    });
    assert.equal(await handled(), 301);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a reference passed in a message works in the receiver, and in whoever gets it from there", async () => {
  await onStage(async (stage) => {
    const { lender, ref } = await startPorters(stage);
    await lender.call("give", { as: "a", to: ref("one") });
    assert.equal(await ref("one").call("ask", { as: "a" }), 7);
    await ref("one").call("give", { as: "a", to: ref("two") });
    assert.equal(await ref("two").call("add", { as: "a", by: 3 }), true);
    assert.equal(await ref("two").call("ask", { as: "a" }), 10);
  });
});

Deno.test("K9 a reference works after the death of whoever passed it on and of its actor", async () => {
  await onStage(async (stage) => {
    const { tree, lender, ref } = await startPorters(stage);
    await lender.call("give", { as: "a", to: ref("one") });
    await ref("one").call("give", { as: "a", to: ref("two") });
    await restart(stage, tree, "lender");
    await restart(stage, tree, "one");
    assert.equal(await ref("two").call("ask", { as: "a" }), 7);
    await restart(stage, tree, "a");
    assert.equal(await ref("two").call("ask", { as: "a" }), 7);
    assert.equal(await lender.call("ask", { as: "a" }), 7, "options give a new life its references again");
  });
});

Deno.test("a reference passed on faster than the main thread books it works all the same", async () => {
  await onStage(async (stage) => {
    const names = ["one", "two", "three", "four"];
    const { a, ref } = await startPorters(stage, names);
    for (const route of [names, names.toReversed()]) {
      const [first, ...rest] = route.map((name) => ref(name) as unknown as ActorRef);
      const passed = (first as unknown as ActorRef<typeof Keeper>).call("pass", { counter: a, to: rest });
      await Promise.resolve();
      block(60);
      await passed;
      assert.equal(await ref(route.at(-1)!).call("ask", { as: "passed", timeoutMs: 2_000 }), 7);
    }
  });
});

Deno.test("a reference to an actor that is down can be passed on", async () => {
  await onStage(async (stage) => {
    const { tree, a, lender, ref } = await startPorters(stage);
    tree.kill("a", "a test says so");
    await lender.call("give", { as: "a", to: ref("one") });
    assert.equal(await ref("one").call("ask", { as: "a" }), 7);
    tree.kill("a", "a test says so");
    const shown = await lender.call("show", { as: "a" });
    assert.equal(await shown.call("total", {}), 7);
    await tree.remove("a");
    await fails(a.call("total", {}), "stopped");
    await fails((await lender.call("show", { as: "a" })).call("total", {}), "revoked");
  });
});

Deno.test("a reference in a message to an actor that died on the way arrives at its next life", async () => {
  await onStage(async (stage) => {
    const { tree, lender, ref } = await startPorters(stage);
    for (let life = 1; life <= 5; life++) {
      tree.kill("one", "a test says so");
      await lender.call("give", { as: "a", to: ref("one") });
      assert.equal(await ref("one").call("ask", { as: "a" }), 7);
      ref("one").cast("crash", {});
      lender.cast("toss", { as: "a", to: ref("one") });
      await stage.until("root/one", "restarted", life * 2);
    }
  });
});

Deno.test("a reference comes back in the reply of a call and in the items of a stream", async () => {
  await onStage(async (stage) => {
    const { lender, a } = await startPorters(stage);
    const shown = await lender.call("show", { as: "a" });
    assert.equal(shown.name, "root/a");
    shown.cast("add", { by: 1 });
    assert.equal(await shown.call("total", {}), 8);
    const stream = lender.stream("showAll", {});
    for await (const counter of stream) assert.equal(await counter.call("total", {}), 8);
    assert.equal(await stream.reply, 1);
    shown.close();
    await fails(shown.call("total", {}), "closed");
    assert.equal(await a.call("total", {}), 8, "others are not closed with it");
  });
});

Deno.test("an actor hands out itself, and the reference survives its restart", async () => {
  await onStage(async (stage) => {
    const { tree, lender, a, ref } = await startPorters(stage);
    const self = await lender.call("me", {});
    assert.equal(self.name, "root/lender");
    await self.call("keep", { as: "other", counter: a });
    assert.equal(await lender.call("ask", { as: "other" }), 7);
    await restart(stage, tree, "lender");
    await self.call("keep", { as: "another", counter: a });
    assert.equal(await lender.call("ask", { as: "another" }), 7);
    await lender.call("give", { as: "a", to: self as unknown as typeof lender }, { timeoutMs: 100 })
      .catch((error) => assert.equal(error.code, "timeout", "it cannot call itself: it is busy"));
    void ref;
  });
});

Deno.test("what was lent works until it is taken back, for all who have it from there and no others", async () => {
  await onStage(async (stage) => {
    const { lender, ref } = await startPorters(stage, ["one", "two", "three"]);
    await lender.call("lend", { as: "a", to: ref("one") });
    await ref("one").call("give", { as: "a", to: ref("two") });
    await ref("two").call("lend", { as: "a", to: ref("three") });
    for (const name of ["one", "two", "three"]) assert.equal(await ref(name).call("ask", { as: "a" }), 7);
    await ref("two").call("revoke", {});
    await fails(ref("three").call("ask", { as: "a" }), "revoked");
    for (const name of ["one", "two"]) assert.equal(await ref(name).call("ask", { as: "a" }), 7);
    await lender.call("revoke", {});
    for (const name of ["one", "two", "three"]) {
      const fault = await fails(ref(name).call("ask", { as: "a" }), "revoked");
      assert.equal(fault.message, 'Cannot reach "root/a": the reference was revoked');
      await fails(ref(name).call("add", { as: "a", by: 1 }), "revoked");
    }
    assert.equal(await lender.call("ask", { as: "a" }), 7, "the lender keeps its own");
  });
});

Deno.test("a call that waits when its reference is revoked fails with revoked", async () => {
  await onStage(async (stage) => {
    const { lender, ref, tree } = await startPorters(stage);
    await lender.call("lend", { as: "a", to: ref("one") });
    const stream = tree.ref(Counter, "a").stream("count", { to: 1_000_000 });
    await stream[Symbol.asyncIterator]().next();
    const waits = fails(ref("one").call("ask", { as: "a" }), "revoked");
    await ref("two").call("me", {});
    await lender.call("revoke", {});
    await waits;
    stream.cancel();
    await fails(stream.reply, "cancelled");
  });
});

Deno.test("a revoked reference stays revoked when its actor restarts, and cannot be passed on", async () => {
  await onStage(async (stage) => {
    const { tree, lender, ref } = await startPorters(stage);
    await lender.call("lend", { as: "a", to: ref("one") });
    await lender.call("revoke", {});
    await restart(stage, tree, "a");
    await fails(ref("one").call("ask", { as: "a" }), "revoked");
    await ref("one").call("give", { as: "a", to: ref("two") });
    await fails(ref("two").call("ask", { as: "a" }), "revoked");
  });
});

Deno.test("whoever lent a reference can use the lent one until it takes it back", async () => {
  await onStage(async (stage) => {
    const { a, ref } = await startPorters(stage);
    const lent = a.lend();
    assert.equal(lent.name, "root/a");
    await ref("one").call("keep", { as: "a", counter: lent });
    assert.equal(await lent.call("total", {}), 7);
    lent.revoke();
    await fails(lent.call("total", {}), "revoked");
    assert.throws(() => lent.cast("add", { by: 1 }), { code: "revoked" });
    await fails(lent.stream("count", { to: 1 }).reply, "revoked");
    await fails(lent.ready(), "revoked");
    await ref("two").call("keep", { as: "a", counter: lent });
    for (const name of ["one", "two"]) await fails(ref(name).call("ask", { as: "a" }), "revoked");
    assert.equal(await a.call("total", {}), 7);
    lent.revoke();
  });
});

Deno.test("what was lent of what was lent ends with either", async () => {
  await onStage(async (stage) => {
    const { a, ref } = await startPorters(stage);
    const outer = a.lend();
    const inner = outer.lend();
    const other = outer.lend();
    await ref("one").call("keep", { as: "a", counter: inner });
    await ref("two").call("keep", { as: "a", counter: other });
    inner.revoke();
    await fails(ref("one").call("ask", { as: "a" }), "revoked");
    assert.equal(await ref("two").call("ask", { as: "a" }), 7);
    outer.revoke();
    await fails(ref("two").call("ask", { as: "a" }), "revoked");
    await fails(other.call("total", {}), "revoked");
  });
});

Deno.test("closing what was lent closes nothing else", async () => {
  await onStage(async (stage) => {
    const { a } = await startPorters(stage);
    const lent = a.lend();
    lent.close();
    await fails(lent.call("total", {}), "closed");
    assert.equal(await a.call("total", {}), 7);
  });
});

Deno.test("only what was lent can be taken back", async () => {
  await onStage(async (stage) => {
    const { a } = await startPorters(stage);
    assert.throws(() => (a as unknown as { revoke(): void }).revoke(), { code: "not_lent" });
  });
});

Deno.test("a closed reference fails with closed, and so do its waiting calls", async () => {
  await onStage(async (stage) => {
    const { waiter, gate, tree } = await startWaiter(stage);
    const waits = fails(waiter.call("listen", { place: "never" }), "closed");
    await gate.call("reached", { place: "never", count: 1 });
    waiter.close();
    await waits;
    await fails(waiter.call("marks", {}), "closed");
    assert.throws(() => waiter.cast("mark", { text: "" }), { code: "closed" });
    await fails(waiter.ready(), "closed");
    const { Waiter } = await import("../workers/waiter.ts");
    const marks = await tree.ref(Waiter, "waiter").call("marks", {});
    assert.deepEqual(marks, ["aborted: caller_gone"], "its owner gives out a new one");
  });
});

Deno.test("a reference cannot be written anywhere but into a message", async () => {
  await onStage(async (stage) => {
    const { a } = await startPorters(stage);
    assert.throws(() => JSON.stringify({ a }), { code: "not_a_message" });
    assert.equal(await a.call("total", {}), 7);
  });
});

Deno.test("data that looks like a reference is refused or stays data", async () => {
  await onStage(async (stage) => {
    const { a, lender } = await startPorters(stage);
    const forged = { "\u0000ref": 5, token: crypto.randomUUID(), name: "root/a" };
    await fails(lender.call("keep", { as: "b", counter: a, more: forged } as never), "bad_request");
    await lender.call("keep", { as: "b", counter: forged as never });
    assert.equal(await lender.call("ask", { as: "a" }), 7);
    assert.deepEqual(stage.changes.filter((change) => change.endsWith("died")), []);
  });
});

Deno.test("a place given back is another's only when its last message is done", async () => {
  await onStage(async (stage) => {
    const { tree, a, lender } = await startPorters(stage);
    const first = a.stream("count", { to: 1_000_000 });
    await first[Symbol.asyncIterator]().next();
    const old = await lender.call("show", { as: "a" });
    for (let n = 0; n < 50; n++) old.cast("add", { by: 0 });
    await lender.call("me", {});
    old.close();
    const fresh = await lender.call("show", { as: "a" });
    const second = a.stream("count", { to: 1_000_000 });
    first.cancel();
    await second[Symbol.asyncIterator]().next();
    const waits = [1, 2, 3].map(() => fresh.call("total", {}));
    await lender.call("me", {});
    await restart(stage, tree, "a");
    assert.deepEqual(await Promise.all(waits), [7, 7, 7], "they had not begun");
    await fails(first.reply, "cancelled");
    await fails(second.reply, "died");
  });
});

Deno.test("references that were revoked or closed leave room in the ledger for others", async () => {
  await onStage(async (stage) => {
    const { tree, a, lender, ref } = await startPorters(stage);
    for (let n = 0; n <= LEDGER_SLOTS / 2; n++) {
      await lender.call("lend", { as: "a", to: ref("one") });
      await lender.call("revoke", {});
      (await lender.call("show", { as: "a" })).close();
    }
    const stream = a.stream("count", { to: 1_000_000 });
    await stream[Symbol.asyncIterator]().next();
    const shown = await lender.call("show", { as: "a" });
    const waits = shown.call("total", {});
    await restart(stage, tree, "a");
    assert.equal(await waits, 7, "it had not begun, and the ledger says so");
    await fails(stream.reply, "died");
  });
});
