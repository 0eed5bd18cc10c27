/**
 * Tools as they stand on the wire, built once for each list.
 *
 * @module
 */
import type { Tool } from "@modelcontextprotocol/server";
import type { ListedTool } from "../../../workspace/desk/desk.ts";

const built = new WeakMap<readonly ListedTool[], readonly Tool[]>();

/** The tools of a list; the same array for the same list. */
export function wireTools(listed: readonly ListedTool[]): readonly Tool[] {
  const known = built.get(listed);
  if (known !== undefined) return known;
  const tools = listed.map(wireTool);
  built.set(listed, tools);
  return tools;
}

/** One tool. Refused ones are listed too: whoever reads why can change it. */
export function wireTool({ name, description, parameters, result, annotations, denied }: ListedTool): Tool {
  return {
    name,
    description: denied === undefined ? description : `${description}\n\nCalls are refused: ${denied}`,
    inputSchema: { ...parameters, type: "object" },
    ...(result !== undefined && { outputSchema: { ...result, type: "object" as const } }),
    annotations: {
      readOnlyHint: annotations.readOnly,
      destructiveHint: annotations.destructive,
      idempotentHint: annotations.idempotent,
      openWorldHint: annotations.openWorld,
    },
  };
}
