import assert from "node:assert/strict";
import fc from "fast-check";
import { lanes } from "../../../actors/agents/ordered_events.ts";
import type { RunEvent } from "../../../protocols/messages/run.ts";

const note = (message: string): RunEvent => ({ type: "log", agent: "a", level: "info", message });
const words = (events: RunEvent[]) => events.map((event) => event.type === "log" ? event.message : "?");

Deno.test("the first lane is told at once, later ones when all before them are closed", async () => {
  const told: RunEvent[] = [];
  const [a, b, c] = lanes(3, (event) => (told.push(event), Promise.resolve()));
  await b!.emit(note("b1"));
  await a!.emit(note("a1"));
  assert.deepEqual(words(told), ["a1"]);
  await c!.emit(note("c1"));
  await c!.close();
  await a!.emit(note("a2"));
  await a!.close();
  assert.deepEqual(words(told), ["a1", "a2", "b1"]);
  await b!.emit(note("b2"));
  await b!.close();
  assert.deepEqual(words(told), ["a1", "a2", "b1", "b2", "c1"]);
});

Deno.test("whatever the order of things, they are told lane by lane, each in its own order, none lost", async () => {
  const plan = fc.array(fc.array(fc.nat(3), { maxLength: 4 }), { minLength: 1, maxLength: 4 });
  await fc.assert(fc.asyncProperty(plan, fc.scheduler(), async (delays, scheduler) => {
    const told: RunEvent[] = [];
    const all = lanes(delays.length, async (event) => {
      await scheduler.schedule(Promise.resolve());
      told.push(event);
    });
    const work = delays.map(async (lane, at) => {
      for (const [n] of lane.entries()) {
        await scheduler.schedule(Promise.resolve());
        await all[at]!.emit(note(`${at}.${n}`));
      }
      await all[at]!.close();
    });
    await scheduler.waitFor(Promise.all(work));
    assert.deepEqual(words(told), delays.flatMap((lane, at) => lane.map((_, n) => `${at}.${n}`)));
  }));
});

Deno.test("a watcher that fails, fails everything after", async () => {
  const [a, b] = lanes(2, () => Promise.reject(new Error("gone")));
  await assert.rejects(a!.emit(note("a1")), /gone/);
  await assert.rejects(b!.emit(note("b1")), /gone/);
});
