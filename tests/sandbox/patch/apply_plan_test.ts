import assert from "node:assert/strict";
import { type Applied, applyPlan } from "../../../sandbox/patch/apply_plan.ts";
import { type Disk, realDisk } from "../../../sandbox/patch/disk.ts";
import { type Plan, planPatch } from "../../../sandbox/patch/plan.ts";
import { PatchProblem } from "../../../sandbox/patch/problem.ts";
import { storedIn } from "../../../sandbox/patch/stored_files.ts";
import { appliedAlready, recoverPatches } from "../../../sandbox/patch/undo_folder.ts";
import { inFolder } from "../files/in_folder.ts";

/** Modifies, creates in new folders, deletes, renames with a change, sets a permission. */
const PATCH = `--- a/m.txt
+++ b/m.txt
@@ -1,2 +1,2 @@
-one
+ONE
 two
diff --git a/n/e/w.sh b/n/e/w.sh
new file mode 100755
--- /dev/null
+++ b/n/e/w.sh
@@ -0,0 +1 @@
+new
--- a/d.txt
+++ /dev/null
@@ -1 +0,0 @@
-gone
diff --git a/r.txt b/sub/k.txt
rename from r.txt
rename to sub/k.txt
--- a/r.txt
+++ b/sub/k.txt
@@ -1 +1 @@
-r
+k
diff --git a/x.sh b/x.sh
old mode 100644
new mode 100755
`;
const OLD = [
  "d.txt 640 gone\n",
  "m.txt 750 one\ntwo\n",
  "r.txt 604 r\n",
  "sub/",
  "x.sh 644 x\n",
];
const NEW = [
  "m.txt 750 ONE\ntwo\n",
  "n/",
  "n/e/",
  "n/e/w.sh 755 new\n",
  "sub/",
  "sub/k.txt 604 k\n",
  "x.sh 755 x\n",
];

/** Of the disk, to apply it; the last one makes it final. */
const STEPS = 22;

/** All that is in a workspace, but for what is kept of patches. */
function contents(workspace: string, prefix = ""): string[] {
  const entries = Array.from(Deno.readDirSync(`${workspace}/${prefix}`)).toSorted((a, b) =>
    a.name < b.name ? -1 : 1
  );
  return entries.filter(({ name }) => name !== ".troupe").flatMap(({ name, isDirectory }) => {
    const path = prefix + name;
    if (isDirectory) return [`${path}/`, ...contents(workspace, `${path}/`)];
    const mode = (Deno.statSync(`${workspace}/${path}`).mode! & 0o777).toString(8);
    return [`${path} ${mode} ${Deno.readTextFileSync(`${workspace}/${path}`)}`];
  });
}

function kept(workspace: string): string[] {
  return Array.from(
    Deno.readDirSync(`${workspace}/.troupe/undo`),
    ({ name }) => name.replace(/^[\da-f]+-[\da-f]+/, "ID"),
  )
    .sort();
}

function inWorkspace(body: (workspace: string) => void | Promise<void>): Promise<void> {
  return inFolder((folder) => {
    const workspace = `${folder}/ws`;
    Deno.mkdirSync(`${workspace}/sub`, { recursive: true });
    for (
      const [name, mode, text] of OLD.map((entry) => entry.split(/ ([^]*?) ([^]*)/)).filter((one) =>
        one.length > 1
      )
    ) {
      Deno.writeTextFileSync(`${workspace}/${name}`, text!);
      Deno.chmodSync(`${workspace}/${name}`, parseInt(mode!, 8));
    }
    assert.deepEqual(contents(workspace), OLD);
    return body(workspace);
  });
}

function planned(workspace: string, patch = PATCH): Plan {
  const plan = planPatch(patch, storedIn(workspace));
  if (plan instanceof PatchProblem) throw plan;
  return plan;
}

function apply(workspace: string, patch = PATCH, disk?: Disk): Applied {
  const applied = applyPlan(planned(workspace, patch), workspace, patch, disk);
  if (applied instanceof PatchProblem) throw applied;
  return applied;
}

