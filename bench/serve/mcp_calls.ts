/**
 * Calls of a cheap tool over MCP, as a modern client makes them: each request stands for itself.
 *
 * @module
 */
import { lines } from "./lines.ts";

/** Calls at the same time. */
const AT_ONCE = 10;
/** Calls before the measured ones. */
const WARM_UP = 500;
const PROTOCOL = "2026-07-28";

/** Calls a second of our server, or of the library's reference. */
export async function callsPerSecond(side: "ours" | "express", count: number): Promise<number> {
  const program = new URL("./mcp_server.ts", import.meta.url).href;
  const args = ["run", "--no-prompt", "--allow-all", program, side];
  const server = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
  try {
    const said = lines(server.stdout);
    const url: string = JSON.parse((await said.next()).value ?? "null");
    await requireTools(url);
    await calls(url, WARM_UP);
    const start = performance.now();
    await calls(url, count);
    return count / (performance.now() - start) * 1000;
  } finally {
    await server.stdin.close();
    await server.status;
  }
}

/** What is compared must be comparable. */
async function requireTools(url: string): Promise<void> {
  const { result, error } = await ask(url, "tools/list", {});
  if (result?.tools?.length !== 45) throw new Error(`Cannot measure: ${JSON.stringify(error ?? result)}`);
}

async function calls(url: string, count: number): Promise<void> {
  let begun = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (begun++ < count) await call(url, `call ${begun}`);
  }));
}

interface Params {
  readonly name?: string;
  readonly arguments?: unknown;
}

async function call(url: string, text: string): Promise<void> {
  const { result, error } = await ask(url, "tools/call", { name: "echo", arguments: { text } });
  if (result?.content?.[0]?.text !== text) {
    throw new Error(`Cannot measure: it answered ${JSON.stringify(error ?? result)}`);
  }
}

async function ask(url: string, method: string, params: Params) {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL,
    "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const { name } = params;
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": PROTOCOL,
      "mcp-method": method,
      ...name === undefined ? {} : { "mcp-name": name },
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }),
  });
  const text = await response.text();
  // A server may answer with a stream of one event.
  return JSON.parse(text.startsWith("{") ? text : /^data: (.*)$/m.exec(text)?.[1] ?? "{}");
}

if (import.meta.main) {
  const [side, count] = Deno.args;
  const perSecond = await callsPerSecond(side === "ours" ? "ours" : "express", Number(count));
  await Deno.stdout.write(new TextEncoder().encode(`${side} ${Math.round(perSecond)}/s\n`));
}
