import assert from "node:assert/strict";
import fc from "fast-check";
import { costNanoUsd, FREE, perMillion, type Price } from "../../../actors/models/price.ts";

const usage = (inputTokens: number, cachedTokens: number, outputTokens: number) => (
  { inputTokens, cachedTokens, outputTokens }
);

Deno.test("a printed price becomes whole pico-dollars a token", () => {
  const cases: [usdPerMillion: number, picoUsdPerToken: number][] = [
    [0, 0],
    [1, 1_000_000],
    [2.007, 2_007_000], // 2.007 * 10^6 is 2007000.0000000002
    [0.28, 280_000],
    [1.1, 1_100_000],
    [0.075, 75_000],
    [0.0375, 37_500],
    [0.003625, 3_625],
    [0.0000001, 1], // finer than a pico-dollar a token: up
    [600, 600_000_000],
    [1_000_000, 1_000_000_000_000],
  ];
  for (const [usd, pico] of cases) assert.equal(perMillion({ input: usd, output: 0 }).input, pico, `${usd}`);
});

Deno.test("a price without a cached one charges cached input as input", () => {
  assert.deepEqual(perMillion({ input: 3, output: 15 }), {
    input: 3_000_000,
    cached: 3_000_000,
    output: 15_000_000,
  });
  assert.equal(perMillion({ input: 3, cached: 0, output: 15 }).cached, 0);
});

Deno.test("a price that cannot be one is refused", () => {
  for (const usd of [-1, NaN, Infinity, 1_000_001]) {
    assert.throws(() => perMillion({ input: 1, output: usd }), RangeError, `${usd}`);
  }
});

Deno.test("a cost is exact and rounded up once", () => {
  const gpt4o = perMillion({ input: 2.5, cached: 1.25, output: 10 });
  const tiny: Price = { input: 1, cached: 1, output: 1 };
  const cases: [Price, ReturnType<typeof usage>, nanoUsd: number][] = [
    [gpt4o, usage(0, 0, 0), 0],
    [gpt4o, usage(1_000_000, 0, 0), 2_500_000_000],
    [gpt4o, usage(1_000_000, 1_000_000, 0), 1_250_000_000],
    [gpt4o, usage(1000, 400, 50), 600 * 2500 + 400 * 1250 + 50 * 10_000],
    [gpt4o, usage(10, 20, 0), 10 * 1250], // more cached than there was: not more than the input
    [perMillion({ input: 0.003625, output: 0 }), usage(1, 0, 0), 4], // 3.625
    [perMillion({ input: 0.003625, output: 0 }), usage(8, 0, 0), 29], // 29 exactly: not rounded per token
    [tiny, usage(1, 0, 0), 1],
    [tiny, usage(400, 300, 600), 1],
    [tiny, usage(400, 300, 601), 2],
    [FREE, usage(1e9, 0, 1e9), 0],
    // Beyond what a double holds in pico-dollars.
    [perMillion({ input: 600, output: 0 }), usage(999_999_999, 0, 0), 599_999_999_400_000],
  ];
  for (const [price, used, nanoUsd] of cases) assert.equal(costNanoUsd(price, used), nanoUsd);
});

Deno.test("a cost is never below what was used nor a nano-dollar above it", () => {
  const pico = fc.nat({ max: 600_000_000 });
  const tokens = fc.nat({ max: 10_000_000 });
  fc.assert(
    fc.property(pico, pico, pico, tokens, tokens, tokens, (input, cached, output, fresh, kept, said) => {
      const charged = BigInt(costNanoUsd({ input, cached, output }, usage(fresh + kept, kept, said))) * 1000n;
      const exact = BigInt(input) * BigInt(fresh) + BigInt(cached) * BigInt(kept) +
        BigInt(output) * BigInt(said);
      assert.ok(charged >= exact && charged - exact < 1000n, `${charged} for ${exact}`);
    }),
  );
});
