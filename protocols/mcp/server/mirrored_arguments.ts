/**
 * Arguments that modern clients also send as headers (`x-mcp-header` in a tool's schema, `Mcp-Param-…` in the request), so
 * that what stands between can route by them. The library refuses a request whose headers differ from its body, but knows
 * only tools of its own registry; here it is shown ours.
 *
 * @module
 */
import { McpServer, type Tool } from "@modelcontextprotocol/server";
import type { TaskServer } from "./task_server.ts";

/** Input schemas by tool. */
type Schemas = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

const mirrored = new WeakMap<readonly Tool[], Schemas>();

/** The server as it is to be served: among these tools are such with mirrored arguments, or there are none. */
export function mirroring(server: TaskServer, tools: readonly Tool[]): McpServer | TaskServer {
  const known = mirrored.get(tools) ?? withMirrors(tools);
  mirrored.set(tools, known);
  return known.size === 0 ? server : new Registry(server, known);
}

function withMirrors(tools: readonly Tool[]): Schemas {
  const declaring = tools.filter(({ inputSchema }) => JSON.stringify(inputSchema).includes('"x-mcp-header"'));
  return new Map(declaring.map(({ name, inputSchema }) => [name, inputSchema]));
}

/** A registry of schemas alone, around a server with handlers of its own. */
class Registry extends McpServer {
  override readonly server: TaskServer;
  readonly #schemas: Schemas;

  constructor(server: TaskServer, schemas: Schemas) {
    super({ name: "registry", version: "0" }); // never told: the server has its own name
    this.server = server;
    this.#schemas = schemas;
  }

  override toolInputSchemaJson(name: string): Record<string, unknown> | undefined {
    return this.#schemas.get(name);
  }
}
