import assert from "node:assert/strict";
import { Alarm, GRACE_MS, Killed } from "../../../sandbox/python/alarm.ts";

/** Runs a test at a time of its own. */
function atTimes(test: (at: (ms: number) => void) => void): void {
  const { now } = performance;
  let time = 1_000;
  performance.now = () => time;
  try {
    test((ms) => time = 1_000 + ms);
  } finally {
    performance.now = now;
  }
}

Deno.test("an alarm interrupts once, and ends what goes on after the grace", () =>
  atTimes((at) => {
    const alarm = new Alarm();
    assert.deepEqual([alarm.next, alarm.signal(), alarm.due, alarm.rung], [Infinity, 0, false, false]);
    alarm.set(100);
    at(99);
    assert.deepEqual([alarm.next, alarm.signal(), alarm.due, alarm.rung], [1_100, 0, false, false]);
    at(100);
    assert.ok(alarm.due, "a wait is over");
    assert.ok(alarm.due, "which does not take the interrupt away");
    assert.equal(alarm.signal(), 2);
    assert.ok(alarm.rung);
    assert.equal(alarm.signal(), 0);
    at(100 + GRACE_MS - 1);
    assert.deepEqual([alarm.signal(), alarm.due], [0, false]);
    at(100 + GRACE_MS);
    assert.throws(() => alarm.signal(), Killed);
    assert.throws(() => alarm.signal(), Killed, "there is no way back");
    assert.throws(() => alarm.due, Killed);
  }));

Deno.test("an alarm can be rung, disarmed and set anew", () =>
  atTimes((at) => {
    const alarm = new Alarm();
    alarm.set(100);
    alarm.ring();
    assert.equal(alarm.signal(), 2);
    alarm.disarm();
    at(10_000);
    assert.equal(alarm.signal(), 0);
    alarm.set(50);
    assert.ok(!alarm.rung);
    alarm.ring();
    assert.equal(alarm.signal(), 2);
    at(10_000 + GRACE_MS);
    assert.throws(() => alarm.signal(), Killed);
  }));

Deno.test("another thread can have an alarm go off, for the run it was set for", () =>
  atTimes((at) => {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const alarm = new Alarm(stop);
    alarm.set(1_000);
    Atomics.store(stop, 0, 1);
    assert.ok(alarm.due);
    assert.equal(alarm.signal(), 2);
    assert.equal(alarm.signal(), 0, "once");
    at(GRACE_MS);
    assert.throws(() => alarm.signal(), Killed);
    alarm.disarm();
    alarm.set(1_000);
    assert.equal(alarm.signal(), 0, "the next run has a limit of its own");
  }));

Deno.test("a run that was given up before it began is interrupted as soon as it begins", () =>
  atTimes(() => {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const alarm = new Alarm(stop);
    Atomics.store(stop, 0, 1);
    assert.ok(!alarm.due, "nothing runs");
    alarm.set(1_000);
    assert.equal(alarm.signal(), 2);
    alarm.disarm();
    Atomics.store(stop, 0, 1);
    alarm.disarm();
    alarm.set(1_000);
    assert.equal(alarm.signal(), 0, "what came too late was forgotten");
  }));
