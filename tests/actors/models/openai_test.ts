import { deepStrictEqual, doesNotMatch, equal, match, ok, throws } from "node:assert/strict";
import { perMillion } from "../../../actors/models/price.ts";
import { createThink } from "../../../actors/models/openai.ts";
import type { ThinkFailure, ThinkOutcome, Thought } from "../../../protocols/messages/model.ts";
import {
  apiError,
  halfStream,
  hang,
  raw,
  scriptedOpenAi,
  type SeenRequest,
  type Step,
  text,
  toolCalls,
} from "../../support/scripted_openai.ts";
import { ask, heard, retries, start } from "./think_harness.ts";
import OpenAI from "openai";

const ECHO = {
  name: "echo",
  description: "Says it again",
  parameters: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
};

function thought(outcome: ThinkOutcome): Thought {
  ok(outcome.ok, outcome.ok ? "" : outcome.failure.message);
  return outcome.thought;
}

function failure(outcome: ThinkOutcome): ThinkFailure {
  ok(!outcome.ok, "it answered");
  return outcome.failure;
}

/** One question against a script, to its end. */
async function think(script: Step[], request = ask("hello"), more: Parameters<typeof start>[2] = {}) {
  await using server = scriptedOpenAi(script);
  const { outcome, deltas, clock } = start({ endpoints: [server.endpoint()] }, request, more);
  return { outcome: await outcome, deltas, clock, requests: server.requests, apiKey: server.apiKey };
}

Deno.test("streams text as few deltas and answers with the whole of it, usage and cost", async () => {
  await using server = scriptedOpenAi([
    text("Sixty-three characters that arrive in chunks of seven, in order.", {
      usage: { input: 1_000, cached: 400, output: 50 },
      model: "scripted-model-2026",
    }),
  ]);
  const price = perMillion({ input: 2, cached: 1, output: 10 });
  const { outcome, deltas } = start({ endpoints: [{ ...server.endpoint(), price }] }, ask("hello"));
  deepStrictEqual(thought(await outcome), {
    text: "Sixty-three characters that arrive in chunks of seven, in order.",
    toolCalls: [],
    usage: { inputTokens: 1_000, cachedTokens: 400, outputTokens: 50, estimated: false },
    model: "scripted-model-2026",
    costNanoUsd: 600 * 2_000 + 400 * 1_000 + 50 * 10_000,
    finish: "stop",
  });
  equal(heard(deltas), "Sixty-three characters that arrive in chunks of seven, in order.");
  // Time stood still: the first piece at once, all others together at the end.
  equal(deltas.length, 2);
});

Deno.test("puts tool calls in fragments together", async () => {
  const calls = [
    { id: "a", name: "echo", arguments: '{"text":"a longer text than one chunk"}' },
    { id: "b", name: "echo", arguments: '{"text":"é 🎭"}' },
  ];
  const { outcome, requests } = await think(
    [{
      expect: { tools: ["echo"], roles: ["user"] },
      answer: toolCalls(calls, { chunkChars: 3, text: "I will" }),
    }],
    ask("hello", { tools: [ECHO] }),
  );
  const said = thought(outcome);
  deepStrictEqual(said.toolCalls, calls);
  equal(said.text, "I will");
  equal(said.finish, "tool_calls");
  deepStrictEqual(requests[0]?.body.tools?.[0]?.function.parameters, ECHO.parameters);
});

Deno.test("passes tool arguments that are broken JSON on as they came", async () => {
  const broken = '{"text": "no end';
  const { outcome } = await think(
    [toolCalls([{ id: "a", name: "no_such_tool", arguments: broken }])],
    ask("hello", { tools: [ECHO] }),
  );
  deepStrictEqual(thought(outcome).toolCalls, [{ id: "a", name: "no_such_tool", arguments: broken }]);
});

Deno.test("sends a conversation with tool results, broken arguments wrapped, to a strict provider", async () => {
  const { outcome } = await think(
    [{
      expect: { roles: ["system", "user", "assistant", "tool", "tool"], last: "nothing" },
      answer: text("ok"),
    }],
    {
      tools: [ECHO],
      lines: [
        { role: "system", text: "Be brief" },
        { role: "user", text: "hello" },
        {
          role: "assistant",
          text: "",
          toolCalls: [
            { id: "a", name: "echo", arguments: "{broken" },
            { id: "b", name: "echo", arguments: '{"text":"x"}' },
          ],
        },
        { role: "tool", callId: "a", text: "arguments are not JSON" },
        { role: "tool", callId: "b", text: "nothing" },
      ],
    },
  );
  equal(thought(outcome).text, "ok");
});

