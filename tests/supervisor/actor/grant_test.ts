import assert from "node:assert/strict";
import fc from "fast-check";
import { ALL, attenuate, type Grant, type Permissions } from "../../../supervisor/actor/grant.ts";

const ACCEPTED: [asked: Grant, allowed: Grant][] = [
  ["none", "none"],
  ["none", ALL],
  [{}, "none"],
  [{ read: [] }, "none"],
  [ALL, ALL],
  [{ read: ["/a"] }, { read: ["/a"] }],
  [{ read: ["/a/b/c"] }, { read: ["/a"] }],
  [{ read: ["/a/b"] }, { read: ["/"] }],
  [{ read: ["/a/b"] }, { read: ["/a/"] }],
  [{ read: ["/a/b/../c"] }, { read: ["/a"] }],
  [{ read: ["/a/./b"] }, { read: ["/a/b"] }],
  [{ read: ["data/x"] }, { read: [`${Deno.cwd()}/data`] }],
  [{ write: ["/a/..b"] }, { write: ["/a"] }],
  [{ read: ["/a", "/b"] }, { read: ["/b", "/a"] }],
  [{ net: ["host:80"] }, { net: ["host"] }],
  [{ net: ["host:80"] }, { net: ["host:80"] }],
  [{ net: ["[::1]:80"] }, { net: ["[::1]"] }],
  [{ env: ["A"], sys: ["hostname"], run: ["deno"] }, { env: ["A", "B"], sys: true, run: ["deno"] }],
];

const REFUSED: [asked: Grant, allowed: Grant][] = [
  [{ read: ["/a"] }, "none"],
  [{ read: true }, { read: ["/"] }],
  [{ read: ["/ab"] }, { read: ["/a"] }],
  [{ read: ["/"] }, { read: ["/a"] }],
  [{ read: ["/a/../b"] }, { read: ["/a"] }],
  [{ read: ["/a/.."] }, { read: ["/a"] }],
  [{ write: ["/a/b/../../c"] }, { write: ["/a"] }],
  [{ ffi: ["/a/../b.so"] }, { ffi: ["/a"] }],
  [{ read: ["../x"] }, { read: [Deno.cwd()] }],
  [{ write: ["/a"] }, { read: ["/a"] }],
  [{ net: ["host"] }, { net: ["host:80"] }],
  [{ net: ["host:81"] }, { net: ["host:80"] }],
  [{ net: ["hostess"] }, { net: ["host"] }],
  [{ net: ["evil.host"] }, { net: ["host"] }],
  [{ env: ["AB"] }, { env: ["A"] }],
  [{ run: ["/bin/deno"] }, { run: ["deno"] }],
  [{ sys: true }, { sys: ["hostname"] }],
];

Deno.test("a grant within the parent's passes as it is", () => {
  for (const [asked, allowed] of ACCEPTED) assert.equal(attenuate("a", asked, allowed), asked);
});

Deno.test("a grant beyond the parent's is refused, whatever way the path goes", () => {
  for (const [asked, allowed] of REFUSED) {
    assert.throws(
      () => attenuate("a", asked, allowed),
      { code: "grant_refused" },
      `${JSON.stringify(asked)} within ${JSON.stringify(allowed)}`,
    );
  }
});

const names = fc.array(fc.constantFrom("a", "b", "c", "a/b", "a/b/c", "../a", "a/../b"), { maxLength: 3 });
const permission = fc.oneof(fc.constant(true as const), names);
const permissions: fc.Arbitrary<Permissions> = fc.record(
  { read: permission, write: permission, net: permission, env: permission, run: permission },
  { requiredKeys: [] },
);

Deno.test("K10 grants only shrink: what passes twice on the way down passes at once", () => {
  const passes = (asked: Grant, allowed: Grant) => {
    try {
      return attenuate("a", asked, allowed) === asked;
    } catch {
      return false;
    }
  };
  fc.assert(fc.property(permissions, permissions, permissions, (top, middle, bottom) => {
    assert.ok(passes(top, top), "a grant is within itself");
    if (passes(middle, top) && passes(bottom, middle)) assert.ok(passes(bottom, top));
  }));
});
