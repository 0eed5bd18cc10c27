/**
 * Tools as a model is told of them. For the main thread: it builds real schemas.
 *
 * @module
 */
import { z } from "zod";
import type { ToolSpec } from "../../protocols/messages/model.ts";
import type { ToolDefinition } from "./tool.ts";

/**
 * A tool's name, description and parameters as JSON Schema. It is the schema the kernel checks calls with, so a
 * model that keeps to it is never refused, and keys it does not name are forbidden in both.
 */
export function toolSpec(definition: ToolDefinition): ToolSpec {
  const { name, description, parameters: known } = definition.tool;
  if (known !== undefined) return { name, description, parameters: known };
  const request = definition.protocol.messages(z).invoke.request;
  const { $schema: _dialect, ...parameters } = z.toJSONSchema(request, { io: "input" });
  return { name, description, parameters };
}

/** What the content of a tool's good outcomes is as JSON, as JSON Schema; undefined when it is just text. */
export function resultSchema({ tool: { result } }: ToolDefinition): Record<string, unknown> | undefined {
  if (result === undefined) return undefined;
  const { $schema: _dialect, ...content } = z.toJSONSchema(result(z), { io: "input" });
  return content;
}
