/**
 * The tools that come with Troupe, for one workspace.
 *
 * @module
 */
import { Approval } from "../../protocols/messages/approval.ts";
import type { ToolSettings } from "../config/tool_settings.ts";
import { applyPatch } from "../../actors/tools/apply_patch.ts";
import { calculator } from "../../actors/tools/calculator.ts";
import { checkPolicy } from "../../actors/tools/check_policy.ts";
import { echo } from "../../actors/tools/echo.ts";
import { listFiles } from "../../actors/tools/list_files.ts";
import { readFile } from "../../actors/tools/read_file.ts";
import { ANSWER_MS, MAX_COMMAND_MS, runCommand } from "../../actors/tools/run_command.ts";
import { timestamp } from "../../actors/tools/timestamp.ts";
import { writeFile } from "../../actors/tools/write_file.ts";
import { searchFolders, SYSTEM_PATH } from "../../sandbox/process/search_path.ts";
import type { Started } from "../../supervisor/tree/spec.ts";
import { APPROVER } from "./crew.ts";
import { pythonKit, type PythonSetup } from "./python_tools.ts";
import { type DeniedTool, type Rights, type Tool, type Toolkit, toolOr } from "./toolkit.ts";

/** What runs Python, if anything does. */
export type Executor = "pyodide" | "none";

/** What the tools of a workspace are set up with. */
export interface WorkspaceSettings extends Pick<ToolSettings, "granted" | "hosts" | "rules"> {
  /** Absolute path of the folder. */
  readonly workspace: string;
  /** What runs Python. */
  readonly executor: Executor;
  /** How Python is set up, where it runs. */
  readonly python: Pick<PythonSetup, "cache" | "lock" | "settings">;
}

/** The tools of a workspace. They start when first used. */
export function workspaceTools(
  { workspace, executor, granted, hosts, rules, python }: WorkspaceSettings,
): Toolkit {
  const programFolders = searchFolders(SYSTEM_PATH, workspace);
  const rights: Rights = { granted, scope: { workspace, hosts, programs: true, programFolders } };
  const command = (started: Started) => ({
    workspace,
    rules,
    approver: started.ref(Approval, APPROVER),
  });
  const all = [
    toolOr(echo, {}, rights),
    toolOr(calculator, {}, rights),
    toolOr(timestamp, {}, rights),
    toolOr(readFile, { workspace }, rights),
    toolOr(writeFile, { workspace }, rights),
    toolOr(listFiles, { workspace }, rights),
    toolOr(applyPatch, { workspace }, rights),
    toolOr(checkPolicy, { rules, workspace }, rights),
    toolOr(runCommand, command, rights, ANSWER_MS + MAX_COMMAND_MS),
  ];
  const allowed = all.filter((one): one is Tool => "child" in one);
  const denied = all.filter((one): one is DeniedTool => !("child" in one));
  if (executor === "none") return { tools: allowed, denied, actors: [] };
  const tools = allowed.map(({ definition }) => definition);
  const kit = pythonKit({ ...python, workspace, granted, tools });
  return { tools: [...allowed, kit.tool], denied, actors: kit.actors };
}