/** A process that applies the patch and kills itself at the given renaming. */
function another(workspace: string, renaming: number): Deno.Command {
  const script = new URL("./die_while_applying.ts", import.meta.url).pathname;
  const args = ["run", "--no-prompt", "--no-check", "--quiet", "-A", script, workspace, PATCH, `${renaming}`];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" });
}

/** A disk whose `failing`th step fails, and with `dead` all that come after it too. */
function failingDisk(failing: number, dead: boolean): Disk & { steps: number } {
  const disk = { ...realDisk, steps: 0 };
  for (const step of ["write", "rename", "remove", "makeFolder"] as const) {
    disk[step] = (...args: unknown[]) => {
      disk.steps++;
      if (disk.steps === failing || (dead && disk.steps > failing)) {
        throw new Error(`step ${disk.steps} failed`);
      }
      (realDisk[step] as (...args: unknown[]) => void)(...args);
    };
  }
  return disk;
}

Deno.test("a patch changes all its files, keeps permissions and leaves nothing but its undo patch", () =>
  inWorkspace((workspace) => {
    const { undo } = apply(workspace);
    assert.deepEqual(contents(workspace), NEW);
    assert.deepEqual(kept(workspace), ["ID.after.json", "ID.patch", "lock"]);
    apply(workspace, Deno.readTextFileSync(`${workspace}/${undo}`));
    // Folders that became empty stay, and diffs know no permission but the one to execute.
    assert.deepEqual(contents(workspace), ["d.txt 644 gone\n", OLD[1], "n/", "n/e/", ...OLD.slice(2)]);
  }));

Deno.test("whichever step fails, nothing is changed and nothing is left behind", async () => {
  for (let failing = 1, failed = true; failed; failing++) {
    await inWorkspace((workspace) => {
      const disk = failingDisk(failing, false);
      try {
        apply(workspace, PATCH, disk);
        failed = false;
      } catch (error) {
        assert.equal(
          (error as Error).message,
          `Cannot apply the patch: step ${failing} failed; no file was changed`,
        );
        assert.deepEqual(contents(workspace), OLD, `step ${failing}`);
        assert.deepEqual(kept(workspace), ["lock"]);
        apply(workspace);
      }
      assert.deepEqual(contents(workspace), NEW);
      assert.equal(failed, failing <= STEPS);
    });
  }
});

Deno.test("whenever the process dies, all is undone by the next one, which can apply the patch", async () => {
  for (let failing = 1, failed = true; failed; failing++) {
    await inWorkspace((workspace) => {
      const disk = failingDisk(failing, true);
      try {
        apply(workspace, PATCH, disk);
        failed = false;
      } catch (error) {
        assert.match(
          (error as Error).message,
          /step \d+ failed; files may be changed: undoing it failed too \(step \d+ failed\) and/,
        );
        const begun = kept(workspace).includes("ID.begun.json");
        assert.deepEqual(recoverPatches(workspace), { undone: begun ? 1 : 0, left: [] });
        assert.deepEqual(contents(workspace), OLD, `step ${failing}`);
        assert.equal(appliedAlready(workspace, PATCH), undefined);
        apply(workspace);
      }
      assert.deepEqual(contents(workspace), NEW);
    });
  }
});

Deno.test("a killed process leaves no lock, and what it did is undone", () =>
  inWorkspace((workspace) => {
    // Three renamings keep the intent, the fourth changes the first file.
    const { signal, stderr } = another(workspace, 4).outputSync();
    assert.equal(signal, "SIGKILL", new TextDecoder().decode(stderr));
    assert.ok(
      contents(workspace).includes("m.txt 750 ONE\ntwo\n") && contents(workspace).includes("r.txt 604 r\n"),
    );
    assert.deepEqual(recoverPatches(workspace), { undone: 1, left: [] });
    assert.deepEqual(contents(workspace), OLD);
    apply(workspace);
    assert.deepEqual(contents(workspace), NEW);
  }));

