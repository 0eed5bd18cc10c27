/**
 * The server the public MCP conformance suite is run against: our endpoint and our Tasks extension, offering the tools,
 * resources and prompts whose names the suite's scenarios know.
 *
 * @see https://github.com/modelcontextprotocol/conformance
 * @module
 */
import { Hono } from "@hono/hono";
import {
  createRequestStateCodec,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from "@modelcontextprotocol/server";
import { createEndpoint, type Endpoint } from "../../protocols/mcp/server/endpoint.ts";
import { boundTo, type ChangedList, type Offer } from "../../protocols/mcp/server/offer.ts";
import { ANYONE, type ServedEnv } from "../../workspace/service/caller.ts";
import { MadeTasks } from "./mcp_fixture_tasks.ts";
import { fixtureTools } from "./mcp_fixture_tools.ts";
import { registerFixturePrompts, registerFixtureResources } from "./mcp_fixture_texts.ts";

/** A fixture that listens. */
export interface Fixture {
  /** Of its endpoint. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the fixture on loopback. */
export function serveFixture(port = 0): Fixture {
  const tasks = new MadeTasks();
  const endpoint = createEndpoint(fixtureOffer(tasks));
  const server = Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, doorTo(endpoint).fetch);
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    async close() {
      tasks.close();
      await endpoint.close();
      await server.shutdown();
    },
  };
}

/** Host, Origin and caller, as the HTTP layer checks them. */
function doorTo({ app }: Endpoint): Hono<ServedEnv> {
  const door = new Hono<ServedEnv>();
  door.use(async (context, next) => {
    const refused = hostHeaderValidationResponse(context.req.raw, localhostAllowedHostnames()) ??
      originValidationResponse(context.req.raw, localhostAllowedOrigins());
    if (refused) return refused;
    context.set("caller", ANYONE);
    await next();
  });
  return door.route("/", app);
}

function fixtureOffer(tasks: MadeTasks): Offer {
  const listeners = new Set<(list: ChangedList) => void>();
  const codec = createRequestStateCodec<Record<string, unknown>>({
    key: crypto.getRandomValues(new Uint8Array(32)),
    bind: boundTo,
  });
  const tools = fixtureTools({
    tasks,
    seal: (state, context) => codec.mint(state, context),
    changed: (list) => listeners.forEach((listener) => listener(list)),
  });
  return {
    identity: { name: "troupe-conformance-fixture", version: "1.0.0" },
    options: {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      cacheHints: {
        "tools/list": { ttlMs: 300_000, cacheScope: "public" },
        "resources/list": { ttlMs: 300_000, cacheScope: "public" },
        "prompts/list": { ttlMs: 300_000, cacheScope: "public" },
      },
      requestState: { verify: (state, context) => codec.verify(state, context) },
    },
    tasks,
    tools: () => Promise.resolve(tools.listed),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    register(server) {
      server.setRequestHandler("tools/list", () => ({ tools: tools.listed }));
      server.setRequestHandler("tools/call", (request, context) => tools.call(request.params, context));
      registerFixtureResources(server);
      registerFixturePrompts(server);
      server.setRequestHandler(
        "completion/complete",
        () => ({ completion: { values: [], total: 0, hasMore: false } }),
      );
    },
  };
}

if (import.meta.main) {
  const { url } = serveFixture(Number(Deno.args[0] ?? 8700));
  await Deno.stdout.write(new TextEncoder().encode(`${url}\n`));
}
