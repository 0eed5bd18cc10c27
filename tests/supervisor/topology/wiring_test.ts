import assert from "node:assert/strict";
import { mesh, ring, star } from "../../../supervisor/topology/wiring.ts";

const MEMBERS = ["a", "b", "c"];

Deno.test("star() gives members the leader and the leader all members", () => {
  assert.deepEqual([...star("a", MEMBERS)], [["a", ["b", "c"]], ["b", ["a"]], ["c", ["a"]]]);
});

Deno.test("mesh() gives everybody all others", () => {
  assert.deepEqual([...mesh(MEMBERS)], [["a", ["b", "c"]], ["b", ["a", "c"]], ["c", ["a", "b"]]]);
});

Deno.test("ring() gives each member the next, and the last the first", () => {
  assert.deepEqual([...ring(MEMBERS)], [["a", ["b"]], ["b", ["c"]], ["c", ["a"]]]);
  assert.deepEqual([...ring(["a"])], [["a", []]]);
});
