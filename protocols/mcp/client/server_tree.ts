/**
 * The supervised tree of one server: its connection with exactly the permissions that takes, and who ends its program.
 *
 * @module
 */
import { resolve } from "node:path";
import type { HttpServer, McpServerSettings, StdioServer } from "../../../workspace/config/mcp_servers.ts";
import type { Secret } from "../../../workspace/config/secret.ts";
import { findProgram, isProgram, SYSTEM_PATH } from "../../../sandbox/process/search_path.ts";
import type { Grant } from "../../../supervisor/actor/grant.ts";
import { child, subtree, type TreeChild } from "../../../supervisor/tree/spec.ts";
import { mcpConnection, type McpConnectionOptions } from "./connection.ts";
import { ServerGuard, serverGuard } from "./server_guard.ts";

/** A connection that dies more often is left down: calls fail, and everything else goes on. */
const LIMIT = { restarts: 5, withinMs: 60_000 };
/** Above that limit: no server's connection is a reason to stop anything else. */
const INTENSITY = { restarts: 100, withinMs: 5_000 };
const BACKOFF = { baseMs: 250, capMs: 30_000 };

const CONNECTION = "connection";
const GUARD = "guard";

/** The path of a server's connection among the standing actors. */
export function connectionPath(server: string): string {
  return `${treeName(server)}/${CONNECTION}`;
}

/** The tree of a server. Starting it waits for no server. */
export function serverTree({ name, reach, timeoutMs }: McpServerSettings): TreeChild {
  const bash = findProgram("bash", SYSTEM_PATH.split(":"));
  const guarded = "command" in reach && Deno.build.os === "linux" && bash !== undefined;
  const { grant, ...parts } = "command" in reach ? programParts(reach) : addressParts(reach);
  const guard = child(GUARD, serverGuard, { bash: bash ?? "" }, {
    grant: { run: [bash ?? ""] },
    limit: LIMIT,
  });
  const connection = child(
    CONNECTION,
    mcpConnection,
    (started): McpConnectionOptions => ({
      name,
      timeoutMs,
      guard: guarded ? started.ref(ServerGuard, GUARD) : null,
      ...parts,
    }),
    { grant, limit: LIMIT },
  );
  const children = guarded ? [guard, connection] : [connection];
  return subtree(treeName(name), { intensity: INTENSITY, backoff: BACKOFF, children });
}

function treeName(server: string): string {
  return `mcp-${server}`;
}

type Parts = Pick<McpConnectionOptions, "reach" | "hopeless"> & { readonly grant: Grant };

function programParts({ command, args, env, inherited, cwd }: StdioServer): Parts {
  const variables = { ...inherited, ...revealed(env) };
  const program = command.includes("/")
    ? resolve(cwd, command)
    : found(command, variables.PATH ?? SYSTEM_PATH);
  const reach = { program: program ?? command, args, env: variables, cwd };
  if (program === undefined || !isProgram(program)) {
    const where = command.includes("/") ? "there" : "in PATH";
    return { reach, grant: "none", hopeless: `there is no program ${command} ${where}` };
  }
  return { reach, grant: { run: [program] } };
}

function addressParts({ url, headers }: HttpServer): Parts {
  const { hostname, port, protocol } = new URL(url);
  const number = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return { reach: { url, headers: revealed(headers) }, grant: { net: [`${hostname}:${number}`] } };
}

function found(command: string, path: string): string | undefined {
  return findProgram(command, path.split(":").filter((folder) => folder.startsWith("/")));
}

function revealed(secrets: Readonly<Record<string, Secret>>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));
}
