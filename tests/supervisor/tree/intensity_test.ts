import assert from "node:assert/strict";
import fc from "fast-check";
import { BACKOFF, delayBefore, RestartWindow } from "../../../supervisor/tree/intensity.ts";

Deno.test("K8 a window admits as many restarts as it says and no more", () => {
  const window = new RestartWindow({ restarts: 2, withinMs: 100 });
  const cases: [now: number, admitted: boolean][] = [
    [0, true],
    [10, true],
    [20, false],
    [99, false],
    [205, true],
    [206, true],
    [207, false],
  ];
  for (const [now, admitted] of cases) assert.equal(window.admit(now), admitted, `at ${now} ms`);
});

Deno.test("a restart leaves the window when it is exactly as old as the window is long", () => {
  const window = new RestartWindow({ restarts: 1, withinMs: 100 });
  assert.deepEqual([0, 99, 200].map((now) => window.admit(now)), [true, false, true]);
  assert.equal(new RestartWindow({ restarts: 0, withinMs: 100 }).admit(0), false);
});

Deno.test("a window never admits more than it may within any stretch of its length", () => {
  const steps = fc.array(fc.nat({ max: 50 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 120 }), steps, (restarts, withinMs, steps) => {
      const window = new RestartWindow({ restarts, withinMs });
      const admitted: number[] = [];
      let now = 0;
      for (const step of steps) {
        now += step;
        if (window.admit(now)) admitted.push(now);
        assert.ok(admitted.filter((time) => now - time < withinMs).length <= restarts);
      }
    }),
  );
});

const DELAYS: [attempt: number, backoff: Partial<typeof BACKOFF>, random: number, ms: number][] = [
  [1, {}, 0, 0],
  [2, {}, 0, 10],
  [3, {}, 0, 20],
  [6, {}, 0, 160],
  [2, {}, 0.5, 7.5],
  [2, {}, 1, 5],
  [2, { jitter: 0 }, 1, 10],
  [2, { jitter: 1 }, 1, 0],
  [1, { baseMs: 100 }, 0, 100],
  [2, { baseMs: 100 }, 0, 200],
  [5, { baseMs: 100 }, 0, 1_600],
  [5, { baseMs: 100, capMs: 500 }, 0, 500],
  [5, { baseMs: 100, capMs: 500 }, 1, 250],
  [60, {}, 0, 60_000],
  [2_000, { baseMs: 1 }, 0, 60_000],
];

Deno.test("waits double from their base up to a cap, less a random share", () => {
  for (const [attempt, backoff, random, ms] of DELAYS) {
    assert.equal(
      delayBefore(attempt, { ...BACKOFF, ...backoff }, random),
      ms,
      JSON.stringify([attempt, backoff]),
    );
  }
});

Deno.test("a wait is between nothing and the cap, and never shorter than the jitter allows", () => {
  const backoff = fc.record({
    baseMs: fc.nat({ max: 10_000 }),
    capMs: fc.nat({ max: 100_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.integer({ min: 1, max: 2_000 }), backoff, random, (attempt, backoff, random) => {
    const [ms, most] = [delayBefore(attempt, backoff, random), delayBefore(attempt, backoff, 0)];
    assert.ok(ms >= 0 && ms <= backoff.capMs && ms <= most);
    assert.ok(ms >= most * (1 - backoff.jitter) - 1e-9);
    assert.ok(delayBefore(attempt + 1, backoff, 0) >= most);
  }));
});
