/**
 * The actors Troupe comes with, and what agents are made of: models, tools, programs and the agent itself. A tool's own
 * module imports `@troupe/troupe/tool` instead, for its worker loads what it imports.
 *
 * An agent reaches what its {@linkcode AgentOptions} hold references to and nothing else. `@troupe/troupe/workspace`
 * puts crews together and keeps their runs.
 *
 * @module
 */
export { agent } from "./agents/agent.ts";
export type { Assumption } from "./agents/assume.ts";
export type { AgentOptions, ProgramName } from "./agents/agent_options.ts";
export type { Colleague } from "./agents/colleagues.ts";
export {
  FOLLOW_ATTEMPTS,
  type FollowOptions,
  followRun,
  FOREVER_MS,
  type RunRequest,
} from "./agents/follow.ts";
export type { Emit } from "./agents/ordered_events.ts";
export { type AgentTool, TOOL_TIMEOUT_MS } from "./agents/tool_calls.ts";

export { approver, type ApproverOptions, NOBODY } from "./approvals/approver.ts";

export { type Endpoint, grantFor } from "./models/endpoint.ts";
export { openAi, type OpenAiOptions } from "./models/openai.ts";
export { FREE, perMillion, type Price, type UsdPerMillion } from "./models/price.ts";
export { RETRY, type RetryPolicy } from "./models/retry.ts";
export { scripted, type ScriptedOptions, type ScriptLine } from "./models/scripted.ts";

export { DEFAULT_SYSTEM, type ProgramInput } from "./programs/conversation.ts";
export * from "./programs/effects.ts";
export { type Playback, type Played, playProgram } from "./programs/play.ts";
export { reAct } from "./programs/react.ts";
export { textualReAct } from "./programs/textual_react.ts";

export { applyPatch, applyPatchGrant } from "./tools/apply_patch.ts";
export { calculator } from "./tools/calculator.ts";
export { checkPolicy, type CheckPolicyOptions } from "./tools/check_policy.ts";
export { CommandRunner, commandRunner } from "./tools/command_runner.ts";
export { echo } from "./tools/echo.ts";
export { executePython, executePythonGrant } from "./tools/execute_python.ts";
export { listFiles, listFilesGrant } from "./tools/list_files.ts";
export { readFile, readFileGrant } from "./tools/read_file.ts";
export type { ProcessLimits } from "../sandbox/process/run_process.ts";
export { runCommand, runCommandGrant, type RunCommandOptions } from "./tools/run_command.ts";
export { timestamp } from "./tools/timestamp.ts";
export * from "./tools/tool.ts";
export type { ToolContext } from "./tools/invocation.ts";
export { resultSchema, toolSpec } from "./tools/tool_spec.ts";
export { writeFile, writeFileGrant } from "./tools/write_file.ts";
