/**
 * Python for a crew: the tool, and the actors that copy files and get packages for it.
 *
 * @module
 */
import type { Capability } from "../../protocols/messages/capability.ts";
import { Packages } from "../../protocols/messages/packages.ts";
import { WorkspaceFiles } from "../../protocols/messages/workspace_files.ts";
import { packageInstaller } from "../../actors/packages/installer.ts";
import { type PackageOptions, packagesGrant } from "../../actors/packages/package_options.ts";
import { executePython, executePythonGrant, MAX_PYTHON_MS } from "../../actors/tools/execute_python.ts";
import { toolSpec } from "../../actors/tools/tool_spec.ts";
import type { ToolDefinition } from "../../actors/tools/tool.ts";
import { workspaceFiles, workspaceFilesGrant } from "../../actors/tools/workspace_files.ts";
import { pyodideDirectory } from "../../sandbox/python/assets.ts";
import { type ActorChild, child, type Started } from "../../supervisor/tree/spec.ts";
import type { PythonSettings } from "../config/tool_settings.ts";
import { type Tool, tool } from "./toolkit.ts";

/** What Python is set up with. */
export interface PythonSetup {
  /** Absolute path of the folder whose files it gets; null for no files. */
  readonly workspace: string | null;
  /** Folder for what sandboxes start from, and for packages. */
  readonly cache: string;
  /** The file that pins packages. */
  readonly lock: string;
  /** Limits and packages. */
  readonly settings: PythonSettings;
  /** Whether files are read and written back. */
  readonly granted: readonly Capability[];
  /** What code may call. */
  readonly tools: readonly ToolDefinition[];
}

/** The tool, and what is started before it. */
export interface PythonKit {
  readonly actors: readonly ActorChild[];
  readonly tool: Tool;
}

const FILES = "workspace_files", INSTALLER = "package_installer";
/** Milliseconds around a run: getting a sandbox, files and packages. */
const AROUND_MS = 150_000;

/** See the module's words. */
export function pythonKit({ workspace, cache, lock, settings, granted, tools }: PythonSetup): PythonKit {
  const { packages, sessions, ...limits } = settings;
  const installs: PackageOptions | undefined = packages.allow.length === 0
    ? undefined
    : { ...packages, lock, cache: `${cache}/packages`, pyodide: pyodideDirectory().replace(/\/$/, "") };
  const actors: ActorChild[] = [];
  if (workspace !== null) {
    const mayWrite = granted.includes("FileWrite");
    const files = { workspace, mayRead: mayWrite || granted.includes("FileRead"), mayWrite };
    actors.push(child(FILES, workspaceFiles, files, { grant: workspaceFilesGrant(files), lazy: true }));
  }
  if (installs !== undefined) {
    actors.push(child(INSTALLER, packageInstaller, installs, { grant: packagesGrant(installs), lazy: true }));
  }
  const options = (started: Started) => ({
    cache,
    limits: { ...limits, ...(sessions === undefined ? {} : { sandboxes: sessions }) },
    files: workspace === null ? null : started.ref(WorkspaceFiles, FILES),
    packages: installs === undefined ? null : started.ref(Packages, INSTALLER),
    tools: tools.map(toolSpec),
  });
  const made = tool(executePython, options, executePythonGrant(cache));
  return { actors, tool: { ...made, timeoutMs: MAX_PYTHON_MS + AROUND_MS } };
}
