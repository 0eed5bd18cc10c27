/**
 * What a server that begins to serve tells the person who started it: lines to be copied, and what to look out for.
 *
 * @module
 */
import type { Config } from "../../workspace/config/load.ts";

/** What is known of a server. */
export interface Served {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** The address it listens at is reached from this machine only. */
  readonly loopback: boolean;
  readonly config: Pick<Config, "server" | "noEndpoint" | "workspace" | "db" | "file">;
  /** Tasks of the last process that go on. */
  readonly recovered: number;
}

/** Addresses for programs: one document. */
export function addresses({ baseUrl }: Served): Record<string, string> {
  return {
    url: baseUrl,
    card: `${baseUrl}/.well-known/agent-card.json`,
    a2a: `${baseUrl}/a2a`,
    mcp: `${baseUrl}/mcp`,
  };
}

/** For people; `program` is the command line that starts this program. */
export function greeting(served: Served, program: readonly string[]): string {
  const { baseUrl, config } = served;
  return `Troupe answers at ${baseUrl} (Ctrl-C stops it)

The agent's card, and a task for it (A2A):
  curl ${baseUrl}/.well-known/agent-card.json
  curl ${baseUrl}/ -H 'Content-Type: application/json'${keyHeader(config)} -d '${JSON.stringify(TASK)}'

Its tools (MCP), over HTTP and for hosts that start a program:
  ${baseUrl}/mcp
  ${JSON.stringify(clientConfiguration(config, program))}
`;
}

/** What the person should know beside that, a line each. */
export function warnings({ loopback, recovered, config: { server, noEndpoint } }: Served): string[] {
  const open = [
    ...(server.a2a.apiKeys.size === 0 ? ["give it tasks (set [server.a2a.api_keys])"] : []),
    ...(server.mcp.oauth === undefined ? ["call its tools (set [server.mcp.oauth])"] : []),
  ];
  return [
    ...(recovered === 0 ? [] : [recovered === 1 ? "1 task goes on" : `${recovered} tasks go on`]),
    ...(noEndpoint === undefined
      ? []
      : [`no model to ask, so tasks fail, tools work: ${noEndpoint.message}`]),
    ...(loopback || open.length === 0
      ? []
      : [`warning: whoever can reach ${server.host} can ${open.join(" and ")}`]),
  ];
}

const TASK = {
  jsonrpc: "2.0",
  id: 1,
  method: "message/send",
  params: {
    message: {
      kind: "message",
      messageId: "1",
      role: "user",
      parts: [{ kind: "text", text: "What is 2+2?" }],
    },
  },
};

function keyHeader({ server }: Served["config"]): string {
  return server.a2a.apiKeys.size === 0 ? "" : ` -H "X-API-Key: $KEY"`;
}

/** Hosts start programs in folders of their own, so everything that is found by folder is named. */
function clientConfiguration({ workspace, db, file }: Served["config"], program: readonly string[]): unknown {
  const [command, ...args] = program;
  const places = ["--workspace", workspace, "--db", db, ...(file === undefined ? [] : ["--config", file])];
  return { mcpServers: { troupe: { command, args: [...args, "mcp", ...places] } } };
}