Deno.test("a patch waits for one that another process applies, and then looks again", () =>
  inWorkspace(async (workspace) => {
    apply(workspace, "--- /dev/null\n+++ b/other\n@@ -0,0 +1 @@\n+other\n");
    const lock = Deno.openSync(`${workspace}/.troupe/undo/lock`, { write: true });
    lock.lockSync(true);
    const waiting = another(workspace, 99).spawn();
    const said = waiting.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    assert.equal((await said.next()).value, "planned\n");
    const next = said.next();
    // Time enough for one that does not wait.
    const pause = new Deno.Command(Deno.execPath(), { args: ["eval", "0"] }).output();
    const first = await Promise.race([next.then(() => "went on"), pause.then(() => "waits")]);
    assert.equal(first, "waits");
    await pause;
    Deno.writeTextFileSync(`${workspace}/m.txt`, "one\ntwo\nthree\n");
    lock.close();
    assert.equal((await next).value, "changed");
    assert.equal((await said.next()).done, true);
    assert.equal(await waiting.stderr.text(), "");
    assert.ok((await waiting.status).success);
  }));

Deno.test("dying while undoing is undone too", async () => {
  for (let failing = 1, failed = true; failed; failing++) {
    await inWorkspace((workspace) => {
      const half = failingDisk(STEPS, true);
      assert.throws(() => apply(workspace, PATCH, half));
      assert.deepEqual(contents(workspace), NEW);
      try {
        recoverPatches(workspace, failingDisk(failing, true));
        failed = false;
      } catch (error) {
        assert.match((error as Error).message, /^step \d+ failed$/);
      }
      recoverPatches(workspace);
      assert.deepEqual(contents(workspace), OLD);
      assert.deepEqual(kept(workspace), ["lock"]);
    });
  }
});

Deno.test("applying a patch undoes first what another left half done", () =>
  inWorkspace((workspace) => {
    const disk = failingDisk(STEPS, true);
    assert.throws(() => apply(workspace, PATCH, disk));
    assert.notDeepEqual(contents(workspace), OLD);
    const other = "--- /dev/null\n+++ b/other\n@@ -0,0 +1 @@\n+other\n";
    apply(workspace, other);
    assert.deepEqual(contents(workspace), OLD.toSpliced(2, 0, "other 644 other\n").toSorted());
  }));

Deno.test("what somebody changed after the process died is left, and told", () =>
  inWorkspace((workspace) => {
    assert.throws(() => apply(workspace, PATCH, failingDisk(STEPS, true)));
    const entry = contents(workspace).find((one) => one.startsWith("m.txt"))!;
    assert.match(entry, /ONE/);
    Deno.writeTextFileSync(`${workspace}/m.txt`, "mine");
    assert.deepEqual(recoverPatches(workspace), { undone: 1, left: ["m.txt"] });
    assert.deepEqual(contents(workspace), OLD.with(1, "m.txt 750 mine"));
    assert.deepEqual(recoverPatches(workspace), { undone: 0, left: [] });
  }));

Deno.test("a plan is not applied to files that changed since", () =>
  inWorkspace((workspace) => {
    const changes: [string, () => void, () => void][] = [
      ["m.txt", () => write("m.txt", "one\ntwo\nthree\n"), () => write("m.txt", "one\ntwo\n")],
      ["d.txt", () => Deno.removeSync(`${workspace}/d.txt`), () => write("d.txt", "gone\n")],
      ["n/e/w.sh", () => write("n/e/w.sh", ""), () => Deno.removeSync(`${workspace}/n`, { recursive: true })],
      ["sub/k.txt", () => write("sub/k.txt", ""), () => Deno.removeSync(`${workspace}/sub/k.txt`)],
      ["x.sh", () =>
        Deno.chmodSync(`${workspace}/x.sh`, 0o700), () =>
        Deno.chmodSync(`${workspace}/x.sh`, 0o644)],
    ];
    const plan = planned(workspace);
    Deno.chmodSync(`${workspace}/d.txt`, 0o644);
    for (const [path, change, restore] of changes) {
      Deno.mkdirSync(`${workspace}/n/e`, { recursive: true });
      change();
      const before = contents(workspace);
      const problem = applyPlan(plan, workspace, PATCH);
      assert.ok(problem instanceof PatchProblem, path);
      assert.equal(problem.code, "changed");
      assert.match(problem.message, new RegExp(`^Cannot patch ${path}: it was changed`));
      assert.deepEqual(contents(workspace), before);
      restore();
    }
    function write(path: string, text: string) {
      Deno.writeTextFileSync(`${workspace}/${path}`, text);
    }
  }));

