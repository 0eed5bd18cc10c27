import assert from "node:assert/strict";
import fc from "fast-check";
import { newId } from "../../../supervisor/actor/id.ts";

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });

Deno.test("an id is 26 lower-case characters, as the ULID specification writes them", () => {
  const none = new Uint8Array(10);
  assert.equal(newId(1_469_918_176_385, none), "01aryz6s410000000000000000");
  assert.equal(newId(2 ** 48 - 1, none.map(() => 255)), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
  fc.assert(
    fc.property(time, random, (now, bytes) => /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(newId(now, bytes))),
  );
});

Deno.test("ids sort by time, then by luck, and differ when either does", () => {
  fc.assert(fc.property(time, random, time, random, (a, one, b, other) => {
    const [first, second] = [newId(a, one), newId(b, other)];
    if (a !== b) return a < b === first < second;
    const bytes = one.findIndex((byte, i) => byte !== other[i]);
    return bytes < 0 ? first === second : one[bytes]! < other[bytes]! === first < second;
  }));
});
