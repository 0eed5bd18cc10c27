/**
 * What came of a call, as clients are told: a refusal or a failure is a result with `isError`, for a model to read.
 *
 * @module
 */
import { type CallToolResult, type ContentBlock, isCallToolResult } from "@modelcontextprotocol/server";
import type { Artifact } from "../../messages/tool.ts";
import type { Called, ListedTool } from "../../../workspace/desk/desk.ts";

/** The result of a call of this tool. What a remote tool answered is passed on as it is. */
export function resultOf({ outcome, verbatim }: Called, tool: ListedTool | undefined): CallToolResult {
  if (verbatim !== undefined && isCallToolResult(verbatim)) return verbatim;
  if (!outcome.ok) return errorResult(outcome.message);
  const structuredContent = tool?.result === undefined ? undefined : objectIn(outcome.content);
  return {
    content: [textOf(outcome.content), ...(outcome.artifacts ?? []).map(artifactContent)],
    ...(structuredContent !== undefined && { structuredContent }),
  };
}

/** A result that says what went wrong. */
export function errorResult(message: string): CallToolResult {
  return { content: [textOf(message)], isError: true };
}

/** A result that is an object, as text too for clients that do not read structures. */
export function objectResult(value: Readonly<Record<string, unknown>>, isError: boolean): CallToolResult {
  return { content: [textOf(JSON.stringify(value))], structuredContent: value, ...(isError && { isError }) };
}

function textOf(text: string): ContentBlock {
  return { type: "text", text };
}

function artifactContent({ name, mediaType, base64, path }: Artifact): ContentBlock {
  if (mediaType.startsWith("image/")) return { type: "image", data: base64, mimeType: mediaType };
  if (mediaType.startsWith("audio/")) return { type: "audio", data: base64, mimeType: mediaType };
  const uri = `troupe://artifacts/${encodeURI(path ?? name)}`;
  return { type: "resource", resource: { uri, mimeType: mediaType, blob: base64 } };
}

/** The object that a tool with a result schema wrote; undefined should it have written something else. */
function objectIn(content: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}