Deno.test("links: out of the workspace is denied, a second name refused, within is followed", () =>
  inWorkspace((workspace) => {
    Deno.writeTextFileSync(`${workspace}/../secret`, "one\ntwo\n");
    Deno.symlinkSync("../secret", `${workspace}/out`);
    Deno.symlinkSync("..", `${workspace}/up`);
    Deno.symlinkSync("m.txt", `${workspace}/within`);
    Deno.symlinkSync("../nowhere", `${workspace}/dangling`);
    const change = (path: string) => `--- a/${path}\n+++ b/${path}\n@@ -1,2 +1,2 @@\n-one\n+ONE\n two\n`;
    const create = (path: string) => `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;
    for (const patch of [change("out"), change("up/secret"), create("up/new"), create("dangling")]) {
      assert.throws(() => apply(workspace, patch), { name: "Fault", code: "denied" }, patch);
    }
    const remove = "*** Begin Patch\n*** Delete File: within\n*** End Patch\n";
    const move = "diff --git a/within b/w\nrename from within\nrename to w\n";
    for (const patch of [remove, move]) {
      assert.throws(() => apply(workspace, patch), { code: "bad_path", message: /within: it is a link/ });
    }
    assert.throws(() => apply(workspace, change("m.txt") + change("within")), {
      message: /same file as m\.txt/,
    });
    assert.throws(() => apply(workspace, change("sub")), { message: "Cannot patch sub: it is a folder" });
    assert.throws(() => apply(workspace, create("m.txt/x")), { message: /a part of it is a file/ });
    apply(workspace, change("within"));
    assert.ok(Deno.lstatSync(`${workspace}/within`).isSymlink);
    assert.equal(Deno.readTextFileSync(`${workspace}/m.txt`), "ONE\ntwo\n");
    assert.equal(Deno.readTextFileSync(`${workspace}/../secret`), "one\ntwo\n");
    assert.deepEqual(Array.from(Deno.readDirSync(`${workspace}/..`), ({ name }) => name).sort(), [
      "secret",
      "ws",
    ]);
  }));

Deno.test("the folder for undoing cannot be a link out of the workspace", () =>
  inWorkspace((workspace) => {
    Deno.mkdirSync(`${workspace}/../elsewhere`);
    Deno.symlinkSync("../elsewhere", `${workspace}/.troupe`);
    assert.throws(() => apply(workspace), { code: "denied" });
    assert.deepEqual(Array.from(Deno.readDirSync(`${workspace}/../elsewhere`)), []);
    assert.deepEqual(contents(workspace), OLD);
  }));

Deno.test("a file of any content can be renamed and back", () =>
  inWorkspace((workspace) => {
    const bytes = new Uint8Array([0, 255, 10, 13]);
    Deno.writeFileSync(`${workspace}/m.txt`, bytes);
    const { undo } = apply(workspace, "diff --git a/m.txt b/b/i/n\nrename from m.txt\nrename to b/i/n\n");
    assert.deepEqual(Deno.readFileSync(`${workspace}/b/i/n`), bytes);
    apply(workspace, Deno.readTextFileSync(`${workspace}/${undo}`));
    assert.deepEqual(Deno.readFileSync(`${workspace}/m.txt`), bytes);
  }));
