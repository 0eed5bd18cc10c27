import assert from "node:assert/strict";
import { type Json, Served } from "./served.ts";

/** As the first clients of this agent ask: no ids, no kind of the message, no version. */
function asked(text: string, method = "message/send", id: unknown = 1): Json {
  const params = { message: { role: "user", parts: [{ kind: "text", text }] }, metadata: {} };
  return { jsonrpc: "2.0", id, method, params };
}

function answering(answer: string): Served {
  const served = new Served({
    script: (task) => {
      served.tasks.emit(task.id, { type: "turn_started", agent: "lead", turn: 1 });
      served.tasks.complete(task.id, answer);
    },
  });
  return served;
}

Deno.test("the first dialogues are answered word for word", async () => {
  const cases: [task: string, answer: string][] = [
    ["What is 2+2?", "4"],
    ["Sort [38,27,43,3,9,82,10] with merge sort", "The sorted result is [3, 9, 10, 27, 38, 43, 82]"],
    ["Insert [50,30,70,20,40,60,80] into a BST", "In-order traversal: [20, 30, 40, 50, 60, 70, 80]"],
  ];
  for (const [task, answer] of cases) {
    await using served = answering(answer);
    for (const path of ["/", "/a2a", "/a2a/"]) {
      const response = await served.post(path, asked(task), null);
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
      const { jsonrpc, id, result } = await response.json();
      assert.deepEqual([jsonrpc, id, result.status.state], ["2.0", 1, "completed"]);
      const { role, parts } = result.status.message;
      assert.deepEqual({ role, parts }, { role: "agent", parts: [{ kind: "text", text: answer }] });
    }
    assert.deepEqual(served.tasks.started.map(({ task: { text } }) => text), [task, task, task]);
  }
});

Deno.test("a stream begins with working and ends with completed, each event a whole response", async () => {
  await using served = answering("4");
  const response = await served.post("/", asked("What is 2+2?", "message/stream", "abc"), null);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const lines = (await response.text()).split("\n").filter((line) => line !== "");
  assert.ok(lines.every((line) => line.startsWith("data: ")));
  const events: Json[] = lines.map((line) => JSON.parse(line.slice("data: ".length)));
  assert.ok(events.length >= 2);
  for (const event of events) assert.deepEqual([event.jsonrpc, event.id], ["2.0", "abc"]);
  assert.equal(events[0].result.status.state, "working");
  const { status, final } = events.at(-1).result;
  assert.deepEqual([status.state, final], ["completed", true]);
  assert.deepEqual(status.message.parts, [{ kind: "text", text: "4" }]);
});

Deno.test("what is no method of any version is told so, under the id it came with", async () => {
  await using served = new Served();
  for (const [id, method] of [[1, "message/sned"], ["x", "foo"], [null, "tasks/list"]] as const) {
    const response = await served.post("/", { jsonrpc: "2.0", id, method, params: {} }, null);
    const error = { code: -32601, message: `Method not found: ${method}` };
    assert.deepEqual(await response.json(), { jsonrpc: "2.0", id, error });
  }
});

Deno.test("parts of the first drafts are read: `type` for `kind`, or just a text", async () => {
  await using served = answering("ok");
  for (const part of [{ type: "text", text: "hello" }, { text: "hello" }]) {
    const request = {
      jsonrpc: "2.0",
      id: 1,
      method: "message/send",
      params: { message: { role: "user", parts: [part] } },
    };
    const { result } = await (await served.post("/", request, null)).json();
    assert.equal(result.status.state, "completed");
  }
});

Deno.test("whoever says what kind a message is must say its id too", async () => {
  await using served = answering("ok");
  const said = { kind: "message", role: "user", parts: [{ kind: "text", text: "hello" }] };
  const { error } = await served.rpc("message/send", { message: said }, null);
  assert.equal(error.code, -32602);
  assert.match(error.message, /messageId/);
});
