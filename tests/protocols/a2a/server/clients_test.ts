import assert from "node:assert/strict";
import { type Message, type StreamResponse, type Task, TaskState } from "@a2a-js/sdk";
import {
  type Client,
  ClientFactory,
  ClientFactoryOptions,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from "@a2a-js/sdk/client";
import { SendMessageRequest } from "@a2a-js/sdk";
import { Served } from "./served.ts";

/** The official client, by the way it talks. */
const CLIENTS: readonly (readonly [name: string, connect: (url: string) => Promise<Client>])[] = [
  ["1.0 JSON-RPC", (url) => factory(new JsonRpcTransportFactory()).createFromUrl(url)],
  ["1.0 HTTP+JSON", (url) => factory(new RestTransportFactory()).createFromUrl(url)],
  ["0.3 JSON-RPC", (url) => {
    const legacyCompat = { enabled: true };
    const cardResolver = new DefaultAgentCardResolver({ path: ".well-known/agent.json", legacyCompat });
    return factory(new JsonRpcTransportFactory({ legacyCompat }), cardResolver).createFromUrl(url);
  }],
];

function factory(
  transport: JsonRpcTransportFactory | RestTransportFactory,
  cardResolver?: DefaultAgentCardResolver,
) {
  const options = { transports: [transport], ...(cardResolver && { cardResolver }) };
  return new ClientFactory(ClientFactoryOptions.createFrom(ClientFactoryOptions.default, options));
}

function saying(
  text: string,
  more: Record<string, unknown> = {},
  configuration?: unknown,
): SendMessageRequest {
  const message = { messageId: crypto.randomUUID(), role: "ROLE_USER", parts: [{ text }], ...more };
  return SendMessageRequest.fromJSON({ message, configuration });
}

function stateOf(event: StreamResponse): TaskState | undefined {
  const { payload } = event;
  if (payload?.$case === "task" || payload?.$case === "statusUpdate") return payload.value.status?.state;
}

function isTask(result: Message | Task): asserts result is Task {
  assert.ok("status" in result);
}

function words(message: Message | undefined): string {
  return message?.parts.map(({ content }) => content?.$case === "text" ? content.value : "").join("") ?? "";
}

for (const [name, connect] of CLIENTS) {
  Deno.test(`${name}: a task is sent, got, and its answer read`, async () => {
    await using served = new Served({ script: (task): void => served.tasks.complete(task.id, "4") });
    const client = await connect(served.url);
    const done = await client.sendMessage(saying("What is 2+2?", {}, { returnImmediately: false }));
    isTask(done);
    assert.equal(done.status?.state, TaskState.TASK_STATE_COMPLETED);
    assert.equal(words(done.status.message), "4");
    const got = await client.getTask({ tenant: "", id: done.id });
    assert.deepEqual(got.status, done.status);
    assert.equal(got.artifacts[0]?.name, "answer");
    assert.equal(words(got.history[0]), "What is 2+2?");
  });

  Deno.test(`${name}: a stream tells what the agent does and what it made`, async () => {
    await using served = new Served({
      script: ({ id }) => {
        const call = { id: "c1", name: "execute_python", arguments: '{"code":"plot()"}' };
        const artifacts = [{ name: "plot.png", mediaType: "image/png", base64: btoa("png") }];
        served.tasks.emit(id, { type: "turn_started", agent: "lead", turn: 1 });
        served.tasks.emit(id, { type: "tool_started", agent: "lead", call });
        const outcome = { ok: true as const, content: "", artifacts };
        served.tasks.emit(id, { type: "tool_ended", agent: "lead", call, outcome, ms: 5 });
        served.tasks.complete(id, "drawn");
      },
    });
    const client = await connect(served.url);
    const events = await Array.fromAsync(client.sendMessageStream(saying("Draw")));
    const told = events.flatMap(({ payload }) =>
      payload?.$case === "statusUpdate" ? [words(payload.value.status?.message)] : []
    );
    assert.deepEqual(told, ["Thinking", "Calling execute_python code=plot()", "drawn"]);
    const made = events.flatMap(({ payload }) =>
      payload?.$case === "artifactUpdate" ? [payload.value.artifact] : []
    );
    assert.deepEqual(made.map((artifact) => artifact?.name), ["plot.png", "answer"]);
    const content = made[0]?.parts[0]?.content;
    assert.ok(content?.$case === "raw" && new TextDecoder().decode(content.value) === "png");
    assert.deepEqual(stateOf(events[0]!), TaskState.TASK_STATE_WORKING);
    assert.deepEqual(stateOf(events.at(-1)!), TaskState.TASK_STATE_COMPLETED);
  });

  Deno.test(`${name}: cancel in the middle of a stream stops the run`, async () => {
    await using served = new Served();
    const client = await connect(served.url);
    const states: (TaskState | undefined)[] = [];
    for await (const event of client.sendMessageStream(saying("Count to a million"))) {
      states.push(stateOf(event));
      if (event.payload?.$case !== "task") continue;
      const canceled = await client.cancelTask({
        tenant: "",
        id: event.payload.value.id,
        metadata: undefined,
      });
      assert.equal(canceled.status?.state, TaskState.TASK_STATE_CANCELED);
    }
    assert.equal(states.at(-1), TaskState.TASK_STATE_CANCELED);
    assert.deepEqual(served.tasks.stopped, [served.tasks.started[0]?.task.id]);
  });

  Deno.test(`${name}: a question is put, an unclear answer asked again, a clear one taken`, async () => {
    const verdicts: boolean[] = [];
    await using served = new Served({
      script: async ({ id }) => {
        const question = { tool: "run_command", action: "rm -r build", reason: "may destroy files" };
        verdicts.push((await served.tasks.ask(id, question)).allowed);
        served.tasks.complete(id, "removed");
      },
    });
    const client = await connect(served.url);
    const asked = await client.sendMessage(saying("Clean up", {}, { returnImmediately: false }));
    isTask(asked);
    assert.equal(asked.status?.state, TaskState.TASK_STATE_INPUT_REQUIRED);
    assert.match(words(asked.status.message), /run_command asks: rm -r build/);
    const data = asked.status.message?.parts[1]?.content;
    assert.ok(data?.$case === "data" && data.value.action === "rm -r build");
    const reply = (text: string) =>
      client.sendMessage(
        saying(text, { taskId: asked.id, contextId: asked.contextId }, { returnImmediately: false }),
      );
    const again = await reply("perhaps");
    isTask(again);
    assert.equal(again.status?.state, TaskState.TASK_STATE_INPUT_REQUIRED);
    assert.match(words(again.status.message), /^That is no clear answer/);
    const done = await reply("Yes.");
    isTask(done);
    assert.equal(done.status?.state, TaskState.TASK_STATE_COMPLETED);
    assert.deepEqual(verdicts, [true]);
    assert.equal(done.history.length, 5);
  });

  Deno.test(`${name}: a second listener hears the rest, also when the first one left`, async () => {
    await using served = new Served();
    const client = await connect(served.url);
    let id = "";
    for await (const { payload } of client.sendMessageStream(saying("Work"))) {
      if (payload?.$case === "task") id = payload.value.id;
      break;
    }
    const heard: (TaskState | undefined)[] = [];
    for await (const event of client.resubscribeTask({ tenant: "", id })) {
      heard.push(stateOf(event));
      if (heard.length === 1) served.tasks.complete(id, "done");
    }
    assert.equal(heard[0], TaskState.TASK_STATE_WORKING);
    assert.equal(heard.at(-1), TaskState.TASK_STATE_COMPLETED);
    assert.deepEqual(served.tasks.stopped, []);
  });

  Deno.test(`${name}: who does not wait is answered at once`, async () => {
    await using served = new Served();
    const client = await connect(served.url);
    const begun = await client.sendMessage(saying("Work", {}, { returnImmediately: true }));
    isTask(begun);
    assert.equal(begun.status?.state, TaskState.TASK_STATE_WORKING);
  });
}
