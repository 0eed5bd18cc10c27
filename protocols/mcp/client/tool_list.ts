/**
 * What a server says of its tools, as far as it is believed: bounded in number and size, without what cannot be seen.
 *
 * @module
 */
import type { Tool } from "@modelcontextprotocol/client";
import type { ServerTool } from "../../messages/mcp_connection.ts";
import { LIST_CHARS, TOOL_CHARS, TOOLS, visible } from "./bounds.ts";

/** Tools that were taken, and how many were not. */
export interface TakenTools {
  readonly tools: readonly ServerTool[];
  readonly leftOut: number;
}

/** Levels of a schema that are read; what lies deeper is a tool's that is left out. */
const DEPTH = 64;
/** Keys of a schema whose texts are for readers; what the others say is compared, and changing it would break the tool. */
const FOR_READERS: ReadonlySet<string> = new Set(["title", "description", "$comment"]);

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
    const { $schema: _dialect, ...parameters } = cleaned(inputSchema) as Record<string, unknown>;
    const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
    const readOnly = readOnlyHint ?? false;
    return {
      name,
      description: visible(description),
      parameters: { properties: {}, ...parameters, type: "object" },
      ...(outputSchema === undefined ? {} : { result: cleaned(outputSchema) as Record<string, unknown> }),
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

/** @throws {RangeError} beyond {@linkcode DEPTH} levels. */
function cleaned(value: unknown, key = "", depth = 0): unknown {
  if (depth > DEPTH) throw new RangeError("Cannot read a schema of so many levels");
  if (typeof value === "string") return FOR_READERS.has(key) ? visible(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => cleaned(item, "", depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, cleaned(inner, key, depth + 1)]),
  );
}
