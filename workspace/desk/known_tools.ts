/**
 * The tools of a toolkit as callers are told of them, and checks of what they are called with.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { resultSchema, toolSpec } from "../../actors/tools/tool_spec.ts";
import type { ToolDefinition } from "../../actors/tools/tool.ts";
import { type Guard, makeGuard } from "../../supervisor/actor/guard.ts";
import { requestSchemas } from "../../supervisor/worker/schemas.ts";
import type { Toolkit } from "../runtime/toolkit.ts";
import type { ListedTool } from "./desk.ts";

/** The arguments of a call. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A tool that can be called. */
export interface KnownTool {
  readonly listed: ListedTool;
  /** Names what is wrong with arguments. */
  readonly check: Guard;
  /** The argument that names what calls have in common. */
  readonly keeps: string | undefined;
}

/** By name, in the order of the toolkit: first what may be used. */
export function knownTools({ tools, denied }: Pick<Toolkit, "tools" | "denied">): Map<string, KnownTool> {
  const known = [
    ...tools.map(({ definition }) => knownTool(definition)),
    ...denied.map(({ definition, reason }) => knownTool(definition, reason)),
  ];
  return new Map(known.map((tool) => [tool.listed.name, tool]));
}

/** The same arguments, with a name that no other owner can say. They fit the tool's schema before and after. */
export function ownArguments({ keeps }: KnownTool, owner: string, args: Arguments): Arguments {
  if (keeps === undefined || args[keeps] === undefined) return args;
  const own = createHash("sha256").update(JSON.stringify([owner, args[keeps]])).digest("hex");
  return { ...args, [keeps]: own };
}

function knownTool(definition: ToolDefinition, denied?: string): KnownTool {
  const { settle, annotations, keeps } = definition.tool;
  const result = resultSchema(definition);
  return {
    listed: {
      ...toolSpec(definition),
      ...result === undefined ? {} : { result },
      annotations,
      settle,
      ...denied === undefined ? {} : { denied },
    },
    check: makeGuard(requestSchemas(definition.protocol).invoke ?? false),
    keeps,
  };
}