Deno.test("F180: forwards stop sequences, the bound of tokens and the idempotency key", async () => {
  const { requests } = await think(
    [{ expect: { stop: ["Observation:"] }, answer: text("Action: echo") }],
    ask("hello", { stop: ["Observation:"], maxTokens: 99, idempotencyKey: "run-1/4" }),
  );
  const seen = requests[0] as SeenRequest;
  equal(seen.body.max_tokens, 99);
  equal(seen.headers["idempotency-key"], "run-1/4");
  deepStrictEqual((await think([text("x")])).requests[0]?.body.stop, undefined);
});

Deno.test("O15: estimates usage as a quarter of the characters when the provider does not count", async () => {
  const { outcome } = await think([text("123456789", { usage: null })], ask("12345"));
  deepStrictEqual(thought(outcome).usage, {
    inputTokens: 2,
    cachedTokens: 0,
    outputTokens: 3,
    estimated: true,
  });
});

Deno.test("a refused key fails at once, names the setting and never the key", async () => {
  await using server = scriptedOpenAi([
    (request) =>
      apiError(
        401,
        `Incorrect API key provided: ${request.headers.authorization?.slice(7)} (sk-sc****6789)`,
        {
          code: "invalid_api_key",
        },
      ),
  ]);
  const endpoint = { ...server.endpoint(), keySetting: "OPENROUTER_API_KEY" };
  const { kind, status, message, attempts } = failure(
    await start({ endpoints: [endpoint] }, ask("x")).outcome,
  );
  deepStrictEqual({ kind, status, attempts }, { kind: "auth", status: 401, attempts: 1 });
  match(
    message,
    /^Cannot use model "scripted-model" at 127\.0\.0\.1:\d+: status 401, .*; check OPENROUTER_API_KEY$/,
  );
  doesNotMatch(message, /sk-/);
});

Deno.test("429 with Retry-After waits as long as asked, says so, and goes on", async () => {
  const { outcome, deltas } = await think([
    apiError(429, "slow down", { headers: { "retry-after": "7" } }),
    text("fine"),
  ]);
  equal(thought(outcome).text, "fine");
  deepStrictEqual(retries(deltas), [
    { type: "retry", reason: "status 429, slow down", attempt: 2, delayMs: 7_000 },
  ]);
});

Deno.test("429 for ever ends as rate_limit after three tries, 100 ms and 200 ms apart", async () => {
  const slow = apiError(429, "slow down");
  const { outcome, deltas } = await think([slow, slow, slow]);
  const { kind, status, attempts, message } = failure(outcome);
  deepStrictEqual({ kind, status, attempts }, { kind: "rate_limit", status: 429, attempts: 3 });
  match(message, /slow down \(3 attempts\); wait/);
  deepStrictEqual(retries(deltas).map((delta) => delta.delayMs), [100, 200]);
});

Deno.test("O06: the wait is shortened by the injected luck, at most by half", async () => {
  const { deltas } = await think([apiError(500, "x"), text("fine")], ask("hello"), { random: () => 0.5 });
  deepStrictEqual(retries(deltas).map((delta) => delta.delayMs), [75]);
});

Deno.test("500 then an answer is an answer", async () => {
  const { outcome, deltas } = await think([raw(500, "<html>oops</html>"), text("fine")]);
  equal(thought(outcome).text, "fine");
  deepStrictEqual(retries(deltas).map((delta) => delta.reason), ["status 500, an HTML page"]);
});

for (const status of [400, 402, 403, 404, 422]) {
  Deno.test(`${status} is never tried again`, async () => {
    const { outcome } = await think([apiError(status, "no")]);
    equal(failure(outcome).attempts, 1);
  });
}

Deno.test("an account without money is billing and not tried again, though it comes as 429", async () => {
  const { outcome } = await think([apiError(429, "You exceeded your quota", { code: "insufficient_quota" })]);
  const { kind, attempts } = failure(outcome);
  deepStrictEqual({ kind, attempts }, { kind: "billing", attempts: 1 });
});

Deno.test("a conversation too long is context_overflow", async () => {
  const { outcome } = await think([apiError(400, "too long", { code: "context_length_exceeded" })]);
  equal(failure(outcome).kind, "context_overflow");
});

Deno.test("HTML instead of a stream is bad_response after the tries", async () => {
  const page = raw(200, "<!doctype html><title>Welcome</title>");
  const { outcome } = await think([page, page, page]);
  const { kind, attempts, message } = failure(outcome);
  deepStrictEqual({ kind, attempts }, { kind: "bad_response", attempts: 3 });
  match(
    message,
    /it answered with text\/html instead of a stream of events \(3 attempts\); check the base URL/,
  );
});

