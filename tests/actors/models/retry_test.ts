import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { delayMs, RETRY, retryAfterMs } from "../../../actors/models/retry.ts";

Deno.test("O06: waits 100 ms, then twice as long each time, up to 60 s", () => {
  const waits = [1, 2, 3, 10, 11, 50].map((tried) => delayMs(RETRY, tried, 0));
  equal(waits.join(), "100,200,400,51200,60000,60000");
  equal(RETRY.attempts, 3);
});

Deno.test("luck takes at most half of a wait off, and nothing below what the provider asked for", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 0, max: 200_000 }),
      (tried, luck, asked) => {
        const full = delayMs(RETRY, tried, 0);
        const wait = delayMs(RETRY, tried, luck, asked);
        ok(wait >= full / 2 && wait >= Math.min(asked, RETRY.capMs) && wait <= RETRY.capMs);
      },
    ),
  );
});

const NOW = Date.parse("2026-11-20T00:00:00Z");
const HEADERS: [name: string, headers: Record<string, string>, ms: number | undefined][] = [
  ["seconds", { "retry-after": "7" }, 7_000],
  ["fractions of a second", { "retry-after": "0.25" }, 250],
  ["a date", { "retry-after": "Fri, 20 Nov 2026 00:00:09 GMT" }, 9_000],
  ["a date that has passed", { "retry-after": "Thu, 19 Nov 2026 00:00:00 GMT" }, 0],
  ["milliseconds, which win", { "retry-after": "7", "retry-after-ms": "12" }, 12],
  ["nonsense", { "retry-after": "soon" }, undefined],
  ["nothing", {}, undefined],
];
for (const [name, headers, ms] of HEADERS) {
  Deno.test(`Retry-After: reads ${name}`, () => equal(retryAfterMs(new Headers(headers), NOW), ms));
}
