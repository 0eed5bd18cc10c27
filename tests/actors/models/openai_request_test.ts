import { deepStrictEqual, equal } from "node:assert/strict";
import { chatBody } from "../../../actors/models/openai_request.ts";
import type { Line } from "../../../protocols/messages/model.ts";

function messagesOf(...lines: Line[]): unknown {
  return chatBody({ lines, tools: [] }, "m", "localhost:1").messages;
}

function argumentsSent(text: string): string {
  const call = { id: "a", name: "echo", arguments: text };
  const [message] = messagesOf({ role: "assistant", text: "", toolCalls: [call] }) as [
    { tool_calls: [{ function: { arguments: string } }] },
  ];
  return message.tool_calls[0].function.arguments;
}

Deno.test("asks for a stream with usage and leaves out what was not said", () => {
  deepStrictEqual(chatBody({ lines: [], tools: [], stop: [] }, "m", "localhost:1"), {
    model: "m",
    messages: [],
    stream: true,
    stream_options: { include_usage: true },
  });
});

Deno.test("an assistant line with calls and no text has null content, without calls its text", () => {
  deepStrictEqual(
    messagesOf(
      { role: "assistant", text: "", toolCalls: [{ id: "a", name: "echo", arguments: '{"x":1}' }] },
      { role: "tool", callId: "a", text: "" },
      { role: "assistant", text: "", toolCalls: [] },
    ),
    [
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "echo", arguments: '{"x":1}' } }],
      },
      { role: "tool", tool_call_id: "a", content: "" },
      { role: "assistant", content: "" },
    ],
  );
});

for (const broken of ["", "{", "[1]", "null", "3", '"text"']) {
  Deno.test(`arguments ${JSON.stringify(broken)} go back wrapped into an object`, () => {
    deepStrictEqual(JSON.parse(argumentsSent(broken)), { invalid_arguments: broken });
  });
}

Deno.test("arguments that are an object go back to the byte", () => {
  equal(argumentsSent(' { "a" : 1.0 } '), ' { "a" : 1.0 } ');
});

const BOUNDS: [host: string, name: string][] = [
  ["api.openai.com:443", "max_completion_tokens"],
  ["openai.com:443", "max_completion_tokens"],
  ["notopenai.com:443", "max_tokens"],
  ["openai.com.example:443", "max_tokens"],
  ["localhost:11434", "max_tokens"],
];
for (const [host, name] of BOUNDS) {
  Deno.test(`the bound of output tokens is called ${name} at ${host}`, () => {
    const body = chatBody({ lines: [], tools: [], maxTokens: 5 }, "m", host);
    deepStrictEqual(
      { max_tokens: body.max_tokens, max_completion_tokens: body.max_completion_tokens },
      { max_tokens: undefined, max_completion_tokens: undefined, [name]: 5 },
    );
  });
}
