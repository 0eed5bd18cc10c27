import assert from "node:assert/strict";
import { RateLimit } from "../../../protocols/http/rate_limit.ts";
import { HandClock } from "../../support/hand_clock.ts";

Deno.test("F079: a bucket holds a minute's requests and fills evenly", () => {
  const clock = new HandClock();
  const limit = new RateLimit(10, clock);
  for (let nth = 1; nth <= 10; nth++) assert.equal(limit.take("ann"), 0, String(nth));
  assert.equal(limit.take("ann"), 6);
  clock.advance(5_500);
  assert.equal(limit.take("ann"), 1, "asking in vain costs nothing");
  clock.advance(500);
  assert.deepEqual([limit.take("ann"), limit.take("ann")], [0, 6]);
  clock.advance(3_600_000);
  for (let nth = 1; nth <= 10; nth++) {
    assert.equal(limit.take("ann"), 0, "no more than one bucket is saved up");
  }
  assert.equal(limit.take("ann"), 6);
});

Deno.test("each caller has a bucket, 0 is without bound, and a clock that goes back harms nobody", () => {
  const clock = new HandClock();
  const limit = new RateLimit(1, clock);
  assert.deepEqual([limit.take("ann"), limit.take("ann"), limit.take("bob")], [0, 60, 0]);
  clock.advance(-10_000);
  assert.equal(limit.take("ann"), 60);
  const free = new RateLimit(0, clock);
  assert.deepEqual([free.take("ann"), free.take("ann"), free.size], [0, 0, 0]);
});

Deno.test("buckets are bounded in number: the one not asked for longest goes first", () => {
  const limit = new RateLimit(1, new HandClock(), 2);
  for (const who of ["ann", "bob", "ann", "cid"]) limit.take(who);
  assert.equal(limit.size, 2);
  assert.equal(limit.take("ann"), 60);
  assert.equal(limit.take("bob"), 0, "forgotten, so as if it were full");
});
