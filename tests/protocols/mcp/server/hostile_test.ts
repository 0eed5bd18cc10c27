/**
 * Requests that are wrong, and what each is answered. After all of them the server still answers.
 *
 * @module
 */
import assert from "node:assert/strict";
import { modern, type Served, withServer } from "./served.ts";

interface Expected {
  readonly status: number;
  /** Of the JSON-RPC error. */
  readonly code?: number;
}

/** A wrong request. */
type Case = readonly [
  name: string,
  send: (served: Served) => Promise<Response>,
  expected: Expected,
];

const CALL = { name: "echo", arguments: { text: "x" } };
const SESSIONS = ["", "x", "0".repeat(32), "../../etc/passwd", "a".repeat(10_000)];

/** A modern request with something changed. */
function changed(
  change: (body: Record<string, unknown>, headers: Record<string, string>) => void,
  method = "tools/call",
  params: Record<string, unknown> = CALL,
) {
  return ({ post }: Served) => {
    const [body, headers] = structuredClone(modern(method, params));
    change(body, headers);
    return post(body, headers);
  };
}

const raw = (body: string, headers?: Record<string, string>) => ({ post }: Served) => post(body, headers);
const method = (method: string) => ({ url }: Served) => fetch(url, { method });
const set = (params: Record<string, unknown>) =>
  changed((body) => Object.assign(body.params as Record<string, unknown>, params));

const CASES: readonly Case[] = [
  ["no body", raw(""), { status: 400, code: -32700 }],
  ["no JSON", raw("{"), { status: 400, code: -32700 }],
  ["text", raw("hello"), { status: 400, code: -32700 }],
  ["invalid UTF-8 in a string", raw('{"jsonrpc":"2.0","id":1,"method":"\\ud800"}'), { status: 400 }],
  ["null", raw("null"), { status: 400 }],
  ["a number", raw("7"), { status: 400 }],
  ["an empty batch", raw("[]"), { status: 400 }],
  ["a batch of nothings", raw("[null,1,{}]"), { status: 400 }],
  ["an object that is no message", raw("{}"), { status: 400 }],
  ["no version of JSON-RPC", raw('{"id":1,"method":"ping"}'), { status: 400 }],
  ["deep nesting", raw("[".repeat(100_000) + "]".repeat(100_000)), { status: 400 }],
  ["a huge body", raw(JSON.stringify({ text: "x".repeat(4 * 1024 * 1024) })), { status: 413 }],
  ["another media type", raw("{}", { "content-type": "text/plain" }), { status: 415 }],
  ["a form", raw("a=b", { "content-type": "application/x-www-form-urlencoded" }), { status: 415 }],
  ["GET without a session", method("GET"), { status: 400 }],
  ["DELETE without a session", method("DELETE"), { status: 400 }],
  ["PUT", method("PUT"), { status: 400 }],
  ["a call before a session", raw('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'), { status: 400 }],
  ["initialize without parameters", raw('{"jsonrpc":"2.0","id":1,"method":"initialize"}'), {
    status: 400,
    code: -32602,
  }],
  [
    "initialize with wrong parameters",
    raw('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":7}}'),
    { status: 400, code: -32602 },
  ],
  ["an unknown method", changed((body) => body.method = "tools/nope"), { status: 400, code: -32020 }],
  ["an unknown method with its header", changed(() => {}, "tools/nope", {}), { status: 404, code: -32601 }],
  ["a method of legacy clients", changed(() => {}, "logging/setLevel", { level: "info" }), {
    status: 404,
    code: -32601,
  }],
  ["a removed method", changed(() => {}, "tasks/list", {}), { status: 404, code: -32601 }],
  ["a method that is a number", changed((body) => body.method = 7), { status: 400 }],
  ["an id that is an object", changed((body) => body.id = {}), { status: 400 }],
  ["parameters that are a list", changed((body) => body.params = []), { status: 400 }],
  ["no version of the protocol", changed((_body, headers) => delete headers["mcp-protocol-version"]), {
    status: 400,
    code: -32020,
  }],
  ["an unknown version", set({ _meta: { "io.modelcontextprotocol/protocolVersion": "2099-01-01" } }), {
    status: 400,
  }],
  [
    "header and body that differ in method",
    changed((_body, headers) => headers["mcp-method"] = "tools/list"),
    {
      status: 400,
      code: -32020,
    },
  ],
  ["header and body that differ in name", changed((_body, headers) => headers["mcp-name"] = "other"), {
    status: 400,
    code: -32020,
  }],
  ["no name in the header", changed((_body, headers) => delete headers["mcp-name"]), {
    status: 400,
    code: -32020,
  }],
  ["a tool that is a number", changed((body) => (body.params as { name: unknown }).name = 7), {
    status: 200,
    code: -32602,
  }],
  ["arguments that are text", set({ arguments: "x" }), { status: 200, code: -32602 }],
  ["arguments that are a list", set({ arguments: [] }), { status: 200, code: -32602 }],
  ["an unknown tool", changed(() => {}, "tools/call", { name: "__proto__" }), { status: 200, code: -32602 }],
  ["state that was made up", set({ requestState: "v1.e30.e30" }), { status: 200, code: -32602 }],
  ["state that is a number", set({ requestState: 7 }), { status: 200, code: -32602 }],
  ["an unknown resource", changed(() => {}, "resources/read", { uri: "file:///etc/passwd" }), {
    status: 200,
    code: -32602,
  }],
  ["a path out of the workspace", changed(() => {}, "resources/read", { uri: "troupe://workspace/../x" }), {
    status: 200,
    code: -32602,
  }],
  ["a resource without an address", changed(() => {}, "resources/read", { uri: "" }), {
    status: 200,
    code: -32602,
  }],
  ["an unknown prompt", changed(() => {}, "prompts/get", { name: "nope" }), { status: 200, code: -32602 }],
  ["a prompt without its argument", changed(() => {}, "prompts/get", { name: "delegate" }), {
    status: 200,
    code: -32602,
  }],
  ["a task without the extension", changed(() => {}, "tasks/get", { taskId: "x" }), {
    status: 400,
    code: -32021,
  }],
  ...SESSIONS.slice(1).map((id): Case => [
    `session ${id.slice(0, 20)}`,
    raw('{"jsonrpc":"2.0","id":1,"method":"ping"}', { "mcp-session-id": id }),
    { status: 404, code: -32001 },
  ]),
];

