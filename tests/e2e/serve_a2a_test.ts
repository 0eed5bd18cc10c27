/** `troupe serve` over A2A: the dialogues as they are written down, and the official client in all its ways to talk. */
import assert from "node:assert/strict";
import { TaskState } from "@a2a-js/sdk";
import { A2A_CLIENTS, saying, send, stateOf, words } from "./official_clients.ts";
import { provider, servedPlace, startServe, untilSleeps } from "./served.ts";

function rpc(url: string, method: string, text: string, id = 1): Promise<Response> {
  return fetch(`${url}/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id,
      method,
      params: { message: { role: "user", parts: [{ kind: "text", text }] }, metadata: {} },
    }),
  });
}

/** What acceptance asks: a task, and the text that answers it. */
const DIALOGUES = [
  ["What is 2+2?", "4"],
  [
    "Implement merge sort in Python and sort [38,27,43,3,9,82,10] with it",
    "The sorted result is [3, 9, 10, 27, 38, 43, 82]",
  ],
  [
    "Implement a binary search tree in Python, insert [50,30,70,20,40,60,80] and traverse it in order",
    "In-order traversal: [20, 30, 40, 50, 60, 70, 80]",
  ],
] as const;

Deno.test("served over A2A", async (t) => {
  await using place = await servedPlace();
  await using server = provider();
  const { url, program } = await startServe(place, { server });

  await t.step("both cards are served", async () => {
    for (const [path, version] of [["agent-card.json", "1.0"], ["agent.json", "0.3"]] as const) {
      const card = await (await fetch(`${url}/.well-known/${path}`)).json();
      const { name, description, skills, capabilities } = card;
      assert.deepEqual([typeof name, typeof description, capabilities.streaming], ["string", "string", true]);
      assert.ok(skills.length > 0);
      assert.match(
        card.protocolVersion ?? card.supportedInterfaces[0].protocolVersion,
        new RegExp(`^${version}`),
      );
    }
  });

  await t.step("message/send answers each acceptance dialogue in the same response", async () => {
    await Promise.all(DIALOGUES.map(async ([task, answer], index) => {
      const response = await rpc(url, "message/send", task, index);
      assert.equal(response.headers.get("content-type"), "application/json");
      const { jsonrpc, id, result: { status } } = await response.json();
      const { role, parts } = status.message;
      assert.deepEqual([jsonrpc, id, status.state], ["2.0", index, "completed"]);
      assert.deepEqual([role, parts], ["agent", [{ kind: "text", text: answer }]]);
    }));
  });

  await t.step("message/stream tells that it works first, and the answer last", async () => {
    const response = await rpc(url, "message/stream", "What is 2+2?", 7);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const events = (await response.text()).split("\n\n").filter((event) => event.startsWith("data:"))
      .map((event) => JSON.parse(event.slice("data:".length)));
    assert.ok(events.length >= 2);
    for (const { jsonrpc, id } of events) assert.deepEqual([jsonrpc, id], ["2.0", 7]);
    assert.equal(events[0].result.status.state, "working");
    const { state, message } = events.at(-1).result.status;
    assert.deepEqual([state, message.role, message.parts], ["completed", "agent", [{
      kind: "text",
      text: "4",
    }]]);
  });

  await t.step("an unknown method is refused by its name", async () => {
    const { jsonrpc, id, error } = await (await rpc(url, "no/such", "x", 3)).json();
    assert.deepEqual([jsonrpc, id, error.code, error.message], [
      "2.0",
      3,
      -32601,
      "Method not found: no/such",
    ]);
  });

  for (const [name, connect] of Object.entries(A2A_CLIENTS)) {
    await t.step(`${name}: a stream tells what is done, and the task is found again`, async () => {
      const client = await connect(url);
      const streamed = await Array.fromAsync(client.sendMessageStream(saying("calculate it")));
      const [first] = streamed;
      assert.ok(first?.payload?.$case === "task");
      assert.equal(stateOf(first), TaskState.TASK_STATE_WORKING);
      const told = streamed.flatMap(({ payload }) =>
        payload?.$case === "statusUpdate" ? [words(payload.value.status?.message)] : []
      );
      assert.ok(told.some((text) => text.startsWith("Calling calculator")), told.join("\n"));
      assert.equal(told.at(-1), "42");
      const found = await client.getTask({ tenant: "", id: first.payload.value.id });
      assert.equal(found.status?.state, TaskState.TASK_STATE_COMPLETED);
      assert.equal(words(found.history[0]), "calculate it");
    });

    await t.step(`${name}: cancel in the middle of a stream stops what the task started`, async () => {
      const client = await connect(url);
      const states: (TaskState | undefined)[] = [];
      for await (const event of client.sendMessageStream(saying("sleep long"))) {
        states.push(stateOf(event));
        if (event.payload?.$case !== "task") continue;
        await untilSleeps(true);
        const canceled = await client.cancelTask({
          tenant: "",
          id: event.payload.value.id,
          metadata: undefined,
        });
        assert.equal(canceled.status?.state, TaskState.TASK_STATE_CANCELED);
        await untilSleeps(false);
      }
      assert.equal(states.at(-1), TaskState.TASK_STATE_CANCELED);
    });

    await t.step(
      `${name}: a question comes as input-required, and its answer goes back into the run`,
      async () => {
        const client = await connect(url);
        const asked = await send(client, saying("make a file"));
        assert.equal(asked.status?.state, TaskState.TASK_STATE_INPUT_REQUIRED);
        assert.match(words(asked.status.message), /^run_command asks: touch made\.txt\n/);
        const word = name === "0.3 JSON-RPC" ? "no" : "yes";
        const done = await send(client, saying(word, { taskId: asked.id, contextId: asked.contextId }));
        assert.equal(done.status?.state, TaskState.TASK_STATE_COMPLETED);
        assert.match(words(done.status.message), word === "yes" ? /"exit_code":0/ : /TOOL_DENIED/);
        const made = [...Deno.readDirSync(place.workspace)].map(({ name }) => name);
        assert.deepEqual(made, word === "yes" ? ["made.txt"] : []);
        if (word === "yes") Deno.removeSync(`${place.workspace}/made.txt`);
      },
    );
  }

  await t.step("told to stop, it ends its streams and itself", async () => {
    const client = await A2A_CLIENTS["1.0 JSON-RPC"](url);
    const stream = client.sendMessageStream(saying("sleep long"));
    await stream.next();
    await untilSleeps(true);
    program.kill("SIGINT");
    await Array.fromAsync(stream);
    const { code, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    await untilSleeps(false);
  });
});
