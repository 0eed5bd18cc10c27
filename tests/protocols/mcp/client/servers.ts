/**
 * Servers for tests, and the tools of them as they are federated.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { McpServerSettings } from "../../../../workspace/config/mcp_servers.ts";
import { Secret } from "../../../../workspace/config/secret.ts";
import type { Called, CallOptions, ToolSource } from "../../../../workspace/desk/desk.ts";
import type { Extension } from "../../../../workspace/runtime/extension.ts";
import { federation } from "../../../../protocols/mcp/client/federation.ts";
import type { Supervisor } from "../../../../supervisor/tree/supervisor.ts";
import { onStage, type Stage } from "../../../supervisor/stage.ts";

const ROOT = new URL("../../../..", import.meta.url).pathname;
const CONFIG = ["run", "-A", "--no-prompt", "--no-check", "--cached-only", `--config=${ROOT}deno.json`];

/** Servers that were joined. */
export interface Joined {
  readonly stage: Stage;
  readonly tree: Supervisor;
  readonly extension: Extension;
  readonly source: ToolSource;
  /** Calls a tool as "tester". */
  call(name: string, args?: Record<string, unknown>, options?: Partial<CallOptions>): Promise<Called>;
  /** The list as soon as it is as wanted. */
  until(wanted: (names: string[]) => boolean): Promise<string[]>;
}

/** Joins them for one test. */
export async function joined(
  servers: McpServerSettings[],
  test: (joined: Joined) => Promise<void>,
  patienceMs?: number,
): Promise<void> {
  await onStage(async (stage) => {
    const extension = federation(servers, patienceMs);
    const tree = await stage.system.start("root", { children: extension.children });
    const source = extension.source(tree)!;
    const signal = new AbortController().signal;
    await test({
      stage,
      tree,
      extension,
      source,
      call: (name, args = {}, options = {}) =>
        source.call(name, args, { owner: "tester", signal, ...options }),
      async until(wanted) {
        for (;;) {
          const changed = Promise.withResolvers<void>();
          const forget = source.onChange(changed.resolve);
          const names = (await source.list()).map(({ name }) => name);
          if (wanted(names)) return forget(), names;
          await changed.promise;
          forget();
        }
      },
    });
  });
}

/** A program of this folder as a server. */
export function program(name: string, script: string, args: string[], more: Partial<McpServerSettings> = {}) {
  const path = new URL(script, import.meta.url).pathname;
  return {
    name,
    timeoutMs: 20_000,
    reach: {
      command: Deno.execPath(),
      args: [...CONFIG, path, ...args],
      env: { FRUIT: new Secret("plum") },
      inherited: { PATH: "/usr/bin:/bin", HOME: Deno.env.get("HOME")!, DENO_DIR: denoDir() },
      cwd: "/",
    },
    ...more,
  };
}

/** A server at an address. */
export function address(name: string, url: string, more: Partial<McpServerSettings> = {}): McpServerSettings {
  return {
    name,
    timeoutMs: 20_000,
    reach: { url, headers: { authorization: new Secret("Bearer plum") } },
    ...more,
  };
}

/** The MCP project's test server, listening on 127.0.0.1. */
export async function startEverything(
  port = freePort(),
): Promise<AsyncDisposable & { url: string; port: number }> {
  const script = new URL("everything.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...CONFIG, script, "streamableHttp"],
    env: { PORT: String(port) },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  for (let said = ""; !said.includes("listening on port");) {
    const { value, done } = await reader.read();
    assert.ok(!done, `the server ended: ${said}`);
    said += value;
  }
  const dispose = async () => {
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  };
  return { url: `http://127.0.0.1:${port}/mcp`, port, [Symbol.asyncDispose]: dispose };
}

/** A port nobody listens on. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

function denoDir(): string {
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
}
