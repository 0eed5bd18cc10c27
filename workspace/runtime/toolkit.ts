/**
 * Tools with exactly the rights they declare and were granted.
 *
 * @module
 */
import type { Capability, Decision } from "../../protocols/messages/capability.ts";
import type { ToolDefinition } from "../../actors/tools/tool.ts";
import { decide } from "../../sandbox/capabilities/decide.ts";
import { permissionsFor, type Scope } from "../../sandbox/capabilities/permissions.ts";
import type { Grant } from "../../supervisor/actor/grant.ts";
import { type ActorChild, child, type Started } from "../../supervisor/tree/spec.ts";

/** A tool and the actor behind it. */
export interface Tool {
  /** Its actor. */
  readonly child: ActorChild;
  /** What the model is told of it. */
  readonly definition: ToolDefinition;
  /** Why it may be called, for the audit log of the runs. */
  readonly decision: Decision;
  /** Milliseconds one call may take. Default that of the agent. */
  readonly timeoutMs?: number;
}

/** A tool that is known and may not be used. */
export interface DeniedTool {
  /** What the model is told of it. */
  readonly definition: ToolDefinition;
  /** What the model is told when it calls it. */
  readonly reason: string;
  /** The same for the audit log. Default made of the reason. */
  readonly decision?: Decision;
}

/** What an agent is handed. */
export interface Toolkit {
  /** What it may use. */
  readonly tools: readonly Tool[];
  /** What it knows of and may not use. */
  readonly denied: readonly DeniedTool[];
  /** Actors that tools need; started before them. */
  readonly actors: readonly ActorChild[];
}

/** What tools are handed out by. */
export interface Rights {
  /** What tools may be given. */
  readonly granted: readonly Capability[];
  /** What that reaches. */
  readonly scope: Scope;
}

/** A tool that dies more often is left down: its calls fail, and the run goes on without it. */
const TOOL_LIMIT = { restarts: 3, withinMs: 5_000 };

/** A tool as a child of the crew, with a grant of one's own choice. */
export function tool<Options>(
  definition: ToolDefinition<Options>,
  options: Options | ((started: Started) => Options),
  grant: Grant,
): Tool {
  const { name, needs } = definition.tool;
  return {
    child: child<typeof definition.protocol, Options>(
      name,
      definition,
      typeof options === "function" ? options as (started: Started) => Options : () => options,
      { grant, lazy: true, limit: TOOL_LIMIT },
    ),
    definition: definition as ToolDefinition,
    decision: decide(name, needs, needs),
  };
}

/**
 * A tool with the rights it declares, or denied when one of them is not granted. Its worker gets what the declaration
 * comes to, whatever its module says; a tool that declares too little is stopped by the platform.
 */
export function toolOr<Options>(
  definition: ToolDefinition<Options>,
  options: Options | ((started: Started) => Options),
  { granted, scope }: Rights,
  timeoutMs?: number,
): Tool | DeniedTool {
  const { name, needs } = definition.tool;
  const decision = decide(name, needs, granted);
  if (!decision.allowed) {
    return { definition: definition as ToolDefinition, reason: decision.reason, decision };
  }
  return { ...tool(definition, options, permissionsFor(needs, scope)), decision, timeoutMs };
}
