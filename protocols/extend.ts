/**
 * What a configuration brings from beyond this machine: MCP servers and A2A agents.
 *
 * @module
 */
import type { Config } from "../workspace/config/load.ts";
import type { Extension } from "../workspace/runtime/extension.ts";

/** The extensions that a configuration names; their libraries are loaded when there are any. */
export async function extend({ mcpServers, a2aAgents }: Config): Promise<Extension[]> {
  const extensions: Extension[] = [];
  if (mcpServers.length > 0) {
    extensions.push((await import("./mcp/client/federation.ts")).federation(mcpServers));
  }
  if (a2aAgents.length > 0) {
    extensions.push((await import("./a2a/client/remote_agents.ts")).remoteAgents(a2aAgents));
  }
  return extensions;
}
