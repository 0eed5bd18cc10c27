/** `troupe serve` and `troupe mcp`: the official MCP client of both eras, over HTTP and over stdio. */
import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { hang, scriptedOpenAi } from "../support/scripted_openai.ts";
import { model, provider, servedPlace, sleeps, startServe, untilSleeps } from "./served.ts";

/** How clients speak. */
const ERAS = ["2025-11-25", "2026-07-28"] as const;

/** A client whose person answers every question with yes. */
function officialClient(era: typeof ERAS[number]): Client {
  const mode = era === "2026-07-28" ? { pin: era } : "legacy" as const;
  const capabilities = { elicitation: {} };
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode }, capabilities });
  client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { allow: true } }));
  return client;
}

interface Answered {
  readonly status: string;
  readonly answer: string;
}

async function runTask(client: Client, task: string, more: { signal?: AbortSignal } = {}): Promise<Answered> {
  const { structuredContent } = await client.callTool({ name: "run_task", arguments: { task } }, more);
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
    const client = officialClient(era);
    await t.step(`${era} over HTTP: tools are listed and called, and tasks run`, async () => {
      await client.connect(new StreamableHTTPClientTransport(new URL(mcp)));
      assert.equal(client.getNegotiatedProtocolVersion(), era);
      await works(client);
      const sum = await client.callTool({ name: "execute_python", arguments: { code: "print(6 * 7)" } });
      assert.match(JSON.stringify(sum.content), /42/);
    });

    await t.step(`${era} over HTTP: a task tells of its progress`, async () => {
      const heard: string[] = [];
      const onprogress = ({ message = "" }: { message?: string }) => heard.push(message);
      await client.callTool({ name: "run_task", arguments: { task: "calculate it" } }, { onprogress });
      assert.ok(heard.some((message) => message.startsWith("calculator")), heard.join("\n"));
    });

    for (
      const [what, name, args] of [
        ["a task", "run_task", { task: "sleep long" }],
        ["a tool", "run_command", { command: "sleep 86399.5", timeout_ms: 60_000 }],
      ] as const
    ) {
      await t.step(`${era} over HTTP: to cancel ${what} in the middle stops what it started`, async () => {
        const nobody = new AbortController();
        const call = client.callTool({ name, arguments: args }, { signal: nobody.signal });
        call.catch(() => {});
        await untilSleeps(true);
        nobody.abort();
        await assert.rejects(call);
        await untilSleeps(false);
      });
    }

    await t.step(
      `${era} over HTTP: what is asked on the way comes as an elicitation, and its answer counts`,
      async () => {
        const { answer } = await runTask(client, "make a file");
        assert.match(answer, /"exit_code":0/);
        Deno.removeSync(`${place.workspace}/made.txt`);
      },
    );
    await client.close();
  }

  await t.step("told to stop, it ends its calls and itself", async () => {
    const client = officialClient("2025-11-25");
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

Deno.test("over stdio both eras list, call and run tasks", async () => {
  await using place = await servedPlace();
  await using server = provider();
  const { command: [command, ...args], env } = place.launcher;
  for (const era of ERAS) {
    const client = officialClient(era);
    const transport = new StdioClientTransport({
      command,
      args: [...args, "mcp"],
      cwd: place.cwd,
      env: {
        ...env,
        HOME: place.home,
        OPENAI_BASE_URL: server.baseUrl,
        OPENAI_API_KEY: server.apiKey,
        LLM_MODEL: "scripted-model",
      },
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

Deno.test("a server killed with SIGKILL while an MCP task runs: after a restart the client gets it finished", async () => {
  await using place = await servedPlace();
  let dead = true;
  await using server = scriptedOpenAi.always((request) =>
    dead && request.body.messages.at(-1)!.role === "tool" ? hang() : model(request)
  );
  const first = await startServe(place, { server });
  const { taskId } = await taskRequest(first.mcp, "tools/call", {
    name: "run_task",
    arguments: { task: "calculate it" },
  });
  await server.received(2);
  first.program.kill("SIGKILL");
  await first.program.ended;

  dead = false;
  const second = await startServe(place, { server });
  let task = await taskRequest(second.mcp, "tasks/get", { taskId });
  while (task.status === "working") {
    await new Promise((resolve) => setTimeout(resolve, 20));
    task = await taskRequest(second.mcp, "tasks/get", { taskId });
  }
  assert.equal(task.status, "completed");
  assert.equal(task.result?.structuredContent.answer, "42");
  const client = officialClient("2026-07-28");
  await client.connect(new StreamableHTTPClientTransport(new URL(second.mcp)));
  const { contents } = await client.readResource({ uri: `troupe://runs/${taskId}` });
  assert.match(JSON.stringify(contents), /calculate it/);
  await client.close();
});

interface TaskAnswer {
  readonly taskId: string;
  readonly status: string;
  readonly result?: { readonly structuredContent: Answered };
}

/** A request of the Tasks extension, which the official client does not speak. */
async function taskRequest(
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