Deno.test(`${CASES.length} wrong requests are each answered, and none disturbs the server`, async (t) => {
  await withServer({}, async (served) => {
    for (const [name, send, { status, code }] of CASES) {
      await t.step(name, async () => {
        const response = await send(served);
        const text = await response.text();
        const answered = code === undefined ? undefined : JSON.parse(text).error.code;
        assert.deepEqual({ status: response.status, code: answered }, { status, code }, text);
        assert.doesNotMatch(text, /\bat .*\.(ts|mjs):\d+/, "no stack is told");
      });
    }
    const [body, headers] = modern("tools/call", CALL);
    assert.equal((await (await served.post(body, headers)).json()).result.content[0].text, "x");
  });
});

Deno.test("a session endures wrong messages", () =>
  withServer({}, async (served) => {
    const initialize = {
      jsonrpc: "2.0",
      id: 0,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
    };
    const opened = await served.post(initialize);
    await opened.text();
    const headers = { "mcp-session-id": opened.headers.get("mcp-session-id")! };
    const said = async (body: unknown, more: Record<string, string> = {}) => {
      const response = await served.post(body, { ...headers, ...more });
      return { status: response.status, text: await response.text() };
    };
    const request = (method: string, params?: unknown) => ({ jsonrpc: "2.0", id: 1, method, params });
    assert.equal((await said(initialize)).status, 400);
    assert.equal((await said("{")).status, 400);
    assert.equal((await said({ jsonrpc: "2.0", id: 1, result: {} })).status, 202);
    assert.equal((await said(request("ping"), { "mcp-protocol-version": "1999-01-01" })).status, 400);
    assert.equal((await said(request("ping"), { accept: "text/plain" })).status, 406);
    assert.match((await said(request("tools/nope"))).text, /-32601/);
    assert.match((await said(request("tools/call", { name: "nope" }))).text, /-32602/);
    assert.match((await said(request("tools/call", { name: 7 }))).text, /-32602/);
    assert.match((await said(request("resources/read", { uri: "troupe://runs/x" }))).text, /-32602/);
    assert.match((await said(request("tasks/get", { taskId: "x" }))).text, /"error"/);
    assert.match((await said(request("ping"))).text, /"result":\{\}/);
  }));