Deno.test("half a stream is forgotten and asked again", async () => {
  const { outcome, deltas } = await think([halfStream("Half of an ans"), text("The whole answer")]);
  equal(thought(outcome).text, "The whole answer");
  equal(heard(deltas), "The whole answer");
  deepStrictEqual(retries(deltas).map((delta) => delta.reason), [
    "the connection broke in the middle of the answer",
  ]);
});

Deno.test("half a stream for ever ends as server", async () => {
  const { outcome } = await think([halfStream("a"), halfStream("b"), halfStream("c")]);
  const { kind, attempts } = failure(outcome);
  deepStrictEqual({ kind, attempts }, { kind: "server", attempts: 3 });
});

Deno.test("a stream that ends without saying why is broken too", async () => {
  const sse = { "content-type": "text/event-stream" };
  const delta = JSON.stringify({ choices: [{ index: 0, delta: { content: "Hal" } }] });
  const { outcome, deltas } = await think([raw(200, `data: ${delta}\n\n`, sse), text("whole")]);
  equal(thought(outcome).text, "whole");
  deepStrictEqual(retries(deltas).map((delta) => delta.reason), ["the answer broke off after 3 characters"]);
});

Deno.test("an error inside the stream is tried again", async () => {
  const sse = { "content-type": "text/event-stream" };
  const error = 'data: {"error":{"code":502,"message":"upstream is gone"}}\n\n';
  const { outcome, deltas } = await think([raw(200, error, sse), text("whole")]);
  equal(thought(outcome).text, "whole");
  deepStrictEqual(retries(deltas).map((delta) => delta.reason), ["status 502, upstream is gone"]);
});

Deno.test("a chunk that is no JSON breaks the stream", async () => {
  const sse = { "content-type": "text/event-stream" };
  const { outcome, deltas } = await think([raw(200, 'data: {"choi\n\n', sse), text("whole")]);
  equal(thought(outcome).text, "whole");
  equal(retries(deltas).length, 1);
});

Deno.test("an unreachable host is named with the reason and what to check", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const endpoint = { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: "k", model: "m", price: null };
  const { kind, attempts, message } = failure(await start({ endpoints: [endpoint] }, ask("x")).outcome);
  deepStrictEqual({ kind, attempts }, { kind: "unreachable", attempts: 3 });
  match(
    message,
    new RegExp(
      `at 127.0.0.1:${port}: Connection refused .*\\(3 attempts\\); check the base URL and that the server is`,
    ),
  );
});

Deno.test("cancelling a silent provider ends it at once", async () => {
  await using server = scriptedOpenAi([hang()]);
  const { outcome, caller } = start({ endpoints: [server.endpoint()] }, ask("x"));
  await server.received(1);
  caller.abort(new Error("enough"));
  deepStrictEqual(failure(await outcome), {
    kind: "cancelled",
    message: "The inference was cancelled",
    attempts: 1,
  });
});

Deno.test("cancelling in the middle of a stream is no answer though the stream just ends, and hangs up", async () => {
  await using server = scriptedOpenAi([hang("The beginning of ")]);
  const first = Promise.withResolvers<void>();
  const { outcome, caller } = start({ endpoints: [server.endpoint()] }, ask("x"), {
    send: () => Promise.resolve(first.resolve()),
  });
  await first.promise;
  caller.abort();
  equal(failure(await outcome).kind, "cancelled");
  await server.hungUp(1);
});

Deno.test("cancelling while waiting for the next try ends the wait", async () => {
  await using server = scriptedOpenAi([apiError(500, "x")]);
  const waiting = Promise.withResolvers<void>();
  const { outcome, caller } = start({ endpoints: [server.endpoint()] }, ask("x"), {
    send: () => Promise.resolve(waiting.resolve()),
  });
  await waiting.promise;
  caller.abort();
  equal(failure(await outcome).kind, "cancelled");
});

Deno.test("a provider silent for two minutes is unreachable", async () => {
  await using server = scriptedOpenAi([hang()]);
  const options = { endpoints: [server.endpoint()], attempts: 1 };
  const { outcome, clock } = start(options, ask("x"));
  await server.received(1);
  clock.advance(119_999);
  clock.advance(1);
  const { kind, message } = failure(await outcome);
  equal(kind, "unreachable");
  match(message, /nothing came for 120 s/);
});

Deno.test("a stream that falls silent is broken and asked again", async () => {
  await using server = scriptedOpenAi([hang("The beginning"), text("All of it")]);
  const begun = Promise.withResolvers<void>();
  const reasons: string[] = [];
  const { outcome, clock } = start({ endpoints: [server.endpoint()], firstByteMs: 5_000 }, ask("x"), {
    send(delta) {
      if (delta.type === "retry") clock.skip(delta.delayMs), reasons.push(delta.reason);
      return Promise.resolve(begun.resolve());
    },
  });
  await begun.promise;
  clock.advance(5_000);
  equal(thought(await outcome).text, "All of it");
  deepStrictEqual(reasons, ["the answer broke off: nothing came for 5 s"]);
});

