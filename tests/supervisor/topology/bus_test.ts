import assert from "node:assert/strict";
import { Bus, type BusItem, type BusMessage, type Target } from "../../../protocols/messages/bus.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import { System } from "../../../supervisor/system.ts";
import { bus } from "../../../supervisor/topology/bus.ts";
import { child } from "../../../supervisor/tree/spec.ts";

async function withBus(capacity: number, test: (bus: ActorRef<typeof Bus>) => Promise<void>): Promise<void> {
  const system = new System();
  try {
    const tree = await system.start("root", { children: [child("bus", bus, { capacity })] });
    await test(tree.ref(Bus, "bus"));
  } finally {
    await system.close();
  }
}

const message = (target: Target, content: unknown, topic = "news"): BusMessage => ({
  from: "test",
  topic,
  target,
  content,
});
const BROADCAST: Target = { to: "broadcast" };

/** The next `count` items, after which the subscription is given up. */
async function take(items: AsyncIterable<BusItem>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const item of items) {
    taken.push(item.type === "message" ? item.message.content : item);
    if (taken.length === count) break;
  }
  return taken;
}

/** Subscriptions are in place once a call on the same reference is answered (K2). */
async function settled(ref: ActorRef<typeof Bus>): Promise<void> {
  await ref.call("send", message({ to: "specific", id: "nobody" }, null)).catch(() => {});
}

Deno.test("a broadcast reaches every subscriber, a specific message its id, a role message its role", async () => {
  await withBus(256, async (ref) => {
    const streams = [
      ref.stream("subscribe", { id: "ann", role: "critic" }),
      ref.stream("subscribe", { id: "bob", role: "coder" }),
      ref.stream("subscribe", { id: "cy", role: "coder" }),
    ];
    await settled(ref);
    assert.equal(await ref.call("send", message(BROADCAST, 1)), 3);
    assert.equal(await ref.call("send", message({ to: "specific", id: "bob" }, 2)), 1);
    assert.equal(await ref.call("send", message({ to: "role", role: "coder" }, 3)), 2);
    assert.equal(await ref.call("send", message({ to: "role", role: "critic" }, 4)), 1);
    const seen = await Promise.all([take(streams[0]!, 2), take(streams[1]!, 3), take(streams[2]!, 2)]);
    assert.deepEqual(seen, [[1, 4], [1, 2, 3], [1, 3]]);
  });
});

Deno.test("a subscriber of some topics receives no others", async () => {
  await withBus(256, async (ref) => {
    const stream = ref.stream("subscribe", { id: "ann", topics: ["sport"] });
    await settled(ref);
    ref.cast("publish", message(BROADCAST, "rain", "weather"));
    ref.cast("publish", message(BROADCAST, "goal", "sport"));
    assert.deepEqual(await take(stream, 1), ["goal"]);
  });
});

Deno.test("a message for nobody fails with undeliverable", async () => {
  await withBus(256, async (ref) => {
    await assert.rejects(ref.call("send", message(BROADCAST, 1)), { code: "undeliverable" });
  });
});

Deno.test("a subscriber that left is no longer reached", async () => {
  await withBus(256, async (ref) => {
    const stream = ref.stream("subscribe", { id: "ann" });
    await settled(ref);
    stream.cancel();
    await assert.rejects(stream.reply, { code: "cancelled" });
    await assert.rejects(ref.call("send", message(BROADCAST, 1)), { code: "undeliverable" });
  });
});

Deno.test("a slow subscriber misses the oldest, is told how many, and slows nobody", async () => {
  await withBus(8, async (ref) => {
    const slow = ref.stream("subscribe", { id: "slow" });
    const quick = ref.stream("subscribe", { id: "quick" });
    await settled(ref);
    const all = 200;
    const seen = take(quick, all);
    for (let n = 1; n <= all; n++) await ref.call("send", message(BROADCAST, n));
    assert.deepEqual(await seen, Array.from({ length: all }, (_, i) => i + 1));
    const late: number[] = [];
    let missed = 0;
    for await (const item of slow) {
      if (item.type === "lagged") missed += item.missed;
      else late.push(item.message.content as number);
      if (late.at(-1) === all) break;
    }
    assert.ok(missed > 0);
    assert.equal(late.length + missed, all, "what was not received was counted");
    assert.deepEqual(late.slice(-8), Array.from({ length: 8 }, (_, i) => all - 7 + i), "the newest are kept");
  });
});
