/**
 * The official clients of A2A and MCP, in all the ways they talk, and what tests say and read with them.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Message,
  SendMessageRequest,
  type StreamResponse,
  type Task,
  type TaskState,
} from "@a2a-js/sdk";
import {
  type Client as A2aClient,
  ClientFactory,
  ClientFactoryOptions,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from "@a2a-js/sdk/client";
import { Client as McpClient } from "@modelcontextprotocol/client";

const LEGACY = { legacyCompat: { enabled: true } };

/** The client of A2A, by the way it talks. */
export const A2A_CLIENTS = {
  "1.0 JSON-RPC": (url: string) => factory(new JsonRpcTransportFactory()).createFromUrl(url),
  "1.0 HTTP+JSON": (url: string) => factory(new RestTransportFactory()).createFromUrl(url),
  "0.3 JSON-RPC": (url: string) => {
    const cardResolver = new DefaultAgentCardResolver({ path: ".well-known/agent.json", ...LEGACY });
    return factory(new JsonRpcTransportFactory(LEGACY), cardResolver).createFromUrl(url);
  },
} as const;

function factory(
  transport: JsonRpcTransportFactory | RestTransportFactory,
  cardResolver?: DefaultAgentCardResolver,
): ClientFactory {
  const options = { transports: [transport], ...(cardResolver && { cardResolver }) };
  return new ClientFactory(ClientFactoryOptions.createFrom(ClientFactoryOptions.default, options));
}

/** A message whose sender waits for what comes of it. */
export function saying(text: string, more: Record<string, unknown> = {}): SendMessageRequest {
  const message = { messageId: crypto.randomUUID(), role: "ROLE_USER", parts: [{ text }], ...more };
  return SendMessageRequest.fromJSON({ message, configuration: { returnImmediately: false } });
}

/** The task that comes of a message. */
export async function send(client: A2aClient, request: SendMessageRequest): Promise<Task> {
  const result = await client.sendMessage(request);
  assert.ok("status" in result);
  return result;
}

/** The texts of a message. */
export function words(message: Message | undefined): string {
  return message?.parts.map(({ content }) => content?.$case === "text" ? content.value : "").join("") ?? "";
}

/** The state an event of a stream tells of. */
export function stateOf({ payload }: StreamResponse): TaskState | undefined {
  if (payload?.$case === "task" || payload?.$case === "statusUpdate") return payload.value.status?.state;
}

/** How clients of MCP speak. */
export const ERAS = ["2025-11-25", "2026-07-28"] as const;

/** A client of MCP whose person answers every question with yes. */
export function mcpClient(era: typeof ERAS[number]): McpClient {
  const mode = era === "2026-07-28" ? { pin: era } : "legacy" as const;
  const capabilities = { elicitation: {} };
  const client = new McpClient({ name: "test", version: "1" }, {
    versionNegotiation: { mode },
    capabilities,
  });
  client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { allow: true } }));
  return client;
}

/** What `run_task` answers. */
export interface Answered {
  readonly status: string;
  readonly answer: string;
}

/** A task as the Tasks extension tells of it. */
export interface TaskAnswer {
  readonly taskId: string;
  readonly status: string;
  readonly result?: { readonly structuredContent: Answered };
}

/** A request of the Tasks extension, which the official client does not speak. */
export async function taskRequest(
  url: string,
  method: string,
  params: Record<string, unknown>,
): Promise<TaskAnswer> {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/tasks": {} } },
  };
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }),
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      "mcp-name": String(params.name ?? params.taskId),
    },
  });
  const { result } = await response.json();
  assert.ok(result, `${method} is answered`);
  return result;
}
