import assert from "node:assert/strict";
import { createTwoFilesPatch } from "diff";
import fc from "fast-check";
import { PatchProblem } from "../../../sandbox/patch/problem.ts";
import { reversePatch, unifiedDiff } from "../../../sandbox/patch/unified_diff.ts";
import { inFolder } from "../files/in_folder.ts";
import { carryOut, mustPlan, plan } from "./memory_files.ts";

// Few different lines, so that hunks fit at wrong places too.
const line = fc.constantFrom("", "a", "b", "  c", "}", "-- d", "+e", "@@ f", "\\ g", "\u00e9\u{1F600}");

/** A text and what somebody made of it. */
const edit = fc.record({
  before: fc.array(line, { maxLength: 40 }),
  cuts: fc.array(fc.record({ at: fc.nat(40), remove: fc.nat(4), insert: fc.array(line, { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 5,
  }),
  ends: fc.constantFrom("\n", "\r\n"),
  open: fc.tuple(fc.boolean(), fc.boolean()),
  context: fc.integer({ min: 1, max: 4 }),
}).map(({ before, cuts, ends, open, context }) => {
  const after = [...before];
  for (const { at, remove, insert } of cuts) after.splice(at, remove, ...insert);
  const text = (lines: string[], open: boolean) =>
    lines.join(ends) + (open || lines.length === 0 ? "" : ends);
  return { before: text(before, open[0]), after: text(after, open[1]), context };
}).filter(({ before, after }) => before !== after);

Deno.test("a diff of any two texts makes one of the other and back", () => {
  fc.assert(
    fc.property(edit, ({ before, after, context }) => {
      const patch = createTwoFilesPatch("a/f", "b/f", before, after, "", "", { context });
      const planned = mustPlan({ f: before }, patch);
      assert.deepEqual(carryOut({ f: before }, planned), { f: after });
      assert.deepEqual(carryOut({ f: after }, mustPlan({ f: after }, reversePatch(planned))), { f: before });
      assert.deepEqual(planned.files[0]!.placed.filter(({ offset }) => offset !== 0), []);
    }),
    { numRuns: 400 },
  );
});

Deno.test("our own diffs are patches, for creations and deletions too", () => {
  fc.assert(
    fc.property(edit, fc.constantFrom("f", "x y", '\u00e9"\\', "a/b\tc"), ({ before, after }, path) => {
      const texts = [before === "" ? null : before, after === "" ? null : after] as const;
      const files = (text: string | null): Record<string, string> => text === null ? {} : { [path]: text };
      const patch = unifiedDiff(path, texts[0], texts[1]);
      assert.deepEqual(carryOut(files(texts[0]), mustPlan(files(texts[0]), patch)), files(texts[1]));
    }),
    { numRuns: 300 },
  );
});

Deno.test("wrong counts do not matter, and carriage returns that only came with the patch neither", () => {
  fc.assert(
    fc.property(edit, fc.nat(9), fc.nat(9), ({ before, after, context }, olds, news) => {
      fc.pre(!before.includes("\r") && !after.includes("\r"));
      const patch = createTwoFilesPatch("a/f", "b/f", before, after, "", "", { context });
      // What has no old lines is numbered by another line: with a wrong count that cannot be told.
      fc.pre(!/^@@ .*,0 /m.test(patch));
      const wrong = patch.replace(/^@@ -(\d+),\d+ \+(\d+),\d+ @@$/gm, `@@ -$1,${olds} +$2,${news} @@`);
      for (const variant of [wrong, wrong.replaceAll("\n", "\r\n")]) {
        assert.deepEqual(carryOut({ f: before }, mustPlan({ f: before }, variant)), { f: after }, variant);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("a change goes with its text when lines were added above", () => {
  const unique = fc.uniqueArray(fc.stringMatching(/^[a-z]{4,8}$/), { minLength: 8, maxLength: 30 });
  fc.assert(
    fc.property(unique, fc.nat(40), fc.nat(29), (texts, moved, at) => {
      const before = texts.join("\n") + "\n";
      const after = texts.with(at % texts.length, "CHANGED").join("\n") + "\n";
      const above = "ABOVE\n".repeat(moved);
      const planned = mustPlan({ f: above + before }, createTwoFilesPatch("a/f", "b/f", before, after));
      assert.deepEqual(carryOut({ f: above + before }, planned), { f: above + after });
      assert.equal(planned.files[0]!.placed[0]!.offset, moved);
    }),
    { numRuns: 200 },
  );
});

Deno.test("no text makes planning throw, and what is planned can be undone", () => {
  const piece = fc.constantFrom(
    ..."--- a/f|+++ b/f|@@ -1,2 +1,2 @@|@@|@@ -0,0 +1 @@|diff --git a/f b/f|rename from f|rename to g".split(
      "|",
    ),
    ..."new file mode 100644|--- /dev/null|+++ /dev/null| a|-a|+b||\\ No newline at end of file|a".split("|"),
    ..."*** Begin Patch|*** End Patch|*** Update File: f|*** Add File: h|*** Move to: g|*** End of File"
      .split("|"),
    ...'deleted file mode 100644|copy from f|copy to k|Index: f|```diff|```|-- |--- |+++ "b/\\303'.split("|"),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 14 }),
      fc.constantFrom("", "a\n", "a\nb\na\n", "a"),
      (pieces, text) => {
        const files = { f: text };
        const planned = plan(files, pieces.map((one) => one + "\n").join(""));
        if (planned instanceof PatchProblem) return;
        const after = carryOut(files, planned);
        assert.deepEqual(carryOut(after, mustPlan(after, reversePatch(planned))), files);
      },
    ),
    { numRuns: 3_000 },
  );
});

Deno.test("we make of git's diffs what git does, and git of ours what we do", () =>
  inFolder((folder) => {
    const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_CEILING_DIRECTORIES: folder };
    const git = (...args: string[]) => {
      const { code, stdout, stderr } = new Deno.Command("git", { args, cwd: folder, env }).outputSync();
      return { code, said: new TextDecoder().decode(stdout), error: new TextDecoder().decode(stderr) };
    };
    const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);
    fc.assert(
      fc.property(edit, ({ before, after }) => {
        write("old", before);
        write("new", after);
        const { said } = git("diff", "--no-index", "--no-color", "old", "new");
        const theirs = said.replaceAll("a/old", "a/f").replaceAll("b/new", "b/f");
        assert.deepEqual(carryOut({ f: before }, mustPlan({ f: before }, theirs)), { f: after });
        write("f", before);
        write("patch", unifiedDiff("f", before, after));
        const { code, error } = git("apply", "--whitespace=nowarn", "patch");
        assert.equal(code, 0, error);
        assert.equal(Deno.readTextFileSync(`${folder}/f`), after);
      }),
      { numRuns: 20 },
    );
  }));
