/**
 * Who works on a run: the model, the tools with their grants, and the agent that holds references to them.
 *
 * @module
 */
import { Journal } from "../../protocols/messages/journal.ts";
import { Model } from "../../protocols/messages/model.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { ToolProtocol } from "../../protocols/messages/tool.ts";
import { agent } from "../../actors/agents/agent.ts";
import type { AgentOptions } from "../../actors/agents/agent_options.ts";
import type { AgentTool } from "../../actors/agents/tool_calls.ts";
import { calculator } from "../../actors/tools/calculator.ts";
import { echo } from "../../actors/tools/echo.ts";
import { executePython, executePythonGrant } from "../../actors/tools/execute_python.ts";
import { listFiles, listFilesGrant } from "../../actors/tools/list_files.ts";
import { readFile, readFileGrant } from "../../actors/tools/read_file.ts";
import { timestamp } from "../../actors/tools/timestamp.ts";
import { toolSpec } from "../../actors/tools/tool_spec.ts";
import type { ToolDefinition } from "../../actors/tools/tool.ts";
import { writeFile, writeFileGrant } from "../../actors/tools/write_file.ts";
import type { Grant } from "../../supervisor/actor/grant.ts";
import { type ActorChild, child, type Started } from "../../supervisor/tree/spec.ts";

/** What runs Python, if anything does. */
export type Executor = "pyodide" | "none";

/** A crew before it is started. */
export interface Crew {
  /** In starting order; the last one is the agent. */
  readonly children: readonly ActorChild[];
  /** What people call the model. */
  readonly modelName: string;
  /** Folder of its files, where that is not the runtime's. */
  readonly workspace?: string;
}

/** Name of the agent among the children. */
export const AGENT = "agent";
/** Name of the store, which all crews share. */
export const STORE = "store";
/** Name of the model among the children. */
export const MODEL = "model";

/** A tool that dies more often is left down: its calls fail, and the run goes on without it. */
const TOOL_LIMIT = { restarts: 3, withinMs: 5_000 };

/** A tool and the actor behind it. */
export interface Tool {
  /** Its actor. */
  readonly child: ActorChild;
  /** What the model is told of it. */
  readonly definition: ToolDefinition;
}

/** The tools of a workspace. They start when first used. */
export function workspaceTools(workspace: string, executor: Executor): Tool[] {
  const tools = [
    tool(echo, undefined, "none"),
    tool(calculator, undefined, "none"),
    tool(timestamp, undefined, "none"),
    tool(readFile, { workspace }, readFileGrant(workspace)),
    tool(writeFile, { workspace }, writeFileGrant(workspace)),
    tool(listFiles, { workspace }, listFilesGrant(workspace)),
  ];
  return executor === "none" ? tools : [...tools, tool(executePython, {}, executePythonGrant())];
}

/** A tool as a child of the crew. */
export function tool<Options>(definition: ToolDefinition<Options>, options: Options, grant: Grant): Tool {
  return {
    child: child(definition.tool.name, definition, () => options, { grant, lazy: true, limit: TOOL_LIMIT }),
    definition: definition as ToolDefinition,
  };
}

/** What a crew is made of. */
export interface CrewParts {
  /** A child of the name {@linkcode MODEL} that answers the Model protocol. */
  readonly model: ActorChild;
  /** What the agent may use. */
  readonly tools: readonly Tool[];
  /** What it knows of and may not use, and why. Default none. */
  readonly denied?: readonly { readonly definition: ToolDefinition; readonly reason: string }[];
  /** The rest of what the agent is made of. */
  readonly agent: Omit<AgentOptions, "model" | "journal" | "tools">;
}

/** The agent is started last and handed a reference to each of the others. */
export function crew({ model, tools, denied = [], agent: parts }: CrewParts): Crew {
  const options = (started: Started): AgentOptions => ({
    ...parts,
    model: started.ref(Model, MODEL),
    journal: started.ref(Journal, STORE),
    tools: [
      ...tools.map(({ child: { name, actor }, definition }): AgentTool => ({
        spec: toolSpec(definition),
        settle: definition.tool.settle,
        ref: started.ref(actor.protocol, name) as ActorRef<ToolProtocol>,
      })),
      ...denied.map(({ definition, reason }): AgentTool => ({
        spec: toolSpec(definition),
        settle: definition.tool.settle,
        ref: null,
        reason,
      })),
    ],
  });
  return {
    children: [
      model,
      ...tools.map(({ child }) => child),
      child(AGENT, agent, options, { restart: "on-failure" }),
    ],
    modelName: parts.modelName,
  };
}
