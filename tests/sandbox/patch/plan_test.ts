import assert from "node:assert/strict";
import { PatchProblem } from "../../../sandbox/patch/problem.ts";
import { reversePatch } from "../../../sandbox/patch/unified_diff.ts";
import { carryOut, type Files, mustPlan, plan } from "./memory_files.ts";

/** A patch that can be applied: what it makes of the files. Undoing it gives them back. */
interface Fitting {
  files: Files;
  patch: string;
  makes: Files;
}

const ABC = { "a.txt": "a\nb\nc\n" };
const AXC = { "a.txt": "a\nx\nc\n" };
const HEAD = "--- a/a.txt\n+++ b/a.txt\n";
const BODY = " a\n-b\n+x\n c\n";
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}\n`).join("");

const FITTING: Record<string, Fitting> = {
  "a plain unified diff": { files: ABC, patch: `${HEAD}@@ -1,3 +1,3 @@\n${BODY}`, makes: AXC },
  "names without prefixes": {
    files: ABC,
    patch: `--- a.txt\n+++ a.txt\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: AXC,
  },
  "a folder that is called a": {
    files: { "a/a.txt": "b\n", "a.txt": "b\n" },
    patch: "--- a/a.txt\n+++ a/a.txt\n@@ -1 +1 @@\n-b\n+x\n",
    makes: { "a/a.txt": "x\n", "a.txt": "b\n" },
  },
  "the same prefix twice, and no such folder": {
    files: ABC,
    patch: `--- a/a.txt\n+++ a/a.txt\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: AXC,
  },
  "a doubled or dotted path": {
    files: ABC,
    patch: `--- ./a.txt\n+++ .//a.txt\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: AXC,
  },
  "times after tabs": {
    files: ABC,
    patch:
      `--- a.txt\t2026-01-02 03:04:05.6 +0100\n+++ a.txt\t2026-01-03 03:04:05.6 +0100\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: AXC,
  },
  "times after spaces": {
    files: ABC,
    patch: `--- a.txt 2026-01-02 03:04:05\n+++ a.txt 2026-01-03 03:04:05\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: AXC,
  },
  "the original kept under another name": {
    files: ABC,
    patch: `--- a.txt.orig\n+++ a.txt\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: AXC,
  },
  "git's prefixes for the index and the work tree": {
    files: ABC,
    patch: `diff --git i/a.txt w/a.txt\n--- i/a.txt\n+++ w/a.txt\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: AXC,
  },
  "git's headers": {
    files: ABC,
    patch: `diff --git a/a.txt b/a.txt\nindex 123..456 100644\n${HEAD}@@ -1,3 +1,3 @@ section\n${BODY}`,
    makes: AXC,
  },
  "svn's headers": {
    files: ABC,
    patch: `Index: a.txt\n${
      "=".repeat(67)
    }\n--- a.txt\t(revision 1)\n+++ a.txt\t(working copy)\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: AXC,
  },
  "a mailed patch with its signature": {
    files: ABC,
    patch:
      `From 123 Mon Sep 17\nSubject: x\n\n---\n a.txt | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n` +
      `diff --git a/a.txt b/a.txt\n${HEAD}@@ -1,3 +1,3 @@\n${BODY}-- \n2.43.0\n\n`,
    makes: AXC,
  },
  "a mailed patch with wrong counts": {
    files: ABC,
    patch: `${HEAD}@@ -1,9 +1,9 @@\n${BODY}-- \n2.43.0\n`,
    makes: AXC,
  },
  "prose and fences around": {
    files: ABC,
    patch: `Here it is:\n\n\`\`\`diff\n${HEAD}@@ -1,3 +1,3 @@\n${BODY}\`\`\`\nThat should do.\n`,
    makes: AXC,
  },
  "a fence after wrong counts": {
    files: ABC,
    patch: `\`\`\`\n${HEAD}@@ -1,7 +1,2 @@\n${BODY}\`\`\``,
    makes: AXC,
  },
  "no line break at the end of the patch": {
    files: ABC,
    patch: `${HEAD}@@ -1,3 +1,3 @@\n${BODY}`.trimEnd(),
    makes: AXC,
  },
  "blank lines after the hunk": { files: ABC, patch: `${HEAD}@@ -1,5 +1,5 @@\n${BODY}\n\n`, makes: AXC },
  "counts too small": { files: ABC, patch: `${HEAD}@@ -1,1 +1,1 @@\n${BODY}`, makes: AXC },
  "counts too large": { files: ABC, patch: `${HEAD}@@ -1,30 +1,30 @@\n${BODY}`, makes: AXC },
  "no counts": { files: ABC, patch: `${HEAD}@@ -1 +1 @@\n${BODY}`, makes: AXC },
  "counts that reach over the next file": {
    files: { ...ABC, "d.txt": "d\n" },
    patch: `${HEAD}@@ -1,4 +1,4 @@\n${BODY}--- a/d.txt\n+++ b/d.txt\n@@ -1 +1 @@\n-d\n+e\n`,
    makes: { ...AXC, "d.txt": "e\n" },
  },
  "a removed line of two dashes": {
    files: { "a.sql": "-- x\ny\n" },
    patch: "--- a/a.sql\n+++ b/a.sql\n@@ -1,2 +1,2 @@\n--- x\n+++ z\n y\n",
    makes: { "a.sql": "++ z\ny\n" },
  },
  "a blank context line that lost its space": {
    files: { "a.txt": "a\n\nb\n" },
    patch: `${HEAD}@@ -1,3 +1,3 @@\n a\n\n-b\n+x\n`,
    makes: { "a.txt": "a\n\nx\n" },
  },
  "a hunk header without numbers, at its only place": {
    files: ABC,
    patch: `${HEAD}@@\n${BODY}`,
    makes: AXC,
  },
  "a hunk header with words": { files: ABC, patch: `${HEAD}@@ def f(): @@\n${BODY}`, makes: AXC },
  "a wrong line number": {
    files: { "a.txt": numbered(50) },
    patch: `${HEAD}@@ -3,3 +3,3 @@\n 30\n-31\n+x\n 32\n`,
    makes: { "a.txt": numbered(50).replace("\n31\n", "\nx\n") },
  },
  "a line number far beyond the end": {
    files: ABC,
    patch: `${HEAD}@@ -900,3 +900,3 @@\n${BODY}`,
    makes: AXC,
  },
  "the nearest of two places": {
    files: { "a.txt": "a\nb\n1\n2\n3\na\nb\n" },
    patch: `${HEAD}@@ -5,2 +5,2 @@\n a\n-b\n+x\n`,
    makes: { "a.txt": "a\nb\n1\n2\n3\na\nx\n" },
  },
  "its own place though it fits elsewhere too": {
    files: { "a.txt": "a\na\na\n" },
    patch: `${HEAD}@@ -2 +2 @@\n-a\n+x\n`,
    makes: { "a.txt": "a\nx\na\n" },
  },
  "a second hunk shifted like the first": {
    files: { "a.txt": "-\n".repeat(10) + "a\nq\nq\nq\nq\nq\n" },
    patch: `${HEAD}@@ -1 +1 @@\n-a\n+x\n@@ -3 +3 @@\n-q\n+y\n`,
    makes: { "a.txt": "-\n".repeat(10) + "x\nq\ny\nq\nq\nq\n" },
  },
  "hunks whose context overlaps": {
    files: { "a.txt": "1\n2\n3\n" },
    patch: `${HEAD}@@ -1,2 +1,2 @@\n-1\n+x\n 2\n@@ -2,2 +2,2 @@\n 2\n-3\n+y\n`,
    makes: { "a.txt": "x\n2\ny\n" },
  },
  "lines added without context": {
    files: ABC,
    patch: `${HEAD}@@ -1,0 +2 @@\n+x\n@@ -3,0 +5 @@\n+y\n`,
    makes: { "a.txt": "a\nx\nb\nc\ny\n" },
  },
  "lines added at the top": {
    files: ABC,
    patch: `${HEAD}@@ -0,0 +1 @@\n+x\n`,
    makes: { "a.txt": "x\na\nb\nc\n" },
  },
  "all lines removed": {
    files: ABC,
    patch: `${HEAD}@@ -1,3 +0,0 @@\n-a\n-b\n-c\n`,
    makes: { "a.txt": "" },
  },
  "an empty file filled": {
    files: { "a.txt": "" },
    patch: `${HEAD}@@ -0,0 +1,2 @@\n+a\n+b\n`,
    makes: { "a.txt": "a\nb\n" },
  },
  "several files": {
    files: { "a.txt": "a\n", "b/c d.txt": "c\n", "e": "e\n" },
    patch: `${HEAD}@@ -1 +1 @@\n-a\n+x\n--- a/b/c d.txt\t\n+++ b/b/c d.txt\t\n@@ -1 +1 @@\n-c\n+y\n` +
      "diff --git a/e b/e\ndeleted file mode 100644\n--- a/e\n+++ /dev/null\n@@ -1 +0,0 @@\n-e\n",
    makes: { "a.txt": "x\n", "b/c d.txt": "y\n" },
  },
  "a creation": {
    files: {},
    patch: "--- /dev/null\n+++ b/n/e/w.txt\n@@ -0,0 +1,2 @@\n+a\n+b\n",
    makes: { "n/e/w.txt": "a\nb\n" },
  },
  "a creation with a useless header": {
    files: {},
    patch: "--- /dev/null\n+++ b/a.txt\n@@\n+a\n+b\n",
    makes: { "a.txt": "a\nb\n" },
  },
  "a creation that does not say so": {
    files: {},
    patch: `${HEAD}@@ -0,0 +1 @@\n+a\n`,
    makes: { "a.txt": "a\n" },
  },
  "a creation by git, executable": {
    files: {},
    patch:
      "diff --git a/run b/run\nnew file mode 100755\nindex 0..1\n--- /dev/null\n+++ b/run\n@@ -0,0 +1 @@\n+x\n",
    makes: { "!run": "x\n" },
  },
  "a creation without a line break at its end": {
    files: {},
    patch: "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n",
    makes: { "a.txt": "a\nb" },
  },
  "an empty file created": {
    files: {},
    patch: "diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\n",
    makes: { "e": "" },
  },
  "an empty file deleted": {
    files: { "e": "" },
    patch: "diff --git a/e b/e\ndeleted file mode 100644\nindex e69de29..0000000\n",
    makes: {},
  },
  "a deletion": { files: ABC, patch: "--- a/a.txt\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n", makes: {} },
  "a deletion as GNU diff writes it": {
    files: ABC,
    patch:
      "--- a.txt\t2026-01-01 00:00:00 +0000\n+++ a.txt\t1970-01-01 00:00:00.000 +0000\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n",
    makes: {},
  },
  "an executable file deleted": {
    files: { "!run": "x" },
    patch:
      "diff --git a/run b/run\ndeleted file mode 100755\n--- a/run\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\\ No newline at end of file\n",
    makes: {},
  },
  "a renaming": {
    files: ABC,
    patch: "diff --git a/a.txt b/b/d.txt\nsimilarity index 100%\nrename from a.txt\nrename to b/d.txt\n",
    makes: { "b/d.txt": "a\nb\nc\n" },
  },
  "a renaming with a change, of an executable": {
    files: { "!a.txt": "a\nb\nc\n" },
    patch: "diff --git a/a.txt b/d.txt\nsimilarity index 66%\nrename from a.txt\nrename to d.txt\n" +
      `--- a/a.txt\n+++ b/d.txt\n@@ -1,3 +1,3 @@\n${BODY}`,
    makes: { "!d.txt": "a\nx\nc\n" },
  },
  "a renaming, and a plain diff behind it": {
    files: { "o": "o\n", ...ABC },
    patch: `diff --git a/o b/p\nrename from o\nrename to p\n${HEAD}@@ -1,3 +1,3 @@\n${BODY}`,
    makes: { "p": "o\n", ...AXC },
  },
  "an empty file, and a plain diff behind it": {
    files: ABC,
    patch: `diff --git a/e b/e\nnew file mode 100755\n${HEAD}@@ -1,3 +1,3 @@\n${BODY}`,
    makes: { "!e": "", ...AXC },
  },
  "a copy": {
    files: ABC,
    patch: "diff --git a/a.txt b/d.txt\nsimilarity index 100%\ncopy from a.txt\ncopy to d.txt\n",
    makes: { ...ABC, "d.txt": "a\nb\nc\n" },
  },
  "only the permission": {
    files: ABC,
    patch: "diff --git a/a.txt b/a.txt\nold mode 100644\nnew mode 100755\n",
    makes: { "!a.txt": "a\nb\nc\n" },
  },
  "the permission is kept": {
    files: { "!a.txt": "a\nb\nc\n" },
    patch: `${HEAD}@@ -1,3 +1,3 @@\n${BODY}`,
    makes: { "!a.txt": "a\nx\nc\n" },
  },
  "a quoted name with octal escapes": {
    files: { 'caf\u00e9 "x"\t1.txt': "a\n" },
    patch: 'diff --git "a/caf\\303\\251 \\"x\\"\\t1.txt" "b/caf\\303\\251 \\"x\\"\\t1.txt"\n' +
      '--- "a/caf\\303\\251 \\"x\\"\\t1.txt"\n+++ "b/caf\\303\\251 \\"x\\"\\t1.txt"\n@@ -1 +1 @@\n-a\n+b\n',
    makes: { 'caf\u00e9 "x"\t1.txt': "b\n" },
  },
  "a CRLF file, the patch too": {
    files: { "a.txt": "a\r\nb\r\nc\r\n" },
    patch: `${HEAD}@@ -1,3 +1,3 @@\n a\r\n-b\r\n+x\r\n c\r\n`,
    makes: { "a.txt": "a\r\nx\r\nc\r\n" },
  },
  "a CRLF file, the patch not": {
    files: { "a.txt": "a\r\nb\r\nc\r\n" },
    patch: `${HEAD}@@ -1,3 +1,3 @@\n${BODY}`,
    makes: { "a.txt": "a\r\nx\r\nc\r\n" },
  },
  "a patch that came with CRLF, the file not": {
    files: ABC,
    patch: `${HEAD}@@ -1,3 +1,3 @@\n${BODY}`.replaceAll("\n", "\r\n"),
    makes: AXC,
  },
  "a creation that came with CRLF": {
    files: {},
    patch: "--- /dev/null\r\n+++ b/a.txt\r\n@@ -0,0 +1 @@\r\n+a\r\n",
    makes: { "a.txt": "a\n" },
  },
  "a creation of a CRLF file": {
    files: {},
    patch: "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+a\r\n",
    makes: { "a.txt": "a\r\n" },
  },
  "line ends changed on purpose": {
    files: { "a.txt": "a\r\nb\r\n" },
    patch: `${HEAD}@@ -1,2 +1,2 @@\n-a\r\n+a\n b\r\n`,
    makes: { "a.txt": "a\nb\r\n" },
  },
  "mixed line ends stay mixed": {
    files: { "a.txt": "a\r\nb\nc\r\nd\n" },
    patch: `${HEAD}@@ -1,4 +1,4 @@\n a\r\n-b\n+x\n c\r\n d\n`,
    makes: { "a.txt": "a\r\nx\nc\r\nd\n" },
  },
  "a last line without a break, marked": {
    files: { "a.txt": "a\nb" },
    patch: `${HEAD}@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+x\n\\ No newline at end of file\n`,
    makes: { "a.txt": "a\nx" },
  },
  "a last line without a break, not marked": {
    files: { "a.txt": "a\nb" },
    patch: `${HEAD}@@ -1,2 +1,2 @@\n a\n-b\n+x\n`,
    makes: { "a.txt": "a\nx" },
  },
  "a last break added": {
    files: { "a.txt": "a\nb" },
    patch: `${HEAD}@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n`,
    makes: { "a.txt": "a\nb\n" },
  },
  "a last break removed": {
    files: { "a.txt": "a\nb\n" },
    patch: `${HEAD}@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n`,
    makes: { "a.txt": "a\nb" },
  },
  "lines after a last one without a break": {
    files: { "a.txt": "a\r\nb" },
    patch: `${HEAD}@@ -1,2 +1,3 @@\n a\n b\n+c\n`,
    makes: { "a.txt": "a\r\nb\r\nc" },
  },
  "a marker where the file has a break": {
    files: ABC,
    patch: `${HEAD}@@ -2,2 +2,2 @@\n b\n-c\n\\ No newline at end of file\n+x\n\\ No newline at end of file\n`,
    makes: { "a.txt": "a\nb\nx\n" },
  },
  "a byte order mark that the patch does not show": {
    files: { "a.txt": "\uFEFFa\nb\n" },
    patch: `${HEAD}@@ -1,2 +1,2 @@\n-a\n+x\n b\n`,
    makes: { "a.txt": "\uFEFFx\nb\n" },
  },
  "a byte order mark that the patch shows": {
    files: { "a.txt": "\uFEFFa\nb\n" },
    patch: `\uFEFF${HEAD}@@ -1,2 +1,2 @@\n-\uFEFFa\n+a\n b\n`,
    makes: { "a.txt": "a\nb\n" },
  },
  "the other format: all it can do": {
    files: { "a.txt": "a\nb\nc\n", "old.txt": "x\ny\n", "m.txt": "m\n" },
    patch: "*** Begin Patch\n*** Update File: a.txt\n@@\n a\n-b\n+x\n\n*** Add File: n/w.txt\n+1\n+\n" +
      "*** Delete File: old.txt\n*** Update File: m.txt\n*** Move to: k.txt\n@@\n-m\n+k\n*** End Patch\n",
    makes: { "a.txt": "a\nx\nc\n", "n/w.txt": "1\n\n", "k.txt": "k\n" },
  },
  "the other format: anchors": {
    files: {
      "a.py":
        "class A:\n  def f():\n    return 1\nclass B:\n  def f():\n    return 1\n  def g():\n    return 1\n",
    },
    patch:
      "*** Begin Patch\n*** Update File: a.py\n@@ class B:\n@@ def f():\n-    return 1\n+    return 2\n*** End Patch",
    makes: {
      "a.py":
        "class A:\n  def f():\n    return 1\nclass B:\n  def f():\n    return 2\n  def g():\n    return 1\n",
    },
  },
  "the other format: the end of the file": {
    files: { "a.txt": "a\nb\na\n" },
    patch: "*** Begin Patch\n*** Update File: a.txt\n@@\n-a\n+x\n*** End of File\n*** End Patch\n",
    makes: { "a.txt": "a\nb\nx\n" },
  },
  "the other format: lines added at the end, and no first @@": {
    files: ABC,
    patch:
      "```\n*** Begin Patch\n*** Update File: a.txt\n-a\n+x\n@@\n+y\n*** End of File\n*** End Patch\n```\n",
    makes: { "a.txt": "x\nb\nc\ny\n" },
  },
  "the other format with line numbers, CRLF": {
    files: { "a.txt": "q\nq\nq\n" },
    patch: "*** Begin Patch\r\n*** Update File: a.txt\r\n@@ -2,1 +2,1 @@\r\n-q\r\n+x\r\n*** End Patch\r\n",
    makes: { "a.txt": "q\nx\nq\n" },
  },
  "the other format: a file only renamed": {
    files: ABC,
    patch: "*** Begin Patch\n*** Update File: a.txt\n*** Move to: b.txt\n*** End Patch\n",
    makes: { "b.txt": "a\nb\nc\n" },
  },
};