Deno.test("a slow stream is not cut as long as something comes", async () => {
  const events = new TransformStream<string, string>();
  const writer = events.writable.getWriter();
  const say = (choice: object) => writer.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(events.readable.pipeThrough(new TextEncoderStream()), {
        headers: { "content-type": "text/event-stream" },
      }),
  );
  const baseUrl = `http://127.0.0.1:${server.addr.port}/v1`;
  const endpoint = { baseUrl, apiKey: "k", model: "m", price: null };
  let heardOne = Promise.withResolvers<void>();
  const { outcome, clock } = start({ endpoints: [endpoint], firstByteMs: 5_000 }, ask("x"), {
    send: () => Promise.resolve(heardOne.resolve()),
  });
  for (const content of ["one, ", "two, ", "three"]) {
    await say({ delta: { content } });
    await heardOne.promise;
    heardOne = Promise.withResolvers();
    await new Promise((resolve) => setTimeout(resolve)); // all that can go on sleeps now
    clock.advance(4_999);
  }
  await say({ delta: {}, finish_reason: "stop" });
  await writer.close();
  equal(thought(await outcome).text, "one, two, three");
});

Deno.test("no try begins after the deadline", async () => {
  const { outcome, deltas } = await think(
    [apiError(429, "slow down", { headers: { "retry-after": "30" } })],
    ask("x"),
    { deadline: 1_000_000 + 29_000 },
  );
  const { kind, attempts } = failure(outcome);
  deepStrictEqual({ kind, attempts, deltas }, { kind: "rate_limit", attempts: 1, deltas: [] });
});

Deno.test("F030, F031, F144: the next endpoint is asked when the former refuses the key", async () => {
  await using one = scriptedOpenAi([apiError(401, "no such key")]);
  await using two = scriptedOpenAi([{ expect: { model: "second" }, answer: text("from the second") }]);
  const endpoints = [one.endpoint("first"), two.endpoint("second")];
  const { outcome, deltas } = start({ endpoints }, ask("x"));
  equal(thought(await outcome).text, "from the second");
  const [retry] = retries(deltas);
  match(retry?.reason ?? "", /model "first".*401.*; asking "second" at 127\.0\.0\.1/);
});

Deno.test("a question the first endpoint cannot accept is not put to the next", async () => {
  await using one = scriptedOpenAi([apiError(400, "no")]);
  await using two = scriptedOpenAi([]);
  const { outcome } = start({ endpoints: [one.endpoint("first"), two.endpoint("second")] }, ask("x"));
  equal(failure(await outcome).kind, "bad_request");
});

Deno.test("when every endpoint fails all of them are told, and the last decides the kind", async () => {
  await using one = scriptedOpenAi([apiError(401, "no")]);
  const busy = apiError(503, "busy");
  await using two = scriptedOpenAi([busy, busy]);
  const endpoints = [one.endpoint("first"), two.endpoint("second")];
  const { kind, attempts, message } = failure(await start({ endpoints, attempts: 2 }, ask("x")).outcome);
  deepStrictEqual({ kind, attempts }, { kind: "server", attempts: 3 });
  match(message, /"first".*401.*"second".*503/);
});

Deno.test("a task of one megabyte goes through whole", async () => {
  const task = "0123456789abcde\n".repeat(65_536);
  const { outcome, requests } = await think([text("read", { usage: null })], ask(task));
  equal(thought(outcome).usage.inputTokens, 262_144);
  equal(requests[0]?.body.messages[0]?.content, task);
});

Deno.test("no key, no Authorization header", async () => {
  let header: string | null = "none came";
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    header = request.headers.get("authorization");
    return Response.json({ error: "no" }, { status: 400 });
  });
  const baseUrl = `http://127.0.0.1:${server.addr.port}/v1`;
  const endpoint = { baseUrl, apiKey: "", model: "m", price: null, headers: { "x-title": "troupe" } };
  equal(failure(await start({ endpoints: [endpoint] }, ask("x")).outcome).kind, "bad_request");
  equal(header, null);
});

Deno.test("a key with a line break is refused without showing it", () => {
  const endpoint = { baseUrl: "http://127.0.0.1:1/v1", apiKey: "sk-secret\n", model: "m", price: null };
  throws(() => createThink({ endpoints: [endpoint] }, OpenAI), (error: Error) => {
    match(error.message, /check LLM_API_KEY/);
    doesNotMatch(error.message, /secret/);
    return true;
  });
});
