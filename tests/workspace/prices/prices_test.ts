import assert from "node:assert/strict";
import { FREE, perMillion } from "../../../actors/models/price.ts";
import { priceOf, PRICES, requireKnownPrices } from "../../../workspace/prices/prices.ts";

Deno.test("the shipped table has a date and only prices that make sense", () => {
  assert.match(PRICES.date, /^20\d\d-[01]\d-[0-3]\d$/);
  assert.ok(Object.keys(PRICES.models).length > 20);
  for (const [model, { input, cached, output }] of Object.entries(PRICES.models)) {
    assert.deepEqual(
      Object.keys(PRICES.models[model]!).filter((key) => !["input", "cached", "output"].includes(key)),
      [],
    );
    assert.ok(input > 0 && input <= 100, model);
    assert.ok(output > input && output <= 500, model);
    assert.ok(cached === undefined || (cached > 0 && cached <= input), model);
  }
});

Deno.test("the same model costs the same through a reseller that adds nothing", () => {
  for (const [model, price] of Object.entries(PRICES.models)) {
    const [vendor, name] = model.split("/");
    const direct = vendor === "openai" && name !== undefined ? PRICES.models[name] : undefined;
    if (direct === undefined) continue;
    assert.deepEqual([price.input, price.output], [direct.input, direct.output], model);
  }
});

Deno.test("a price is looked up by its exact name, first in the overrides", () => {
  const table = { date: "2025-01-01", models: { a: { input: 1, output: 2 }, b: { input: 3, output: 4 } } };
  const overrides = { a: { input: 9, cached: 8, output: 10 }, c: { input: 0, output: 0 } };
  const cases: [model: string, price: ReturnType<typeof priceOf>][] = [
    ["a", perMillion({ input: 9, cached: 8, output: 10 })],
    ["b", perMillion({ input: 3, output: 4 })],
    ["c", FREE],
    ["b-2024-05-13", null],
    ["B", null],
    ["", null],
    ["toString", null],
    ["__proto__", null],
  ];
  for (const [model, price] of cases) assert.deepEqual(priceOf(model, table, overrides), price, model);
});

Deno.test("a limit in dollars needs the price of every model that may be asked", () => {
  const known = { model: "gpt-4o", price: FREE };
  const unknown = { model: "mystery", price: null };
  requireKnownPrices([known, unknown], {});
  requireKnownPrices([known], { nanoUsd: 0 });
  requireKnownPrices([], { nanoUsd: 1 });
  assert.throws(() => requireKnownPrices([known, unknown, unknown], { nanoUsd: 500_000_000 }), {
    code: "config_price_unknown",
    message:
      'Cannot keep to a limit of 0.5 USD: the price of "mystery" is not known. Set input and output, in ' +
      'USD per million tokens, under [prices."mystery"] in troupe.toml, or leave the limit in dollars out',
  });
});