for (const [name, { files, patch, makes }] of Object.entries(FITTING)) {
  Deno.test(`a patch is applied and undone: ${name}`, () => {
    const planned = mustPlan(files, patch);
    const after = carryOut(files, planned);
    assert.deepEqual(after, makes);
    const back = carryOut(after, mustPlan(after, reversePatch(planned)));
    assert.deepEqual(back, files);
  });
}

const hunk = `@@ -1,3 +1,3 @@\n${BODY}`;
const REFUSED: Record<string, [Files, string, string, RegExp]> = {
  "nothing": [{}, "", "no_changes", /changes nothing; expected is a unified diff .* or "\*\*\* Begin Patch"/],
  "prose": [{}, "please change a.txt", "no_changes", /changes nothing/],
  "headers without hunks": [ABC, HEAD, "no_changes", /no hunks for it/],
  "an empty hunk": [ABC, `${HEAD}@@ -1,3 +1,3 @@\n`, "bad_format", /no lines follow it/],
  "a bare @@": [ABC, `${HEAD}@@\n`, "bad_format", /the hunk "@@": no lines follow/],
  "context only": [ABC, `${HEAD}@@ -1,2 +1,2 @@\n a\n b\n`, "no_changes", /changes nothing in it/],
  "a hunk without a file": [
    ABC,
    hunk,
    "bad_format",
    /"--- a\/file" and "\+\+\+ b\/file" must come before its hunks/,
  ],
  "a creation whose name cannot be read": [
    ABC,
    `diff --git e e\nnew file mode 100644\n${HEAD}${`@@ -1,3 +1,3 @@\n${BODY}`}`,
    "bad_format",
    /a part of the patch that names no file/,
  ],
  "a renaming without git's header": [
    ABC,
    `rename from o\nrename to p\n${HEAD}${`@@ -1,3 +1,3 @@\n${BODY}`}`,
    "bad_format",
    /"rename from o": a line "diff --git a\/old b\/new" must come before/,
  ],
  "no place given": [ABC, `${HEAD}@@\n+x\n`, "bad_format", /neither line numbers nor lines of the file/],
  "a torn hunk": [
    ABC,
    `${HEAD}@@ -1,3 +1,3 @@\n a\nb\n-c\n+x\n`,
    "bad_format",
    /line 5 of the patch, "b": it stands within a hunk and begins/,
  ],
  "two files that are no renaming": [
    { ...ABC, "b.txt": "" },
    `--- a/a.txt\n+++ b/b.txt\n${hunk}`,
    "bad_format",
    /a\.txt: its new name is b\.txt; a renaming has lines "diff --git", "rename from"/,
  ],
  "a binary patch": [
    ABC,
    "diff --git a/a.txt b/a.txt\nindex 1..2\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n",
    "binary",
    /binary patch \("GIT binary patch"\): only text/,
  ],
  "files that differ": [
    ABC,
    "Binary files a/x and b/x differ\n",
    "binary",
    /Binary files a\/x and b\/x differ/,
  ],
  "a NUL in the patch": [ABC, `${HEAD}@@ -1 +1 @@\n-a\n+\0\n`, "binary", /NUL/],
  "a binary file": [
    { "a.txt": "a\0b\n" },
    `${HEAD}${hunk}`,
    "binary",
    /a\.txt: it is not UTF-8 text but binary \(4 bytes\)/,
  ],
  "a link": [
    {},
    "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n",
    "bad_path",
    /it is a link \(mode 120000\)/,
  ],
  "a submodule": [
    {},
    "diff --git a/l b/l\nnew file mode 160000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+Subproject commit 1\n",
    "bad_path",
    /not an ordinary file \(mode 160000\)/,
  ],
  "a path that leads up": [
    {},
    `--- a/../a.txt\n+++ b/../a.txt\n${hunk}`,
    "bad_path",
    /no "\.\." in its path/,
  ],
  "a path up within": [{}, `--- a/x/../a.txt\n+++ b/x/../a.txt\n${hunk}`, "bad_path", /no "\.\."/],
  "an absolute path": [{}, "--- /dev/null\n+++ /etc/x\n@@ -0,0 +1 @@\n+x\n", "bad_path", /absolute/],
  "an absolute path behind a prefix": [
    {},
    "--- /dev/null\n+++ b//etc/x\n@@ -0,0 +1 @@\n+x\n",
    "bad_path",
    /absolute/,
  ],
  "a NUL in a quoted name": [{}, '--- /dev/null\n+++ "b/a\\000b"\n@@ -0,0 +1 @@\n+x\n', "bad_path", /NUL/],
  "git's hooks": [
    {},
    "--- /dev/null\n+++ b/sub/.GIT/hooks/pre-commit\n@@ -0,0 +1 @@\n+x\n",
    "bad_path",
    /do not change what is in \.GIT/,
  ],
  "our own folder": [{}, "--- /dev/null\n+++ b/.troupe/x\n@@ -0,0 +1 @@\n+x\n", "bad_path", /\.troupe/],
  "a renaming out": [
    ABC,
    "diff --git a/a.txt b/x\nrename from a.txt\nrename to ../x\n",
    "bad_path",
    /"\.\.\/x": there may be no/,
  ],
  "a folder's name": [
    {},
    "--- /dev/null\n+++ b/x/\n@@ -0,0 +1 @@\n+x\n",
    "bad_path",
    /not the name of a file/,
  ],
  "a file and a folder of one name": [
    {},
    "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+x\n--- /dev/null\n+++ b/x/y\n@@ -0,0 +1 @@\n+x\n",
    "bad_path",
    /x\/y: the patch makes x a file, not a folder/,
  ],
  "both names nothing": [{}, "--- /dev/null\n+++ /dev/null\n@@ -0,0 +1 @@\n+x\n", "bad_format", /both names/],
  "one file twice": [
    ABC,
    `${HEAD}${hunk}${HEAD}@@ -3 +3 @@\n-c\n+y\n`,
    "bad_format",
    /a\.txt twice: put all its hunks/,
  ],
  "one file under two names": [
    ABC,
    `${HEAD}${hunk}--- a/./a.txt\n+++ b/./a.txt\n@@ -3 +3 @@\n-c\n+y\n`,
    "bad_format",
    /a\.txt twice/,
  ],
  "deleted and modified": [
    ABC,
    `--- a/a.txt\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n${HEAD}${hunk}`,
    "bad_format",
    /a\.txt twice/,
  ],
  "renamed and modified": [
    ABC,
    `diff --git a/a.txt b/b.txt\nrename from a.txt\nrename to b.txt\n${
      HEAD.replace("---", "diff --git a/a.txt b/a.txt\n---")
    }${hunk}`,
    "bad_format",
    /a\.txt twice/,
  ],
  "a created file that exists": [
    ABC,
    "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+x\n",
    "exists",
    /Cannot create a\.txt: a file of that name exists already/,
  ],
  "a renaming onto a file": [
    { ...ABC, "b.txt": "" },
    "diff --git a/a.txt b/b.txt\nrename from a.txt\nrename to b.txt\n",
    "exists",
    /Cannot rename b\.txt: a file of that name exists/,
  ],
  "a missing file": [{}, `${HEAD}${hunk}`, "missing", /Cannot modify a\.txt: it does not exist/],
  "a missing file to delete": [
    {},
    "*** Begin Patch\n*** Delete File: x\n*** End Patch",
    "missing",
    /Cannot delete x/,
  ],
  "a missing file to rename": [
    {},
    "diff --git a/a.txt b/b.txt\nrename from a.txt\nrename to b.txt\n",
    "missing",
    /Cannot rename a\.txt: it does not exist/,
  ],
  "a deletion that leaves lines": [
    ABC,
    "--- a/a.txt\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n",
    "mismatch",
    /does not remove all of its lines, 2 bytes would be left/,
  ],
  "a deletion that shows nothing": [
    ABC,
    "diff --git a/a.txt b/a.txt\ndeleted file mode 100644\n",
    "mismatch",
    /6 bytes would be left/,
  ],
  "a deletion of other text": [
    ABC,
    "--- a/a.txt\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-a\n-B\n-c\n",
    "mismatch",
    /hunk 1 of a\.txt/,
  ],
  "a creation that shows old lines": [
    {},
    `--- /dev/null\n+++ b/a.txt\n${hunk}`,
    "bad_format",
    /Cannot create a\.txt: the lines of a new file all begin/,
  ],
  "two equally near places": [
    { "a.txt": "a\nb\nc\nb\na\n" },
    `${HEAD}@@ -3 +3 @@\n-b\n+x\n`,
    "ambiguous",
    /more than one place \(lines 2, 4\): give more lines of context/,
  ],
  "no line number and several places": [
    { "a.txt": "a\na\n" },
    `${HEAD}@@\n-a\n+x\n`,
    "ambiguous",
    /lines 1, 2/,
  ],
  "lines added beyond the end": [
    ABC,
    `${HEAD}@@ -7,0 +8 @@\n+x\n`,
    "mismatch",
    /after line 7, but the file has only 3/,
  ],
  "a marker that is not at the end": [
    ABC,
    `${HEAD}@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+x\n`,
    "mismatch",
    /not at the end of the file, as the patch says/,
  ],
  "too much": [{}, "x".repeat(1024 * 1024 + 1), "too_large", /1048577 bytes, 1048576 are allowed/],
  "too many files": [
    {},
    Array.from({ length: 201 }, (_, index) => `--- /dev/null\n+++ b/${index}\n@@ -0,0 +1 @@\n+x\n`).join(""),
    "too_large",
    /201 files, 200 are allowed/,
  ],
  "a file too large": [
    { "a.txt": "a\n".repeat(5_000_000) },
    `${HEAD}@@ -1 +1 @@\n-a\n+x\n`,
    "too_large",
    /a\.txt: it has 10000000 bytes, 8388608 are allowed/,
  ],
  "the other format without its end": [
    ABC,
    "*** Begin Patch\n*** Delete File: a.txt\n",
    "bad_format",
    /"\*\*\* End Patch", is missing/,
  ],
  "the other format with an unknown line": [
    ABC,
    "*** Begin Patch\n*** Change File: a.txt\n*** End Patch\n",
    "bad_format",
    /line 2 of the patch, "\*\*\* Change File: a\.txt"/,
  ],
  "the other format, a line without its sign": [
    ABC,
    "*** Begin Patch\n*** Update File: a.txt\n@@\n-a\nx\n*** End Patch\n",
    "bad_format",
    /line 5 of the patch, "x"/,
  ],
  "the other format, an added line without its sign": [
    {},
    "*** Begin Patch\n*** Add File: a.txt\n+a\nx\n*** End Patch\n",
    "bad_format",
    /line 4 of the patch, "x": each line of an added file/,
  ],
  "the other format, an anchor that is not there": [
    ABC,
    "*** Begin Patch\n*** Update File: a.txt\n@@ class X\n-a\n+x\n*** End Patch\n",
    "mismatch",
    /no line "class X" to begin from/,
  ],
  "the other format, lines for no place": [
    ABC,
    "*** Begin Patch\n*** Update File: a.txt\n@@\n+x\n*** End Patch\n",
    "mismatch",
    /shows no line of the file and has no line number/,
  ],
};

