/**
 * `troupe mcp` as a host starts it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { lineTransport } from "../../support/line_transport.ts";

const MAIN = new URL("../../../main.ts", import.meta.url).pathname;
const ARGS = ["run", "--no-prompt", "--no-check", "-A", MAIN, "mcp"];

/** A home of its own for the process. */
async function withHome(body: (env: Record<string, string>, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { DENO_DIR, HOME = "/", PATH = "" } = Deno.env.toObject();
    const cache = DENO_DIR ?? join(HOME, ".cache", "deno");
    await body({ PATH, HOME: folder, DENO_DIR: cache, NO_COLOR: "1" }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts it as a host does, which closes the input in the end. */
function start(env: Record<string, string>, cwd: string): Deno.ChildProcess {
  const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), { args: ARGS, env, cwd, clearEnv: true, ...piped }).spawn();
}

Deno.test("a host that knows the command and nothing else lists tools, calls them, and closes", () =>
  withHome(async (env, cwd) => {
    const child = start(env, cwd);
    const client = new Client({ name: "host", version: "1" }, {
      versionNegotiation: { mode: { pin: "2026-07-28" } },
    });
    await client.connect(lineTransport(child.stdout, child.stdin));
    const names = (await client.listTools()).tools.map(({ name }) => name);
    for (const name of ["run_task", "execute_python", "apply_patch", "check_policy"]) {
      assert.ok(names.includes(name), name);
    }
    const { structuredContent } = await client.callTool({
      name: "check_policy",
      arguments: { command: "rm -rf /" },
    });
    assert.equal((structuredContent as { verdict: string }).verdict, "deny");
    await client.close();
    assert.equal((await child.status).code, 0);
    assert.equal(await new Response(child.stderr).text(), "");
  }));

Deno.test("nothing but JSON is on stdout, and Ctrl-C ends it cleanly", () =>
  withHome(async (env, cwd) => {
    const child = start(env, cwd);
    const writer = child.stdin.getWriter();
    const send = (message: unknown) => writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
    const clientInfo = { name: "raw", version: "1" };
    const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
    await send("no message");
    await send({ jsonrpc: "2.0", id: 1, method: "initialize", params });
    await send({ jsonrpc: "2.0", method: "notifications/initialized" });
    const call = { name: "calculator", arguments: { expression: "6*7" } };
    await send({ jsonrpc: "2.0", id: 2, method: "tools/call", params: call });
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (text.split("\n").length < 3) text += (await reader.read()).value ?? assert.fail(text);
    child.kill("SIGINT");
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
    const [opened, called, ...rest] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(opened.result.protocolVersion, "2025-06-18");
    assert.equal(called.result.content[0].text, "42");
    assert.deepEqual(rest, []);
    await writer.close().catch(() => {}); // its reader may be gone
    const { code, signal } = await child.status;
    assert.deepEqual([code, signal], [0, null]);
    assert.match(await new Response(child.stderr).text(), /a message went wrong/);
  }));
