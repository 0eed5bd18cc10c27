/**
 * A workspace of fakes served over MCP, and official clients of both eras that talk to it.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import { Client, type ClientOptions, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMcpApp, type McpOptions } from "../../../../protocols/mcp/server/app.ts";
import { ANYONE, type ServedEnv } from "../../../../workspace/service/caller.ts";
import { FakeTasks, type TaskScript } from "../../../support/fake_tasks.ts";
import { type FakeTool, type FakeTools, fakeTools } from "../../../support/fake_tools.ts";

/** How clients speak. */
export type Era = "legacy" | "modern";
/** Both. */
export const ERAS: readonly Era[] = ["legacy", "modern"];

/** What is served, and how. */
export interface Setting extends Partial<Omit<McpOptions, "service">> {
  readonly tools?: readonly FakeTool[];
  readonly script?: TaskScript;
  /** Default a folder that is not there. */
  readonly workspace?: string;
}

/** The fakes of a service. */
export interface Faked {
  readonly tasks: FakeTasks;
  readonly tools: FakeTools;
  readonly service: McpOptions["service"];
}

/** Fakes that a server can be made of. */
export function faked({ tools, script, workspace = "/nowhere" }: Setting): Faked {
  const made = { tasks: new FakeTasks(script), tools: fakeTools(tools) };
  const runtime = { runs: () => Promise.resolve([]), show: () => Promise.resolve(null) };
  return { ...made, service: { ...made, runtime, config: { workspace } } };
}

/** A server at work. */
export interface Served extends Faked {
  readonly url: string;
  /** A client; whoever calls is who the header `x-owner` names. */
  client(era: Era, options?: ClientOptions, owner?: string): Promise<Client>;
  /** Posts a raw message. */
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** What went wrong and was answered. */
  readonly errors: Error[];
  /** Ends the endpoint before its time. */
  close(): Promise<void>;
}

/** Serves while `body` runs. */
export async function withServer(setting: Setting, body: (served: Served) => Promise<void>): Promise<void> {
  const fakes = faked(setting);
  const errors: Error[] = [];
  const { tools: _tools, script: _script, workspace: _workspace, ...options } = setting;
  const { app, close } = createMcpApp({
    version: "1.2.3",
    onError: (error) => errors.push(error),
    ...options,
    service: fakes.service,
  });
  const door = new Hono<ServedEnv>();
  door.use(async (context, next) => {
    context.set("caller", { ...ANYONE, owner: context.req.header("x-owner") ?? "anyone" });
    await next();
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    door.route("/", app).fetch,
  );
  const url = `http://127.0.0.1:${server.addr.port}/mcp`;
  const clients: Client[] = [];
  try {
    await body({
      ...fakes,
      url,
      errors,
      close,
      async client(era, options, owner = "anyone") {
        const client = officialClient(era, options);
        clients.push(client);
        const requestInit = { headers: { "x-owner": owner } };
        await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
        return client;
      },
      post: (body, headers) =>
        fetch(url, {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: {
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
            ...headers,
          },
        }),
    });
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await close();
    await server.shutdown();
  }
}

/** A client that is not connected yet. */
export function officialClient(era: Era, options: ClientOptions = {}): Client {
  const mode = era === "modern" ? { pin: "2026-07-28" } : "legacy" as const;
  return new Client({ name: "test", version: "1" }, { versionNegotiation: { mode }, ...options });
}

/** A request of a modern client, with the headers that go with it. */
export function modern(
  method: string,
  params: Record<string, unknown> = {},
  capabilities: Record<string, unknown> = {},
): [body: Record<string, unknown>, headers: Record<string, string>] {
  const name = params.name ?? params.uri ?? params.taskId;
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": capabilities,
    ...(params._meta as Record<string, unknown> | undefined),
  };
  return [
    { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } },
    {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof name === "string" && { "mcp-name": name }),
    },
  ];
}
