import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { grantFor } from "../../../actors/models/endpoint.ts";
import { openAi, type OpenAiOptions } from "../../../actors/models/openai.ts";
import { scripted } from "../../../actors/models/scripted.ts";
import { Model, type ThinkDelta, type ThinkRequest } from "../../../protocols/messages/model.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { Grant } from "../../../supervisor/actor/grant.ts";
import { System } from "../../../supervisor/system.ts";
import { type Child, child } from "../../../supervisor/tree/spec.ts";
import { apiError, halfStream, hang, scriptedOpenAi, text } from "../../support/scripted_openai.ts";

const HELLO: ThinkRequest = { lines: [{ role: "user", text: "hello" }], tools: [] };

/** Runs a test with a model in a worker of its own. */
async function withModel(
  model: Child,
  test: (model: ActorRef<typeof Model>) => Promise<void>,
): Promise<void> {
  const system = new System();
  try {
    const tree = await system.start("root", { children: [model] });
    await test(tree.ref(Model, "model"));
  } finally {
    await system.close();
  }
}

function openAiChild(options: OpenAiOptions, grant: Grant = grantFor(options.endpoints)): Child {
  return child("model", openAi, options, { grant });
}

async function think(model: ActorRef<typeof Model>, request = HELLO) {
  const stream = model.stream("think", request);
  const deltas: ThinkDelta[] = [];
  for await (const delta of stream) deltas.push(delta);
  return { deltas, outcome: await stream.reply };
}

Deno.test("a model in a worker with one host streams, retries and answers", async () => {
  await using server = scriptedOpenAi([halfStream("Half"), apiError(503, "busy"), text("The whole answer")]);
  await withModel(openAiChild({ endpoints: [server.endpoint()] }), async (model) => {
    const { deltas, outcome } = await think(model);
    equal(outcome.ok && outcome.thought.text, "The whole answer");
    deepStrictEqual(
      deltas.flatMap((delta) => delta.type === "retry" ? [delta.reason] : []),
      ["the connection broke in the middle of the answer", "status 503, busy"],
    );
  });
});

Deno.test("the worker of a model reaches no host but the one it was granted", async () => {
  await using granted = scriptedOpenAi([]);
  await using other = scriptedOpenAi([]);
  const model = openAiChild({ endpoints: [other.endpoint()] }, grantFor([granted]));
  await withModel(model, async (model) => {
    const { outcome } = await think(model);
    ok(!outcome.ok);
    deepStrictEqual([outcome.failure.kind, outcome.failure.attempts], ["unreachable", 1]);
    match(outcome.failure.message, /this worker was not granted that host/);
  });
});

Deno.test("a model thinks for several at once, and cancelling one leaves the others alone", async () => {
  await using server = scriptedOpenAi(
    Array(2).fill(({ body }: { body: { messages: { content: unknown }[] } }) =>
      body.messages[0]?.content === "hello" ? text("hello yourself") : hang("I am still ")
    ),
  );
  await withModel(openAiChild({ endpoints: [server.endpoint()] }), async (model) => {
    const slow = model.stream("think", { lines: [{ role: "user", text: "wait" }], tools: [] });
    await slow[Symbol.asyncIterator]().next();
    const { outcome } = await think(model);
    equal(outcome.ok && outcome.thought.text, "hello yourself");
    slow.cancel();
    await rejects(slow.reply, { code: "cancelled" });
    await server.hungUp(1);
  });
});

Deno.test("a model whose endpoint makes no sense does not start, and does not tell its key", async () => {
  const options = {
    endpoints: [{ baseUrl: "http://127.0.0.1:1", apiKey: "sk-x y", model: "m", price: null }],
  };
  await rejects(
    withModel(openAiChild(options), () => Promise.resolve()),
    (error: Error) => /check LLM_API_KEY/.test(error.message) && !error.message.includes("sk-x"),
  );
});

Deno.test("F390: a scripted model answers from a worker without any permission", async () => {
  const model = child("model", scripted, { model: "script", script: [{ text: "I said so" }] });
  await withModel(model, async (model) => {
    const { outcome, deltas } = await think(model);
    equal(outcome.ok && outcome.thought.costNanoUsd, 0);
    deepStrictEqual(deltas, [{ type: "text", text: "I said so" }]);
  });
});
