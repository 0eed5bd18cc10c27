import assert from "node:assert/strict";
import { reversePatch, unifiedDiff } from "../../../sandbox/patch/unified_diff.ts";
import { carryOut, mustPlan } from "./memory_files.ts";

Deno.test("a diff shows what changed, in git's words", () => {
  assert.equal(unifiedDiff("a", "same", "same"), "");
  assert.equal(unifiedDiff("a", null, null), "");
  assert.equal(
    unifiedDiff("a.txt", "1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\nsix\n"),
    "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -3,4 +3,4 @@\n 3\n 4\n 5\n-6\n\\ No newline at end of file\n+six\n",
  );
  assert.equal(
    unifiedDiff("a b", null, "1\n"),
    "diff --git a/a b b/a b\nnew file mode 100644\n--- /dev/null\n+++ b/a b\n@@ -0,0 +1,1 @@\n+1\n",
  );
  assert.equal(
    unifiedDiff("a", "1\n", null),
    "diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-1\n",
  );
  assert.equal(unifiedDiff("a", "", null), "diff --git a/a b/a\ndeleted file mode 100644\n");
});

Deno.test("a long diff is cut at a line, and says how much is missing", () => {
  const before = Array.from({ length: 100 }, (_, index) => `${index}\n`).join("");
  const whole = unifiedDiff("a", before, null, 10_000);
  const cut = unifiedDiff("a", before, null, 200);
  const [, shown, left] = /^([^]*\n)\[(\d+) more lines of this diff left out\]\n$/.exec(cut)!;
  assert.ok(whole.startsWith(shown!) && shown!.length <= 200 && shown!.length > 190);
  assert.equal(shown!.split("\n").length - 1 + Number(left), whole.split("\n").length - 1);
  assert.ok(unifiedDiff("a", "x\n".repeat(100_000), null).length < 33_000);
});

Deno.test("much that changed is shown as one change, quickly, and is a patch as good", () => {
  const text = (change: (index: number) => string, last: string) =>
    Array.from({ length: 60_000 }, (_, index) => change(index)).join("\n") + last;
  const before = text((index) => `line ${index}`, "\nend");
  const after = text((index) => index < 10 || index % 7 > 2 ? `line ${index}` : `LINE ${index}`, "\nend\n");
  const start = performance.now();
  const patch = unifiedDiff("a", before, after, Infinity).split("\n");
  assert.ok(performance.now() - start < 5_000, `${performance.now() - start} ms`);
  assert.deepEqual(patch.slice(3, 8), [
    "@@ -12,59990 +12,59990 @@",
    " line 11",
    " line 12",
    " line 13",
    "-line 14",
  ]);
  assert.deepEqual(patch.slice(-3), ["+LINE 59999", "+end", ""]);
  const [long, short] = ["a\n".repeat(3_000), "a\n".repeat(1_500)];
  assert.deepEqual(carryOut({ a: long }, mustPlan({ a: long }, unifiedDiff("a", long, short))), { a: short });
  const small = [before, after].map((text) => text.split("\n").toSpliced(20_000).join("\n")) as [
    string,
    string,
  ];
  const planned = mustPlan({ a: small[0] }, unifiedDiff("a", ...small, Infinity));
  assert.deepEqual(carryOut({ a: small[0] }, planned), { a: small[1] });
  assert.deepEqual(carryOut({ a: small[1] }, mustPlan({ a: small[1] }, reversePatch(planned))), {
    a: small[0],
  });
});
