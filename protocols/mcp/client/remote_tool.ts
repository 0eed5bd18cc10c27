/**
 * The actor of one tool of an MCP server: to an agent a tool like any other.
 *
 * Its worker has no permissions. It holds two references: to the connection, which does the work, and to whoever asks a
 * person what the server wants to know.
 *
 * @module
 */
import type { Approval } from "../../messages/approval.ts";
import type { McpConnection, ServerTool } from "../../messages/mcp_connection.ts";
import type { ActorRef } from "../../messages/ref.ts";
import { toolProtocol } from "../../messages/tool.ts";
import { defineTool, type ToolDefinition } from "../../../actors/tools/tool.ts";
import { serve } from "../../../supervisor/actor/serve.ts";
import { ANSWER_MS, followCall } from "./follow_call.ts";

/** What {@linkcode remoteTool} is started with. */
export interface RemoteToolOptions {
  readonly connection: ActorRef<typeof McpConnection>;
  readonly approver: ActorRef<typeof Approval>;
  /** What the agent calls it. */
  readonly name: string;
  /** What the server is called. */
  readonly server: string;
  /** What the server calls it. */
  readonly tool: string;
}

/** Any of them; {@linkcode remoteToolOf} says which. */
export const remoteTool = defineTool({
  module: import.meta.url,
  name: "remote_tool",
  description: "A tool of an MCP server.",
  parameters: (z) => z.object({}),
  settle: "ask",
  concurrent: true,
  open: (options: RemoteToolOptions) => options,
  async invoke({ connection, approver, name, server, tool }, args, { signal, output }) {
    const { outcome } = await followCall({
      connection,
      name,
      server,
      tool,
      args,
      signal,
      onItem: (item) =>
        item.type === "output" ? output(item.channel, item.text) : output("stderr", inWords(item)),
      ask: (question, withdrawn) =>
        approver.call("ask", question, { signal: withdrawn, timeoutMs: ANSWER_MS }),
    });
    return outcome;
  },
});

/**
 * The definition of one tool. Its arguments are what its server says, word for word, and the server checks them: a schema
 * of a stranger's is nothing to run here.
 */
export function remoteToolOf(
  server: string,
  name: string,
  { description, parameters, annotations }: ServerTool,
): ToolDefinition<RemoteToolOptions> {
  return {
    ...remoteTool,
    protocol: toolProtocol(name, (z) => z.looseObject({})),
    tool: {
      name,
      description,
      parameters,
      settle: settleOf(annotations),
      needs: [`Custom(mcp_${server})`],
      annotations,
    },
  };
}

/** Whether a call that was cut off may be made again. */
export function settleOf({ readOnly, idempotent }: ServerTool["annotations"]): "repeatable" | "ask" {
  return readOnly || idempotent ? "repeatable" : "ask";
}

function inWords(
  { progress, total, message }: { progress: number; total?: number; message?: string },
): string {
  const far = total === undefined ? `${progress}` : `${progress} of ${total}`;
  return message === undefined ? `${far}\n` : `${far}: ${message}\n`;
}

if (import.meta.main) serve(remoteTool);
