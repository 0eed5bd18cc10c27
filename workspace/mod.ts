/**
 * Runs on this machine: the configuration a person wrote, the crew that works on a run, and the runtime that starts,
 * resumes, replays and remembers it.
 *
 * ```ts
 * import { openConfiguredRuntime } from "@troupe/troupe/workspace";
 *
 * const runtime = await openConfiguredRuntime({}); // this folder's configuration and environment
 * const run = await runtime.start("Sort [38, 27, 43] in Python", { turns: 10 });
 * for await (const event of run.events) if (event.type === "thought") console.log(event.thought.text);
 * console.log((await run.outcome).answer);
 * await runtime.close();
 * ```
 *
 * A crew of one's own is made with {@linkcode crew} and run by {@linkcode openRuntime}.
 *
 * @module
 */
export type { A2aAgentSettings } from "./config/a2a_agents.ts";
export type { Endpoint, NoEndpoint } from "./config/endpoints.ts";
export type { Environment, ReadText } from "./config/file.ts";
export { type Config, type ConfigInput, loadConfig, readTextFile } from "./config/load.ts";
export type { FlagTexts } from "./config/schema.ts";
export { Secret } from "./config/secret.ts";
export type { HttpServer, McpServerSettings, StdioServer } from "./config/mcp_servers.ts";
export type {
  A2aServing,
  McpServing,
  OAuthSettings,
  ServerSettings,
  Serving,
} from "./config/server_settings.ts";
export type { PythonSettings, ToolSettings } from "./config/tool_settings.ts";
export {
  openConfiguredPython,
  openPython,
  type Python,
  type PythonChoices,
  type PythonOptions,
  type PythonResult,
  type PythonRunOptions,
} from "./python/open_python.ts";
export { priceOf, PRICES, type Prices, type PriceTable } from "./prices/prices.ts";
export { type Choices, chooseCrewBy, type Recorded } from "./runtime/choose_crew.ts";
export { type Crew, crew, type CrewParts, MODEL } from "./runtime/crew.ts";
export { DEMO_TASK, demoCrew } from "./runtime/demo.ts";
export type { Beyond, Colleague, Extension } from "./runtime/extension.ts";
export { type Additions, type Extend, openConfiguredRuntime, type RuntimeSettings } from "./runtime/open.ts";
export {
  type ChooseCrew,
  openRuntime,
  type RootRuntime,
  type RunHandle,
  type Runtime,
  type RuntimeOptions,
} from "./runtime/runtime.ts";
export type { HearActor } from "./runtime/run_trees.ts";
export type { PythonSetup } from "./runtime/python_tools.ts";
export type { Person, Questions } from "./runtime/questions.ts";
export { type DeniedTool, type Rights, type Tool, tool, type Toolkit, toolOr } from "./runtime/toolkit.ts";
export { type Executor, type WorkspaceSettings, workspaceTools } from "./runtime/workspace_tools.ts";
export type { Annotations, Called, CallOptions, ListedTool, Progress, ToolSource } from "./desk/desk.ts";
export type { DocumentsMessages, DocumentsPort } from "../supervisor/durable/documents.ts";
export { openConfiguredService } from "./service/open_service.ts";
export type { Service } from "./service/service.ts";
export type { OpenQuestion, Task, TaskEvent, TaskOptions, Tasks, TaskState } from "./tasks/task.ts";
