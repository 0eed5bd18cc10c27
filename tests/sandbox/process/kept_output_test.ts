import assert from "node:assert/strict";
import { KeptOutput } from "../../../sandbox/process/kept_output.ts";

function kept(limit: number, pieces: readonly string[]): KeptOutput {
  const output = new KeptOutput(limit);
  for (const piece of pieces) output.write(new TextEncoder().encode(piece));
  return output;
}

Deno.test("what fits is kept whole, in pieces of any size", () => {
  for (const pieces of [[], ["abc"], ["a", "bcdefg", "hij"], ["abcdefghij"], ["aäa", "äa"]]) {
    const output = kept(10, pieces);
    assert.equal(output.text(), pieces.join(""));
    assert.equal(output.dropped, 0);
  }
});

Deno.test("of what does not fit the beginning and the end are kept, and the rest is counted", () => {
  const text = Array.from({ length: 1_000 }, (_, index) => String(index % 10)).join("");
  for (const size of [1, 3, 7, 1_000]) {
    const output = kept(10, text.match(new RegExp(`.{1,${size}}`, "g"))!);
    assert.equal(output.text(), "01234\n[990 bytes left out]\n56789");
    assert.equal(output.dropped, 990);
  }
  const odd = kept(5, ["0123456789"]);
  assert.equal(odd.text(), "012\n[5 bytes left out]\n89");
});

Deno.test("a character cut in two is left out", () => {
  assert.equal(kept(10, ["abcdä" + "x".repeat(50) + "€bcd"]).text(), "abcd\n[52 bytes left out]\nbcd");
});