for (const [name, [files, patch, code, message]] of Object.entries(REFUSED)) {
  Deno.test(`a patch is refused: ${name}`, () => {
    const problem = plan(files, patch);
    assert.ok(problem instanceof PatchProblem, "it was planned");
    assert.equal(problem.code, code, problem.message);
    assert.match(problem.message, message);
  });
}

Deno.test("where hunks went is told", () => {
  const files = { "a.txt": numbered(30) + "a\nb\n" + numbered(9) + "a\nb\n" };
  const patch = `${HEAD}@@ -2 +2 @@\n-4\n+x\n@@ -25,2 +25,2 @@\n a\n-b\n+y\n@@ -33,0 +33 @@\n+z\n`;
  const [file] = mustPlan(files, patch).files;
  assert.deepEqual(file!.placed, [
    { line: 4, offset: 2, elsewhere: true },
    { line: 31, offset: 4, elsewhere: true },
    { line: 40, offset: 0, elsewhere: false },
  ]);
  assert.deepEqual([file!.kind, file!.added, file!.removed], ["modify", 3, 2]);
});

Deno.test("a hunk that does not fit is shown with the nearest text of the file", () => {
  const files = { "src/a.ts": "one\n" + "x\n".repeat(20) + "  if (a) {\n    call(1);\n  }\n" };
  const patch =
    "--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@\n-one\n+two\n@@ -4,3 +4,3 @@\n   if (a) {\n-    call(2);\n+    call(3);\n   }\n";
  const problem = plan(files, patch);
  assert.ok(problem instanceof PatchProblem);
  assert.equal(
    problem.message,
    'Cannot apply hunk 2 of src/a.ts: it does not fit the file; its first line: "   if (a) {".\n' +
      "The nearest text, at line 22:\n" +
      "    22|   if (a) {\n" +
      "    23|     call(1);\n" +
      "    24|   }\n" +
      'Line 23 differs: the patch has "    call(2);", the file has "    call(1);".',
  );
});

