/**
 * A program that applies a patch, says "planned" before and what came of it after, and kills itself at the given renaming.
 *
 * @module
 */
import { applyPlan } from "../../../sandbox/patch/apply_plan.ts";
import { realDisk } from "../../../sandbox/patch/disk.ts";
import { planPatch } from "../../../sandbox/patch/plan.ts";
import { PatchProblem } from "../../../sandbox/patch/problem.ts";
import { storedIn } from "../../../sandbox/patch/stored_files.ts";

const [workspace, patch, renames] = Deno.args as [string, string, string];
const plan = planPatch(patch, storedIn(workspace));
if (plan instanceof PatchProblem) throw plan;
let left = Number(renames);
Deno.stdout.writeSync(new TextEncoder().encode("planned\n"));
const applied = applyPlan(plan, workspace, patch, {
  ...realDisk,
  rename(from, to) {
    if (left-- === 0) Deno.kill(Deno.pid, "SIGKILL");
    realDisk.rename(from, to);
  },
});
Deno.stdout.writeSync(new TextEncoder().encode(applied instanceof PatchProblem ? applied.code : "applied"));
