import assert from "node:assert/strict";
import fc from "fast-check";
import { isDeeperThan } from "../../../protocols/http/nesting.ts";

const deeper = (most: number, json: string) => isDeeperThan(most, new TextEncoder().encode(json));

Deno.test("how deep JSON goes is found out without parsing it", () => {
  const cases: [json: string, depth: number][] = [
    ["7", 0],
    ['"[[[["', 0],
    ['"\\"[[["', 0],
    ['"\\\\"', 0],
    ["[]", 1],
    ['{"a":[1,{"b":"]"}]}', 3],
    ['["\\\\",["\\""],[]]', 2],
    [`${"[".repeat(129)}${"]".repeat(129)}`, 129],
    ['"no end [[[', 0],
    ['"\\', 0],
    ["]]]][", 0],
  ];
  for (const [json, depth] of cases) {
    assert.ok(!deeper(depth, json), json);
    if (depth > 0) assert.ok(deeper(depth - 1, json), json);
  }
});

Deno.test("of whatever JSON, it is as deep as it is", () => {
  const depthOf = (value: unknown): number =>
    typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const depth = depthOf(value);
    const json = JSON.stringify(value);
    return !deeper(depth, json) && (depth === 0 || deeper(depth - 1, json));
  }));
});
