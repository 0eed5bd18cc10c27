/**
 * What a server says of its tools, as far as it is believed: bounded in number and size, without what cannot be seen.
 *
 * @module
 */
import type { Tool } from "@modelcontextprotocol/client";
import type { ServerTool } from "../../messages/mcp_connection.ts";
import { LIST_CHARS, TOOL_CHARS, TOOLS, visible } from "./bounds.ts";
import { readableSchema } from "./readable.ts";

/** Tools that were taken, and how many were not. */
export interface TakenTools {
  readonly tools: readonly ServerTool[];
  readonly leftOut: number;
}

/** Takes what is within bounds, in order; of several tools of one name the first. */
export function takeTools(listed: readonly Tool[]): TakenTools {
  const tools = new Map<string, ServerTool>();
  let room = LIST_CHARS;
  for (const one of listed) {
    if (tools.size >= TOOLS) break;
    const tool = takeTool(one);
    const size = tool === null ? Infinity : JSON.stringify(tool).length;
    if (tool === null || size > TOOL_CHARS || size > room || tools.has(tool.name)) continue;
    room -= size;
    tools.set(tool.name, tool);
  }
  return { tools: [...tools.values()], leftOut: listed.length - tools.size };
}

function takeTool(
  { name, title, description = title ?? "", inputSchema, outputSchema, annotations = {} }: Tool,
) {
  if (name === "" || name.length > TOOL_CHARS) return null;
  try {
    const { $schema: _dialect, ...parameters } = readableSchema(inputSchema);
    const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
    const readOnly = readOnlyHint ?? false;
    return {
      name,
      description: visible(description),
      parameters: { properties: {}, ...parameters, type: "object" },
      ...(outputSchema === undefined ? {} : { result: readableSchema(outputSchema) }),
      annotations: {
        readOnly,
        destructive: destructiveHint ?? !readOnly,
        idempotent: idempotentHint ?? readOnly,
        openWorld: openWorldHint ?? true,
      },
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
