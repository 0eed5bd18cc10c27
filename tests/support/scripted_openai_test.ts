import { equal, match, rejects } from "node:assert/strict";
import { type ScriptedOpenAi, scriptedOpenAi, text } from "./scripted_openai.ts";

const USER = { role: "user", content: "hi" };
const CALLS = {
  role: "assistant",
  content: null,
  tool_calls: ["a", "b"].map((id) => ({ id, type: "function", function: { name: "f", arguments: "{}" } })),
};
const result = (id: string) => ({ role: "tool", tool_call_id: id, content: "" });

async function post(
  server: ScriptedOpenAi,
  body: unknown,
  more: { key?: string; path?: string; headers?: Record<string, string> } = {},
) {
  const response = await fetch(server.baseUrl + (more.path ?? "/chat/completions"), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${more.key ?? server.apiKey}`,
      ...more.headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: (await response.text()).replaceAll('\\"', '"') };
}

function body(messages: unknown[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: "m", messages, stream: true, ...more };
}

const tool = (parameters: unknown) => ({
  type: "function",
  function: { name: "f", description: "d", parameters },
});

const VIOLATIONS: [name: string, body: unknown, problem: RegExp][] = [
  ["no messages", body([]), /messages/],
  ["an unknown key", body([USER], { temprature: 1 }), /temprature/],
  ["an unknown key in a message", body([{ ...USER, colour: "red" }]), /colour/],
  ["no stream", { model: "m", messages: [USER] }, /stream/],
  ["an empty list of tools", body([USER], { tools: [] }), /tools/],
  [
    "parameters that are no object schema",
    body([USER], { tools: [tool({ type: "string" })] }),
    /JSON Schema/,
  ],
  [
    "parameters that require what they do not have",
    body([USER], { tools: [tool({ type: "object", properties: {}, required: ["x"] })] }),
    /JSON Schema/,
  ],
  [
    "parameters of an unknown type",
    body([USER], { tools: [tool({ type: "object", properties: { x: { type: "int" } } })] }),
    /JSON Schema/,
  ],
  ["a system line in the middle", body([USER, { role: "system", content: "" }]), /system after user/],
  [
    "two system lines",
    body([{ role: "system", content: "" }, { role: "system", content: "" }, USER]),
    /system after/,
  ],
  ["two user lines", body([USER, USER]), /user after user/],
  [
    "an assistant at the beginning",
    body([{ role: "assistant", content: "x" }, USER]),
    /assistant after start/,
  ],
  [
    "an assistant at the end",
    body([USER, { role: "assistant", content: "x" }]),
    /last line is of role assistant/,
  ],
  ["a system line alone", body([{ role: "system", content: "x" }]), /last line is of role system/],
  ["a call unanswered", body([USER, CALLS, result("a")]), /"b" is not answered/],
  [
    "a call answered twice",
    body([USER, CALLS, result("a"), result("a"), result("b")]),
    /answers call "a" where "b"/,
  ],
  ["results in another order", body([USER, CALLS, result("b"), result("a")]), /answers call "b" where "a"/],
  ["a result too many", body([USER, CALLS, result("a"), result("b"), result("c")]), /where none is open/],
  ["a result without a call", body([USER, result("a")]), /where none is open/],
  [
    "a user between call and result",
    body([USER, CALLS, result("a"), USER]),
    /comes before call "b" is answered/,
  ],
  ["a user right after results", body([USER, CALLS, result("a"), result("b"), USER]), /user after tool/],
  [
    "arguments that are no object",
    body([USER, {
      ...CALLS,
      tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "[" } }],
    }, result("a")]),
    /JSON object/,
  ],
];
for (const [name, given, problem] of VIOLATIONS) {
  Deno.test(`the scripted provider refuses ${name}`, async () => {
    const server = scriptedOpenAi([]);
    const answer = await post(server, given);
    equal(answer.status, 400);
    match(answer.text, problem);
    await rejects(server.finish(), problem);
  });
}

Deno.test("the scripted provider refuses a wrong key and a wrong path", async () => {
  const server = scriptedOpenAi([]);
  match((await post(server, body([USER]), { key: "sk-other" })).text, /bearer key/);
  match(
    (await post(server, body([USER]), { path: "/completions" })).text,
    /is not POST \/v1\/chat\/completions/,
  );
  await rejects(server.finish(), /request 1: .*bearer key[^]*request 2: /);
});

Deno.test("the scripted provider accepts what is right, and finishes in peace", async () => {
  await using server = scriptedOpenAi([text("ok"), {
    expect: { last: "", tools: ["f"] },
    answer: text("ok"),
  }]);
  const parameters = { type: "object", properties: { x: { type: "integer" } }, required: ["x"] };
  equal((await post(server, body([{ role: "system", content: "" }, USER]))).status, 200);
  const lines = [USER, CALLS, result("a"), result("b"), { role: "assistant", content: "x" }, USER, CALLS];
  const whole = body([...lines, result("a"), result("b")], { tools: [tool(parameters)], stop: ["x"] });
  equal((await post(server, whole)).status, 200);
  equal(server.requests.length, 2);
});

Deno.test("a request beyond the script and a step left over fail the test", async () => {
  const beyond = scriptedOpenAi([]);
  await post(beyond, body([USER]));
  await rejects(beyond.finish(), /a request beyond the script of 0 steps/);
  await rejects(scriptedOpenAi([text("x"), text("y")]).finish(), /2 of 2 steps were never asked for/);
});

Deno.test("an expectation that does not hold fails the test", async () => {
  const server = scriptedOpenAi([{ expect: { last: /bye/ }, answer: text("x") }, {
    expect: { roles: ["system"] },
    answer: text("x"),
  }, {
    expect: () => {
      throw new Error("mine");
    },
    answer: text("x"),
  }]);
  for (let n = 0; n < 3; n++) equal((await post(server, body([USER]))).status, 400);
  await rejects(server.finish(), /"hi" is not \/bye\/[^]*roles of the request[^]*mine/);
});

Deno.test("by conversation: each is asked once", async () => {
  const server = scriptedOpenAi.byConversation(({ body }) => text(`${body.messages.length} lines`));
  const other = body([{ role: "user", content: "other" }]);
  equal((await post(server, body([USER]))).status, 200);
  equal((await post(server, other)).status, 200);
  equal((await post(server, body([USER]))).status, 400);
  await rejects(server.finish(), /repeated model call/);
});

Deno.test("by conversation: a repeat with its idempotency key is answered and counted where that is allowed", async () => {
  await using server = scriptedOpenAi.byConversation(() => text("x"), { sameKeyMayRepeat: true });
  const more = { headers: { "idempotency-key": "run-1/2" } };
  equal((await post(server, body([USER]), more)).status, 200);
  equal(server.repeats, 0);
  equal((await post(server, body([USER]), more)).status, 200);
  equal(server.repeats, 1);
});

Deno.test("by conversation: a repeat with another key is a violation all the same", async () => {
  const server = scriptedOpenAi.byConversation(() => text("x"), { sameKeyMayRepeat: true });
  await post(server, body([USER]), { headers: { "idempotency-key": "run-1/2" } });
  await post(server, body([USER]), { headers: { "idempotency-key": "run-1/3" } });
  await rejects(server.finish(), /request 2: repeated model call/);
});
