/**
 * A server of MCP tools in a process of its own, for `mcp_calls.ts`: ours as `troupe serve` puts it together, with real
 * actors and a journal on disk; or the reference of the protocol's library, on Express. Both list the same number of
 * tools. Says on its output where it is, and ends when its input does.
 *
 * @module
 */
import { join } from "node:path";
import { Hono } from "@hono/hono";
import { createMcpExpressApp } from "@modelcontextprotocol/express";
import {
  type NodeIncomingMessageLike,
  type NodeServerResponseLike,
  toNodeHandler,
} from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { serveHttp } from "../../protocols/http/serve_http.ts";
import { createMcpApp } from "../../protocols/mcp/server/app.ts";
import { Journal } from "../../protocols/messages/journal.ts";
import { journalOver } from "../../supervisor/durable/journal.ts";
import { FakeTasks } from "../../tests/support/fake_tasks.ts";
import { ECHO, type FakeTool, fakeTools } from "../../tests/support/fake_tools.ts";
import { serverSettings } from "../../workspace/config/server_settings.ts";
import { combineSources } from "../../workspace/desk/combine.ts";
import { openDesk } from "../../workspace/desk/open_desk.ts";
import { STORE } from "../../workspace/runtime/crew.ts";
import { openRuntime } from "../../workspace/runtime/runtime.ts";
import { workspaceTools } from "../../workspace/runtime/workspace_tools.ts";
import { lines } from "./lines.ts";

/** Tools listed. */
const TOOLS = 45;
const VERSION = "bench";

type Asked = NodeIncomingMessageLike & { readonly body: unknown };

/** A server at work. */
interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** `echo` is the workspace's own; what fills the list comes from elsewhere. */
async function ours(): Promise<Server> {
  const folder = await Deno.makeTempDir({ prefix: "troupe-bench-" });
  const workspace = join(folder, "workspace");
  const runtime = await openRuntime({
    db: join(folder, "runs.db"),
    workspace,
    limits: { turns: 1 },
    crew: () => Promise.reject(new Error("there are no runs here")),
  });
  const python = { cache: folder, lock: join(folder, "lock.json"), settings: { packages: { allow: [] } } };
  const desk = openDesk({
    toolkit: workspaceTools({ workspace, executor: "none", granted: [], hosts: [], rules: [], python }),
    journal: journalOver(runtime.standing.ref(Journal, STORE)),
    startTree: (children) => runtime.startTree(children, () => {}),
    stopTree: (tree) => runtime.stopTree(tree),
    locks: join(folder, "locks"),
  });
  // One of the tools listed is the endpoint's own.
  const filling = TOOLS - 1 - (await desk.list()).length;
  const others = fakeTools(Array.from({ length: filling }, (_, at): FakeTool => {
    const { $schema: _dialect, ...parameters } = z.toJSONSchema(SHAPES[at % SHAPES.length]!());
    return { ...ECHO, name: `other_${at}`, parameters };
  }));
  const service = {
    tasks: new FakeTasks(),
    tools: combineSources(desk, [others]),
    runtime,
    config: { workspace },
  };
  const server = serveHttp({
    version: VERSION,
    settings: serverSettings({ port: 0, mcp: { rate_per_minute: 0 } }),
    report: reportError,
    mount: () => ({
      a2a: { app: new Hono(), close() {} },
      mcp: createMcpApp({ service, version: VERSION }),
    }),
  });
  return {
    url: `${server.baseUrl}/mcp`,
    async close() {
      await server.close();
      await desk.close();
      await runtime.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What tools are called with, as those of a workspace are: from one argument to four. */
const SHAPES: readonly (() => z.ZodObject)[] = [
  () => z.object({ text: z.string() }),
  () =>
    z.object({
      path: z.string().describe("Path of the file, relative to the workspace"),
      offset: z.int().min(0).optional().describe("First byte to read; default 0"),
      limit: z.int().min(4).max(262_144).optional().describe("Bytes to read; default and maximum 262144"),
    }),
  () =>
    z.object({
      path: z.string().optional().describe("Path of the folder; default the workspace itself"),
      recursive: z.boolean().optional().describe("Whether to list what lies below as well"),
    }),
  () =>
    z.object({
      command: z.string().min(1).max(100_000).describe("The command"),
      cwd: z.string().optional().describe("Folder to start in, relative to the workspace"),
      timeout_ms: z.int().min(100).max(600_000).optional().describe("Milliseconds it may run"),
    }),
  () =>
    z.object({
      code: z.string().max(1_000_000).describe("Python source; may use await at the top level"),
      session: z.string().min(1).max(200).optional().describe("Whose names and files to use"),
      timeout_ms: z.int().min(100).max(300_000).optional().describe("Milliseconds it may run"),
      reset: z.boolean().optional().describe("Begin the session anew"),
    }),
];

/** As the library's own examples put it together: its tools are declared in the function that makes a server. */
function reference(): Promise<Server> {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "reference", version: VERSION });
    for (let at = 0; at < TOOLS; at++) {
      const name = at === 0 ? "echo" : `other_${at}`;
      const inputSchema = SHAPES[at % SHAPES.length]!();
      server.registerTool(
        name,
        { description: "Says again what it is told.", inputSchema },
        ({ text }) => ({ content: [{ type: "text", text: String(text) }] }),
      );
    }
    return server;
  });
  const app = createMcpExpressApp();
  const answer = toNodeHandler(handler);
  const route = (request: Asked, response: NodeServerResponseLike) =>
    void answer(request, response, request.body);
  app.all("/mcp", route);
  const { promise, resolve } = Promise.withResolvers<Server>();
  const listening = app.listen(0, "127.0.0.1", () => {
    const { port } = listening.address() as { port: number };
    resolve({
      url: `http://127.0.0.1:${port}/mcp`,
      async close() {
        listening.closeAllConnections();
        await new Promise((resolve) => listening.close(resolve));
        await handler.close();
      },
    });
  });
  return promise;
}

const server = await (Deno.args[0] === "ours" ? ours() : reference());
await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(server.url)}\n`));
for await (const _order of lines(Deno.stdin.readable));
await server.close();
