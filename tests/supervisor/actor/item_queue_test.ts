import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import { ItemQueue, STREAM_WINDOW } from "../../../supervisor/actor/item_queue.ts";

Deno.test("items come out in order, and the loop ends after those that were there", async () => {
  const queue = new ItemQueue<number>(() => {});
  queue.push(1);
  const all = Array.fromAsync(queue.iterate(() => assert.fail("it was not left")));
  queue.push(2);
  await Promise.resolve();
  queue.push(3);
  queue.close();
  assert.deepEqual(await all, [1, 2, 3]);
});

Deno.test("a failure comes after the items that were there", async () => {
  const queue = new ItemQueue<number>(() => {});
  queue.push(1);
  queue.fail(new Fault("broken", "Cannot go on"));
  const items = queue.iterate(() => assert.fail("it was not left"));
  assert.deepEqual(await items.next(), { value: 1, done: false });
  await assert.rejects(items.next(), { code: "broken" });
});

Deno.test("leaving the loop early is reported once, and not when it was over", async () => {
  const queue = new ItemQueue<number>(() => {});
  let left = 0;
  queue.push(1);
  for await (const item of queue.iterate(() => left++)) if (item === 1) break;
  assert.equal(left, 1);
  const closed = new ItemQueue<number>(() => {});
  closed.push(1);
  closed.close();
  for await (const _ of closed.iterate(() => left++)) break;
  assert.equal(left, 1);
});

Deno.test("K4 credits are given back as items are taken, half a window at a time", async () => {
  const given: number[] = [];
  const queue = new ItemQueue<number>((n) => given.push(n));
  const items = queue.iterate(() => {});
  for (let n = 0; n < STREAM_WINDOW; n++) queue.push(n);
  assert.deepEqual(given, [], "what was not taken gives nothing back");
  for (let n = 0; n <= STREAM_WINDOW / 2; n++) await items.next();
  assert.deepEqual(given, [STREAM_WINDOW / 2]);
  for (let n = STREAM_WINDOW / 2 + 1; n < STREAM_WINDOW; n++) await items.next();
  const last = items.next();
  assert.deepEqual(given, [STREAM_WINDOW / 2, STREAM_WINDOW / 2]);
  queue.close();
  assert.equal((await last).done, true);
});
