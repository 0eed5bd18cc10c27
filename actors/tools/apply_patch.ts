/**
 * The tool that changes files of the workspace by a patch.
 *
 * It may be repeated after a crash: what a dead process left half done is taken back first, and a patch whose
 * files are all just as it made them is answered with "already applied". So it is also when a model sends the same patch
 * twice in a row and means it.
 *
 * @module
 */
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { WorkspaceOptions } from "../../sandbox/files/contain.ts";
import { fileFault } from "../../sandbox/files/file_fault.ts";
import { applyPlan } from "../../sandbox/patch/apply_plan.ts";
import type { Placed } from "../../sandbox/patch/place_hunks.ts";
import { type Plan, type PlannedFile, planPatch } from "../../sandbox/patch/plan.ts";
import { type PatchCode, PatchProblem } from "../../sandbox/patch/problem.ts";
import { storedIn } from "../../sandbox/patch/stored_files.ts";
import { appliedAlready, type Recovered, recoverPatches } from "../../sandbox/patch/undo_folder.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { defineTool } from "./tool.ts";

/** What {@linkcode applyPatch} needs: to read the workspace, because it follows links, and to write it. */
export const applyPatchGrant = (workspace: string): Permissions => ({
  read: [workspace],
  write: [workspace],
});

/**
 * `{ diff, dry_run? }`; changes all files of the patch or none, and answers with what changed, where hunks went that did
 * not fit where they said, and the path of the patch that undoes it.
 */
export const applyPatch = defineTool({
  module: import.meta.url,
  name: "apply_patch",
  description:
    "Changes, creates, deletes and renames text files of the workspace by a patch: a unified diff " +
    '("--- a/file", "+++ b/file", "@@ -1,3 +1,4 @@"; /dev/null for no file; git\'s "rename from" and "rename to" lines) ' +
    'or the "*** Begin Patch" format. All files are changed or none. Context and removed lines must be exactly those of ' +
    "the file; line numbers and counts may be wrong. A patch that undoes the change is kept and named in the answer.",
  parameters: (z) =>
    z.object({
      diff: z.string().describe("The patch; its paths are relative to the workspace"),
      dry_run: z.boolean().optional().describe("Only say what would change; default false"),
    }),
  settle: "repeatable",
  needs: ["FileRead", "FileWrite"],
  open: (options: WorkspaceOptions) => options,
  invoke({ workspace }, { diff, dry_run = false }): string | ToolOutcome {
    try {
      const recovered = recoverPatches(workspace);
      const outcome = patched(workspace, diff, dry_run);
      return typeof outcome === "string" ? outcome + reportRecovered(recovered) : outcome;
    } catch (error) {
      throw fileFault("patch", "the files", error);
    }
  },
});

function patched(workspace: string, diff: string, dryRun: boolean): string | ToolOutcome {
  const already = appliedAlready(workspace, diff);
  if (already !== undefined) {
    return `Already applied: its files are just as this patch made them, nothing was changed now.\n${
      undoLine(already)
    }`;
  }
  const plan = planPatch(diff, storedIn(workspace));
  if (plan instanceof PatchProblem) return refused(plan);
  if (dryRun) return `This patch can be applied. Nothing was changed.\n${report(plan)}`;
  const applied = applyPlan(plan, workspace, diff);
  if (applied instanceof PatchProblem) return refused(applied);
  return `Applied.\n${report(plan)}\n${undoLine(applied.undo)}`;
}

function undoLine(path: string): string {
  return `The patch that undoes it: ${path}`;
}

function refused({ code, message }: PatchProblem): ToolOutcome {
  const kinds: Partial<Record<PatchCode, "denied" | "not_found" | "transient">> = {
    bad_path: "denied",
    missing: "not_found",
    changed: "transient",
  };
  return { ok: false, kind: kinds[code] ?? "permanent", message: `${message}\nNo file was changed.` };
}

function report({ files }: Plan): string {
  return files.map((file) => [fileLine(file), ...file.placed.flatMap(placeLine)].join("\n")).join("\n");
}

function fileLine({ kind, path, from, before, after, added, removed }: PlannedFile): string {
  const name = from === undefined ? path : `${from} -> ${path}`;
  const mode = before !== null && after !== null && before.executable !== after.executable
    ? after.executable ? ", now executable" : ", not executable any more"
    : "";
  return `${kind} ${name} (+${added} -${removed}${mode})`;
}

function placeLine({ line, offset, elsewhere }: Placed, index: number): string[] {
  if (offset === 0) return [];
  const also = elsewhere ? "; it fits at other places too, farther away" : "";
  return [
    `  hunk ${index + 1} went to line ${line}, ${offset > 0 ? "+" : ""}${offset} from where it said${also}`,
  ];
}

function reportRecovered({ undone, left }: Recovered): string {
  if (undone === 0) return "";
  const kept = left.length === 0 ? "" : `, except for what was changed since: ${left.join(", ")}`;
  return `\nA patch that was interrupted earlier was undone first${kept}.`;
}

if (import.meta.main) serve(applyPatch);
