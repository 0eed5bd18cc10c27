/** A server killed with SIGKILL while tasks run: after a restart the clients get them finished. */
import assert from "node:assert/strict";
import { TaskState } from "@a2a-js/sdk";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { hang, scriptedOpenAi } from "../support/scripted_openai.ts";
import { A2A_CLIENTS, mcpClient, saying, send, taskRequest, words } from "./official_clients.ts";
import { model, servedPlace, startServe } from "./served.ts";

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

Deno.test("a server killed with SIGKILL while tasks run: after a restart the clients get them finished", async () => {
  await using place = await servedPlace();
  let alive = false;
  await using server = scriptedOpenAi.always((request) =>
    alive || request.body.messages.at(-1)!.role !== "tool" ? model(request) : hang()
  );
  const connect = A2A_CLIENTS["1.0 JSON-RPC"];
  const first = await startServe(place, { server });
  const client = await connect(first.url);
  const asking = await send(client, saying("make a file"));
  assert.equal(asking.status?.state, TaskState.TASK_STATE_INPUT_REQUIRED);
  const stream = client.sendMessageStream(saying("calculate it"));
  const begun = (await stream.next()).value?.payload;
  assert.ok(begun?.$case === "task");
  const call = { name: "run_task", arguments: { task: "calculate it" } };
  const { taskId } = await taskRequest(first.mcp, "tools/call", call);
  await server.received(5);
  first.program.kill("SIGKILL");
  await assert.rejects(Array.fromAsync(stream));
  await first.program.ended;

  alive = true;
  const second = await startServe(place, { server });
  const again = await connect(second.url);
  const { id, contextId } = begun.value;
  await Array.fromAsync(again.resubscribeTask({ tenant: "", id })).catch(() => {}); // it may have ended already
  const done = await again.getTask({ tenant: "", id });
  assert.deepEqual([done.status?.state, done.contextId], [TaskState.TASK_STATE_COMPLETED, contextId]);
  assert.deepEqual([words(done.status?.message), words(done.history[0])], ["42", "calculate it"]);

  const asked = async () => (await again.getTask({ tenant: "", id: asking.id })).status?.state;
  while (await asked() !== TaskState.TASK_STATE_INPUT_REQUIRED) await soon();
  const answered = await send(again, saying("yes", { taskId: asking.id, contextId: asking.contextId }));
  assert.match(words(answered.status?.message), /"exit_code":0/);

  let task = await taskRequest(second.mcp, "tasks/get", { taskId });
  for (; task.status === "working"; task = await taskRequest(second.mcp, "tasks/get", { taskId })) {
    await soon();
  }
  assert.deepEqual([task.status, task.result?.structuredContent.answer], ["completed", "42"]);
  const reader = mcpClient("2026-07-28");
  await reader.connect(new StreamableHTTPClientTransport(new URL(second.mcp)));
  const { contents } = await reader.readResource({ uri: `troupe://runs/${taskId}` });
  assert.match(JSON.stringify(contents), /calculate it/);
  await reader.close();
});
