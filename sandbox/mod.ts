/**
 * What contains: Python that can do nothing but compute, commands that are judged before they run, patches and paths that
 * cannot leave a folder, capabilities, secrets that stay where they are used.
 *
 * @module
 */
export { contain, type WorkspaceOptions } from "./files/contain.ts";
export { readText, type TextPiece } from "./files/read_text.ts";
export { replaceFile } from "./files/replace_file.ts";
export { type Listing, walkTree } from "./files/walk_tree.ts";
export type { Disk } from "./patch/disk.ts";
export type { FileChange, Hunk, HunkLine } from "./patch/file_change.ts";
export type { Line, LineEnd } from "./patch/text_lines.ts";
export type { Placed } from "./patch/place_hunks.ts";
export { type Applied, applyPlan } from "./patch/apply_plan.ts";
export { type Plan, type PlannedFile, planPatch, type ReadStored, type StoredFile } from "./patch/plan.ts";
export { type PatchCode, PatchProblem } from "./patch/problem.ts";
export { reversePatch, unifiedDiff } from "./patch/unified_diff.ts";
export { judge, type Judgement, type Part, type Policy } from "./policy/judge.ts";
export { PolicyRule, type PolicyVerdict } from "./policy/rules.ts";
export { pythonSandbox } from "./python/sandbox.ts";
export { SnapshotMaker, snapshotMaker, snapshotMakerGrant } from "./python/snapshot_maker.ts";
export { decide } from "./capabilities/decide.ts";
export { ToolManifest } from "./capabilities/manifest.ts";
export { permissionsFor, type Scope } from "./capabilities/permissions.ts";
export { type Checked, Sandbox, type SandboxConfig } from "./capabilities/sandbox.ts";
export {
  type Bases,
  type Fingerprint,
  fingerprints,
  MIN_SECRET,
  randomBases,
} from "./secrets/fingerprint.ts";
export { RedactedEvents } from "./secrets/redacted_events.ts";
export { type Found, Redactor } from "./secrets/redactor.ts";
