import assert from "node:assert/strict";
import { STREAM_WINDOW } from "../../supervisor/actor/item_queue.ts";
import { WINDOW } from "../../supervisor/actor/outbox.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { Counter, counter } from "../workers/counter.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Waiter } from "../workers/waiter.ts";
import { Porter, porter } from "../workers/porter.ts";
import { fails, onStage, startWaiter } from "./stage.ts";

Deno.test("K4 a full mailbox says so, refuses what is beyond all bounds, and nothing accepted is lost", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const said = [waiter.cast("pause", { place: "door" })];
    await gate.call("reached", { place: "door", count: 1 });
    for (let n = 1; n < 2 * WINDOW; n++) said.push(waiter.cast("mark", { text: String(n) }));
    assert.equal(said.indexOf(false), WINDOW - 1, "false is said when the window is full");
    assert.equal(said.lastIndexOf(true), WINDOW - 2, "and to all after that");
    assert.throws(
      () => waiter.cast("mark", { text: "too many" }),
      (error) => error instanceof Fault && error.code === "mailbox_full" && error.retry === "later",
    );
    await fails(waiter.call("marks", {}), "mailbox_full");
    const ready = waiter.ready();
    await gate.call("open", { place: "door" });
    await ready;
    const marks = await waiter.call("marks", {});
    assert.deepEqual(marks, Array.from({ length: 2 * WINDOW - 1 }, (_, i) => String(i + 1)));
  });
});

Deno.test("K4 a sender that awaits ready() sends any number of messages and is never refused", async () => {
  await onStage(async (stage) => {
    const { waiter } = await startWaiter(stage);
    const count = 5 * WINDOW;
    let slowed = 0;
    for (let n = 0; n < count; n++) {
      if (waiter.cast("mark", { text: String(n) })) continue;
      slowed++;
      await waiter.ready();
    }
    assert.ok(slowed > 0, "the sender is faster than the actor");
    assert.equal((await waiter.call("marks", {})).length, count);
    await waiter.ready();
  });
});

Deno.test("K4 one sender's full mailbox leaves other senders their own", async () => {
  await onStage(async (stage) => {
    const { tree, waiter, gate } = await startWaiter(stage);
    waiter.cast("pause", { place: "door" });
    await gate.call("reached", { place: "door", count: 1 });
    for (let n = 1; n < 2 * WINDOW; n++) waiter.cast("mark", { text: "mine" });
    assert.equal(gate.cast("note", { text: "free" }), true);
    assert.deepEqual(await gate.call("notes", {}), ["free"]);
    await gate.call("open", { place: "door" });
    await waiter.ready();
    await tree.stop();
  });
});

Deno.test("K4 calls given up while they wait give their room back", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    waiter.cast("pause", { place: "door" });
    await gate.call("reached", { place: "door", count: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: WINDOW - 1 }, () => waiter.call("marks", {}, { signal }));
    controller.abort();
    for (const call of calls) await fails(call, "cancelled");
    await gate.call("open", { place: "door" });
    assert.deepEqual(await waiter.call("marks", {}, { timeoutMs: 5_000 }), []);
  });
});

Deno.test("K4 a fast producer stops when the reader of its stream does, and goes on with it", async () => {
  await onStage(async (stage) => {
    const { waiter } = await startWaiter(stage);
    const stream = waiter.stream("pour", {});
    const items = stream[Symbol.asyncIterator]();
    await items.next();
    assert.equal(await standstill(waiter), STREAM_WINDOW);
    for (let taken = 1; taken <= STREAM_WINDOW / 2; taken++) await items.next();
    assert.equal(await standstill(waiter), STREAM_WINDOW * 1.5);
    await items.return!();
    await fails(stream.reply, "cancelled");
  });
});

/** How many items were sent, once no more are. */
async function standstill(waiter: ActorRef<typeof Waiter>): Promise<number> {
  let before = -1;
  let sent = 0;
  while (sent > before) {
    before = sent;
    sent = await waiter.call("poured", {});
    assert.ok(sent < 10 * STREAM_WINDOW, "it does not stop");
  }
  return sent;
}

Deno.test("K4 a producer is freed when its reader dies, gives up its reference or loses it", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [
        child("a", counter, { from: 7 }),
        child("lender", porter, (started) => ({ a: started.ref(Counter, "a") })),
        child("reader", porter, (started) => ({ a: started.ref(Counter, "a") })),
      ],
    });
    const total = () => tree.ref(Counter, "a").call("total", {}, { timeoutMs: 5_000 });
    const [lender, reader] = [tree.ref(Porter, "lender"), tree.ref(Porter, "reader")];
    assert.equal(await reader.call("sip", { as: "a" }), 1);
    await reader.call("drop", { as: "a" });
    assert.equal(await total(), 7);
    await lender.call("lend", { as: "a", to: reader });
    assert.equal(await reader.call("sip", { as: "a" }), 1);
    await lender.call("revoke", {});
    assert.equal(await total(), 7);
    await lender.call("give", { as: "a", to: reader });
    assert.equal(await reader.call("sip", { as: "a" }), 1);
    reader.cast("crash", {});
    await stage.until("root/reader", "died");
    assert.equal(await total(), 7);
  });
});

Deno.test("K4 a producer that waits for its reader hears a stop", async () => {
  await onStage(async (stage) => {
    const { waiter, tree } = await startWaiter(stage, { shutdownMs: 60_000 });
    const items = waiter.stream("flood", {})[Symbol.asyncIterator]();
    await items.next();
    await tree.stop();
    await fails(Array.fromAsync({ [Symbol.asyncIterator]: () => items }), "stopping");
  });
});

Deno.test("K4 late answers of deferred replies acknowledge nothing that came after them", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const half = WINDOW / 2 - 1;
    const first = waiter.call("promise", { place: "first", end: "reply" });
    const second = waiter.call("promise", { place: "second", end: "reply" });
    for (const [place, answer] of [["first", first], ["second", second]] as const) {
      for (let n = 0; n < half; n++) waiter.cast("mark", { text: place });
      await gate.call("open", { place });
      assert.equal(await answer, place);
    }
    waiter.cast("mark", { text: "third" });
    waiter.cast("mark", { text: "third" });
    const marks = await waiter.call("marks", {}, { timeoutMs: 5_000 });
    assert.equal(marks.length, 2 * half + 2);
  });
});
