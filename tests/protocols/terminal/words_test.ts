import assert from "node:assert/strict";
import * as fc from "fast-check";
import { formatAge, formatMs } from "../../../protocols/terminal/duration.ts";
import { harmless, jsonLine, oneLine } from "../../../protocols/terminal/harmless.ts";
import { formatUsd, parseUsd } from "../../../protocols/terminal/money.ts";
import { argumentsPreview, columnsOf, preview } from "../../../protocols/terminal/preview.ts";

Deno.test("dollars are exact to the billionth, with two decimals at least", () => {
  const cases: [number | null, string][] = [
    [0, "0.00 USD"],
    [1, "0.000000001 USD"],
    [1_234_500, "0.0012345 USD"],
    [100_000_000, "0.10 USD"],
    [5_000_000_000, "5.00 USD"],
    [9_007_199_254_740_991, "9007199.254740991 USD"],
    [null, "cost unknown"],
  ];
  for (const [nanoUsd, text] of cases) assert.equal(formatUsd(nanoUsd), text);
});

Deno.test("an amount that was printed reads back as the same", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (nanoUsd) => {
    assert.equal(parseUsd(formatUsd(nanoUsd).replace(" USD", "")), nanoUsd);
  }));
});

Deno.test("what is no amount of dollars is none", () => {
  for (const text of ["", "-1", "1e3", "1.", ".5", "0.0000000001", "1,5", "9007200", "$1", "0x1"]) {
    assert.equal(parseUsd(text), undefined, text);
  }
  assert.equal(parseUsd("0.1"), 100_000_000);
  assert.equal(parseUsd("29.99"), 29_990_000_000);
});

Deno.test("durations keep to the unit that fits", () => {
  const cases: [number, string][] = [
    [0, "0 ms"],
    [0.4, "0 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [59_949, "59.9 s"],
    [59_950, "1 min 00 s"],
    [3_725_000, "62 min 05 s"],
  ];
  for (const [ms, text] of cases) assert.equal(formatMs(ms), text, String(ms));
});

Deno.test("ages are whole units, and never negative", () => {
  const cases: [number, string][] = [
    [-5_000, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_599_999, "59 min"],
    [7_200_000, "2 h"],
    [86_400_000, "1 d"],
  ];
  for (const [ms, text] of cases) assert.equal(formatAge(ms), text, String(ms));
});

Deno.test("what steers a terminal is written out; new lines and tabs stay", () => {
  assert.equal(harmless("a\tb\nc\r\nd"), "a\tb\nc\nd");
  assert.equal(harmless("\x1b[2J\x07\x00\x7f\x9b\r\u202e"), "\\x1b[2J\\x07\\x00\\x7f\\x9b\\x0d\\u202e");
  assert.equal(harmless("\u2066\u2067\u2068\u2069\u202a\u200e"), "\\u2066\\u2067\\u2068\\u2069\\u202a\u200e");
  assert.equal(oneLine(" a\n\tb\x1b "), "a b\\x1b");
});

Deno.test("a JSON line is one line without control characters, and says the same", () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xff }).map((unit) => String.fromCharCode(unit)));
  fc.assert(fc.property(units, fc.string({ unit: "grapheme" }), (parts, text) => {
    const value = { [text]: [parts.join(""), "\ud800", "\u2028"] };
    const line = jsonLine(value);
    assert.doesNotMatch(line.slice(0, -1), /\p{Cc}/u);
    assert.deepEqual(JSON.parse(line), value);
  }));
});

Deno.test("a preview fits its columns, says when it was cut, and cuts no character in two", () => {
  assert.equal(preview("short", 5), "short");
  assert.equal(preview("longer", 5), "long…");
  assert.equal(preview("two  words\n here", 40), "two words here");
  assert.equal(preview("排序排序", 7), "排序排…");
  assert.equal(preview("排序排序", 8), "排序排序");
  assert.equal(preview("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5), "👩‍👩‍👧👩‍👩‍👧…");
  assert.equal(preview("abc", 1), "…");
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 30 }), (text, columns) => {
    assert.ok(columnsOf(preview(text, columns)) <= columns);
  }));
});

Deno.test("a preview of ten megabytes looks at no more than it shows", () => {
  const began = performance.now();
  assert.equal(preview("x".repeat(10_000_000), 60), `${"x".repeat(59)}…`);
  assert.ok(performance.now() - began < 200);
});

Deno.test("arguments are named where they are an object, else as they were written", () => {
  assert.equal(argumentsPreview('{"a":1,"b":"x\\ny","c":[true]}', 60), 'a=1 b="x\\ny" c=[true]');
  assert.equal(argumentsPreview("{}", 60), "");
  assert.equal(argumentsPreview('{"a":', 60), '{"a":');
  assert.equal(argumentsPreview("[1]", 60), "[1]");
  assert.equal(argumentsPreview("null", 60), "null");
});
