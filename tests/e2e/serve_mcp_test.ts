/** `troupe serve` and `troupe mcp`: the official MCP client of both eras, over HTTP and over stdio. */
import assert from "node:assert/strict";
import { type Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { type Answered, ERAS, mcpClient } from "./official_clients.ts";
import { LONG, provider, servedPlace, sleeps, startServe, untilSleeps } from "./served.ts";

/** What may run for long. */
const ENDLESS = {
  run_task: { task: "sleep long" },
  run_command: { command: `sleep ${LONG}`, timeout_ms: 60_000 },
} as const;

async function runTask(
  client: Client,
  task: string,
  options?: Parameters<Client["callTool"]>[1],
): Promise<Answered> {
  const { structuredContent } = await client.callTool({ name: "run_task", arguments: { task } }, options);
  return structuredContent as unknown as Answered;
}

/** What every client sees, however it came. */
async function works(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  for (const name of ["run_task", "execute_python", "apply_patch", "check_policy", "run_command"]) {
    assert.ok(names.includes(name), `${name} is among ${names}`);
  }
  const verdict = await client.callTool({ name: "check_policy", arguments: { command: "rm -rf /" } });
  assert.match(JSON.stringify(verdict.content), /deny/);
  const { status, answer } = await runTask(client, "What is 2+2?");
  assert.deepEqual([status, answer], ["completed", "4"]);
}

Deno.test("served over MCP", async (t) => {
  await using place = await servedPlace();
  await using server = provider();
  const { url, mcp, program } = await startServe(place, { server });
  assert.equal(mcp, `${url}/mcp`);

  for (const era of ERAS) {
    const client = mcpClient(era);
    await t.step(`${era} over HTTP: tools are listed and called, and tasks run`, async () => {
      await client.connect(new StreamableHTTPClientTransport(new URL(mcp)));
      assert.equal(client.getNegotiatedProtocolVersion(), era);
      await works(client);
    });

    for (const [name, args] of Object.entries(ENDLESS)) {
      await t.step(`${era} over HTTP: to cancel ${name} in the middle stops what it started`, async () => {
        const nobody = new AbortController();
        const call = client.callTool({ name, arguments: args }, { signal: nobody.signal });
        call.catch(() => {});
        await untilSleeps(true);
        nobody.abort();
        await assert.rejects(call);
        await untilSleeps(false);
      });
    }

    await t.step(`${era} over HTTP: progress is told, and what is asked on the way is answered`, async () => {
      const heard: string[] = [];
      const onprogress = ({ message = "" }: { message?: string }) => heard.push(message);
      const { answer } = await runTask(client, "make a file", { onprogress });
      assert.match(answer, /"exit_code":0/);
      assert.ok(heard.some((message) => message.startsWith("run_command {")), heard.join("\n"));
      Deno.removeSync(`${place.workspace}/made.txt`);
    });
    await client.close();
  }

  await t.step("Python runs in its sandbox", async () => {
    const client = mcpClient("2026-07-28");
    await client.connect(new StreamableHTTPClientTransport(new URL(mcp)));
    const code = "import sys\nprint(6 * 7, sys.platform)";
    const { content } = await client.callTool({ name: "execute_python", arguments: { code } });
    assert.match(JSON.stringify(content), /42 emscripten/);
    await client.close();
  });

  await t.step("told to stop, it ends its calls and itself", async () => {
    const client = mcpClient("2025-11-25");
    await client.connect(new StreamableHTTPClientTransport(new URL(mcp)));
    const call = runTask(client, "sleep long").catch(() => {});
    await untilSleeps(true);
    program.kill("SIGINT");
    const { code, stderr } = await program.ended;
    assert.deepEqual([code, stderr, sleeps()], [0, "", false]);
    await client.close();
    await call;
  });
});

// The library waits for the end of its program beside a timer that it does not clear.
const leaves = { sanitizeOps: false, sanitizeResources: false };

Deno.test("over stdio both eras list, call and run tasks", leaves, async () => {
  await using place = await servedPlace();
  await using server = provider();
  const { command: [command, ...args], env } = place.launcher;
  const provided = {
    OPENAI_BASE_URL: server.baseUrl,
    OPENAI_API_KEY: server.apiKey,
    LLM_MODEL: "scripted-model",
  };
  for (const era of ERAS) {
    const client = mcpClient(era);
    const transport = new StdioClientTransport({
      command,
      args: [...args, "mcp"],
      cwd: place.cwd,
      env: { ...env, HOME: place.home, ...provided },
      stderr: "ignore",
    });
    await client.connect(transport);
    assert.equal(client.getNegotiatedProtocolVersion(), era);
    await works(client);
    // To close the transport would end the program too, and leave a timer of 2 s behind.
    const closed = new Promise<void>((resolve) => client.onclose = resolve);
    Deno.kill(transport.pid!, "SIGTERM");
    await closed;
  }
});
