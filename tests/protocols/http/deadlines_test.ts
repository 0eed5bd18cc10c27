import assert from "node:assert/strict";
import { Deadlines, TOO_LATE } from "../../../protocols/http/deadlines.ts";
import { HandClock } from "../../support/hand_clock.ts";

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("what is not there in time is too late, what is counts, and failing is passed on", async () => {
  const clock = new HandClock();
  const deadlines = new Deadlines(clock);
  const never = new Promise<string>(() => {});
  const short = deadlines.within(1_500, never);
  const long = deadlines.within(60_000, never);
  assert.equal(await deadlines.within(1_500, Promise.resolve("there")), "there");
  await assert.rejects(deadlines.within(1_500, Promise.reject(new Error("broken"))), /broken/);
  for (
    const [ms, passed] of [[1_000, ""], [1_000, "short"], [57_000, "short"], [1_000, "short long"]] as const
  ) {
    clock.advance(ms);
    await settled();
    const is = async (name: string, wait: Promise<unknown>) =>
      await Promise.race([wait, Promise.resolve()]) === TOO_LATE ? name : undefined;
    const late = [await is("short", short), await is("long", long)];
    assert.equal(late.filter(Boolean).join(" "), passed);
  }
});

Deno.test("all waits share a timer, which ends when there are none, or at closing", async () => {
  const clock = new HandClock();
  const deadlines = new Deadlines(clock);
  await Promise.all([1, 2, 3].map((value) => deadlines.within(60_000, Promise.resolve(value))));
  assert.equal(clock.sleeping, 1);
  clock.advance(1_000);
  await settled();
  assert.equal(clock.sleeping, 0);
  void deadlines.within(60_000, new Promise(() => {}));
  assert.equal(clock.sleeping, 1);
  deadlines.close();
  assert.equal(clock.sleeping, 0);
});