Deno.test("a hunk is told when its change is there already, and when it comes too late", () => {
  const done = plan(AXC, `${HEAD}@@ -1,3 +1,3 @@\n${BODY}`);
  assert.match((done as PatchProblem).message, /\nThe file already has what the hunk makes, at line 1\.\n/);
  const late = plan({ "a.txt": "a\nb\nc\nd\n" }, `${HEAD}@@ -3 +3 @@\n-c\n+x\n@@ -1,2 +1,2 @@\n a\n-b\n+y\n`);
  assert.match(
    (late as PatchProblem).message,
    /\nIt would fit at line 1, but the hunk before it lies behind that/,
  );
});

Deno.test("patches made to take long are refused or done in a few seconds", () => {
  const start = performance.now();
  const far = Array.from({ length: 20_000 }, (_, index) => `@@ -${index * 300 + 9} +1 @@\n-a\n+x\n`).join("");
  assert.equal(
    (plan({ "a.txt": "b\n".repeat(2_000_000) + "a\n" }, HEAD + far) as PatchProblem).code,
    "mismatch",
  );
  const same = `@@ -9 +9 @@\n${" b\n".repeat(50_000)}-a\n`;
  assert.equal((plan({ "a.txt": "b\n".repeat(400_000) }, HEAD + same) as PatchProblem).code, "too_large");
  for (const text of ["\n", " ", "-- \n", "--- \n+++ \n", "@@\n", "+\n", "``` \n", "diff --git a/", '"\\']) {
    for (
      const begin of [
        "",
        HEAD,
        `${HEAD}@@ -1 +1 @@\n-a\n`,
        "--- a",
        "*** Begin Patch\n*** Update File: a.txt\n",
      ]
    ) {
      const patch = (begin + text.repeat(1_000_000 / text.length)).slice(0, 1_000_000) + "\n*** End Patch\n";
      assert.ok(
        plan({ "a.txt": "a\n" }, patch) instanceof PatchProblem || begin.includes("-1 +1"),
        begin + text,
      );
    }
  }
  assert.ok(performance.now() - start < 30_000, `${performance.now() - start} ms`);
});

Deno.test("an empty file and long lines are told short", () => {
  const empty = plan({ "a.txt": "" }, `${HEAD}@@ -1 +1 @@\n-a\n+b\n`);
  assert.match((empty as PatchProblem).message, /\nThe file is empty\.$/);
  const long = plan({ "a.txt": "y".repeat(5_000) + "\n" }, `${HEAD}@@ -1 +1 @@\n-${"x".repeat(5_000)}\n+b\n`);
  assert.ok((long as PatchProblem).message.length < 1_000);
});
