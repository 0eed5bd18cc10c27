/**
 * Who works on a run: the model, the tools with their grants, and the agent that holds references to them.
 *
 * @module
 */
import { Agent } from "../../protocols/messages/agent.ts";
import { Journal } from "../../protocols/messages/journal.ts";
import { Model } from "../../protocols/messages/model.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { ToolProtocol } from "../../protocols/messages/tool.ts";
import { agent } from "../../actors/agents/agent.ts";
import type { AgentOptions } from "../../actors/agents/agent_options.ts";
import type { AgentTool } from "../../actors/agents/tool_calls.ts";
import { approver } from "../../actors/approvals/approver.ts";
import { toolSpec } from "../../actors/tools/tool_spec.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import { type ActorChild, child, type Started } from "../../supervisor/tree/spec.ts";
import type { Colleague } from "./extension.ts";
import type { DeniedTool, Tool, Toolkit } from "./toolkit.ts";

/** A crew before it is started. */
export interface Crew {
  /** In starting order; the last one is the agent. */
  readonly children: readonly ActorChild[];
  /** What people call the model. */
  readonly modelName: string;
  /** Folder of its files, where that is not the runtime's. */
  readonly workspace?: string;
  /** Opens its {@linkcode APPROVER} to whoever answers for a person; a crew without one asks nobody. */
  readonly approvalKey?: string;
  /** What is taken out of all that is kept or told of its runs. Default nothing. */
  readonly secrets?: readonly Fingerprint[];
}

/** Name of the agent among the children. */
export const AGENT = "agent";
/** Name of the store, which all crews share. */
export const STORE = "store";
/** Name of the model among the children. */
export const MODEL = "model";
/** Name of the actor among the children that passes on what tools ask of a person. */
export const APPROVER = "approver";

/** What a crew is made of. */
export interface CrewParts extends Partial<Pick<Toolkit, "denied" | "actors">>, Pick<Toolkit, "tools"> {
  /** A child of the name {@linkcode MODEL} that answers the Model protocol. */
  readonly model: ActorChild;
  /** Agents that work elsewhere. Default none. */
  readonly colleagues?: readonly Colleague[];
  /** The rest of what the agent is made of. */
  readonly agent: Omit<AgentOptions, "model" | "journal" | "tools" | "colleagues">;
}

/** The agent is started last and handed a reference to each of the others. */
export function crew(
  { model, tools, actors = [], denied = [], colleagues = [], agent: parts }: CrewParts,
): Crew {
  const options = (started: Started): AgentOptions => ({
    ...parts,
    model: started.ref(Model, MODEL),
    journal: started.ref(Journal, STORE),
    tools: agentTools({ tools, denied }, started),
    colleagues: colleagues.map(({ name, description, child }) => ({
      name,
      description,
      ref: started.ref(Agent, child.name),
    })),
  });
  const approvalKey = crypto.randomUUID();
  return {
    children: [
      child(APPROVER, approver, { key: approvalKey }, { lazy: true }),
      model,
      ...actors,
      ...tools.map(({ child }) => child),
      ...colleagues.map(({ child }) => child),
      child(AGENT, agent, options, { restart: "on-failure" }),
    ],
    modelName: parts.modelName,
    approvalKey,
    ...(parts.secrets === undefined ? {} : { secrets: parts.secrets }),
  };
}

/** Tools as an agent is handed them, once their actors are there. */
export function agentTools(
  { tools, denied }: Pick<Toolkit, "tools" | "denied">,
  started: Started,
): AgentTool[] {
  return [...tools.map((tool) => handedOver(tool, started)), ...denied.map(knownOf)];
}

function handedOver(
  { child: { name, actor }, definition, decision, timeoutMs }: Tool,
  started: Started,
): AgentTool {
  return {
    spec: toolSpec(definition),
    settle: definition.tool.settle,
    ref: started.ref(actor.protocol, name) as ActorRef<ToolProtocol>,
    decision,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function knownOf({ definition, reason, decision }: DeniedTool): AgentTool {
  const { name, settle } = definition.tool;
  return {
    spec: toolSpec(definition),
    settle,
    ref: null,
    reason,
    decision: decision ?? { tool: name, allowed: false, denied: [], grant: "nothing", reason },
  };
}
