/**
 * What hostile requests are answered, each with its status and the code of its error, and that the server goes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { generateKeyPair } from "jose";
import type { RawAnswer } from "./door.ts";
import { Attacked, httpText, keyOf, message, type Sent, type Who } from "./hostile.ts";
import { handmade } from "./tokens.ts";

/** A JSON-RPC code, the name of a google.rpc.Code, or a word of an error that has neither. */
type ErrorCode = number | string;
type Request = Sent | string | readonly string[];
type Case = readonly [
  name: string,
  request: (at: Attacked) => Request | RawAnswer | Promise<Request | RawAnswer>,
  status: number,
  code?: ErrorCode,
];

const PARSE = -32700;
const INVALID_REQUEST = -32600;
const NO_METHOD = -32601;
const INVALID_PARAMS = -32602;
const REFUSED = -32000;
const NO_TASK = -32001;
const NO_SESSION = -32001;
const HEADERS_DIFFER = -32020;

const MIB = 2 ** 20;
const LIST = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const OK = { message: { messageId: "m", role: "ROLE_USER", parts: [{ text: "x" }] } };

/** A good request to A2A that says something else in its headers. */
const saying = (headers: Sent["headers"], more: Sent = {}) => (at: Attacked) =>
  at.a2a({ jsonrpc: "2.0", id: 1, method: "SendMessage", params: OK }, { ...more, headers });

/** A good request of MCP with another token. */
const token = (make: (at: Attacked) => string | Promise<string>) => async (at: Attacked) =>
  at.modern("tools/list", {}, { headers: { authorization: `Bearer ${await make(at)}` } });

const a2a = (body: unknown) => (at: Attacked) => at.a2a(body);
const call = (method: string, params: unknown) => (at: Attacked) => at.call(method, params);
const mcp = (body: unknown, headers: Sent["headers"] = {}) => (at: Attacked) => at.mcp(body, { headers });
const send = (more: Record<string, unknown>) => call("SendMessage", { message: message("x", more) });
const now = () => Math.floor(Date.now() / 1000);

const HOSTS: readonly Case[] = [
  ["another host", saying({ host: "evil.example" }), 403],
  ["a name made to lead here", saying({ host: "127.0.0.1.nip.io:9999" }), 403],
  ["a name that begins like ours", saying({ host: "localhost.evil.example" }), 403],
  ["a name that ends like ours", saying({ host: "evil-localhost" }), 403],
  ["our address in other figures", saying({ host: "2130706433" }), 403],
  ["all addresses", saying({ host: "0.0.0.0" }), 403],
  ["no host", saying({ host: undefined }), 400],
  ["an empty host", saying({ host: "" }), 400],
  ["two hosts", () => "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400],
  ["a host with a user", saying({ host: "localhost@evil.example" }), 400],
  ["a host with a path", saying({ host: "localhost/@evil.example" }), 400],
  ["another host in the first line", saying({}, { path: "http://evil.example/a2a" }), 403],
  [
    "a good first line, another host",
    saying({ host: "evil.example" }, { path: "http://localhost/a2a" }),
    403,
  ],
  ["a tunnel", () => ({ method: "CONNECT", path: "evil.example:443" }), 403],
  ["HTTP/1.0 without a host", () => "GET /health HTTP/1.0\r\n\r\n", 400],
  ["no origin in particular", saying({ origin: "null" }), 403],
  ["another origin", saying({ origin: "https://evil.example" }), 403],
  ["another port of this machine", saying({ origin: "http://localhost:3000" }), 403],
  ["an origin that begins like ours", saying({ origin: "http://localhost.evil.example" }), 403],
  ["another origin's preflight", saying({ origin: "https://evil.example" }, { method: "OPTIONS" }), 403],
  ["another origin, at the health", () => ({
    method: "GET",
    path: "/health",
    headers: { origin: "https://evil.example" },
  }), 403],
];

const WIRE: readonly Case[] = [
  ["no HTTP", () => "\x16\x03\x01\x02\x00\r\n\r\n", 400],
  [
    "a header without end",
    () => `GET /health HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(500_000)}\r\n\r\n`,
    400,
  ],
  ["too many headers", () => `GET /health HTTP/1.1\r\nHost: localhost\r\n${"x: x\r\n".repeat(500)}\r\n`, 400],
  ["a header on two lines", () => "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400],
  ["a key with a line break", () => "POST /a2a HTTP/1.1\r\nHost: localhost\r\nX-API-Key: a\rb\r\n\r\n", 400],
  [
    "a token with a zero",
    () => "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\0b\r\n\r\n",
    400,
  ],
  ["a negative length", saying({ "content-length": "-1" }), 400],
  [
    "two lengths",
    (at) => httpText(saying({})(at)).replace("content-length:", "content-length: 1\r\ncontent-length:"),
    400,
  ],
  ["a length and chunks", saying({ "transfer-encoding": "chunked" }), 400],
  [
    "chunks that are none",
    saying({ "transfer-encoding": "chunked", "content-length": undefined }, { body: "zz\r\n" }),
    0,
  ],
  ["more bytes than may come", (at) => at.a2a(`"${"x".repeat(4 * MIB - 1)}"`), 413, INVALID_REQUEST],
  ["the same of MCP", (at) => at.mcp(`"${"x".repeat(4 * MIB - 1)}"`), 413, INVALID_REQUEST],
  [
    "the same of REST",
    (at) => at.rest("/message:send", `"${"x".repeat(4 * MIB - 1)}"`),
    413,
    "INVALID_ARGUMENT",
  ],
  ["more bytes than may come, in chunks", chunks(5), 413, INVALID_REQUEST],
  ["as many bytes as may come", (at) => at.a2a(`"${"x".repeat(4 * MIB - 2)}"`), 200, INVALID_REQUEST],
  ["a length that is not sent", withheld, 408, REFUSED],
  ["a compressed body", saying({ "content-encoding": "gzip" }), 415, INVALID_REQUEST],
  ["another method", (at) => ({ ...saying({})(at), method: "PUT" }), 405, INVALID_REQUEST],
  ["a method nobody knows", (at) => ({ ...saying({})(at), method: "BREW" }), 405, INVALID_REQUEST],
  ["a trace", (at) => ({ ...saying({})(at), method: "TRACE" }), 405, INVALID_REQUEST],
  ["a way out of the paths", (at) => ({ ...at.rest("/../../etc/passwd") }), 404],
  ["a way out of the paths, encoded", (at) => ({ ...at.rest("/%2e%2e/%2e%2e/etc/passwd") }), 404],
  ["a path that cannot be decoded", (at) => at.rest("/tasks/%ff%zz"), 400, "INVALID_ARGUMENT"],
  ["a path as long as can be", (at) => at.rest(`/tasks/${"x".repeat(20_000)}`), 400, "INVALID_ARGUMENT"],
  ["another spelling of a guarded path", () => ({ path: "/MCP", body: "{}" }), 404],
  ["two slashes before a guarded path", () => ({ path: "//mcp", body: "{}" }), 404],
  ["a guarded path, encoded", () => ({ path: "/%6dcp", body: "{}" }), 401, REFUSED],
];

const CALLERS: readonly Case[] = [
  ["no key", saying({ "x-api-key": undefined }), 401, REFUSED],
  ["a wrong key", saying({ "x-api-key": "x".repeat(20) }), 401, REFUSED],
  ["a key that lacks a letter", saying({ "x-api-key": keyOf("ann").slice(0, -1) }), 401, REFUSED],
  ["no key at REST", () => ({ method: "GET", path: "/a2a/tasks" }), 401, "UNAUTHENTICATED"],
  [
    "no key for the extended card",
    (at) => ({ ...at.rest("/extendedAgentCard"), headers: {} }),
    401,
    "UNAUTHENTICATED",
  ],
  ["no token", (at) => ({ ...at.modern("tools/list"), headers: {} }), 401, REFUSED],
  ["an API key for a token", token(() => keyOf("ann")), 401, REFUSED],
  ["a token for an API key", (at) => saying({ "x-api-key": at.tokens.ann })(at), 401, REFUSED],
  [
    "a token in the address",
    (at) => ({ path: `/mcp?access_token=${at.tokens.ann}`, body: "{}" }),
    401,
    REFUSED,
  ],
  ["a token signed by nobody", token((at) => handmade({ alg: "none" }, claims(at))), 401, REFUSED],
  ["a token signed with the public key", token(confused), 401, REFUSED],
  [
    "a token signed by a stranger",
    token(async (at) => at.issuer.token({}, {}, (await generateKeyPair("ES256")).privateKey)),
    401,
    REFUSED,
  ],
  ["a token for others", token((at) => at.issuer.token({ aud: "other" })), 401, REFUSED],
  [
    "a token of another issuer",
    token((at) => at.issuer.token({ iss: "https://evil.example" })),
    401,
    REFUSED,
  ],
  ["a token that is over", token((at) => at.issuer.token({ exp: now() - 60 })), 401, REFUSED],
  ["a token not yet good", token((at) => at.issuer.token({ nbf: now() + 600 })), 401, REFUSED],
  ["a token of an unknown key", token((at) => at.issuer.token({}, { kid: "k9" })), 401, REFUSED],
  [
    "a token with a key of its own",
    token((at) =>
      handmade({ alg: "ES256", jwk: { kty: "oct" }, jku: "http://evil.example" }, claims(at), "AA")
    ),
    401,
    REFUSED,
  ],
  ["a token for too little", token((at) => at.issuer.token({ scope: "openid" })), 403, REFUSED],
  ["a token that is too long", token((at) => at.issuer.token({ more: "x".repeat(20_000) })), 401, REFUSED],
];

const A2A: readonly Case[] = [
  ["no JSON", a2a("hello"), 200, PARSE],
  ["JSON that breaks off", a2a('{"jsonrpc":"2.0","id":1,"method":"SendMess'), 200, PARSE],
  ["nothing at all", a2a(""), 200, PARSE],
  ["a zero in the JSON", a2a('{"jsonrpc":"2.0",\0"id":1}'), 200, PARSE],
  ["another content type", saying({ "content-type": "text/plain" }), 200, -32005],
  ["a form", saying({ "content-type": "application/x-www-form-urlencoded" }), 200, -32005],
  ["null", a2a("null"), 200, INVALID_REQUEST],
  ["a number", a2a("7"), 200, INVALID_REQUEST],
  ["a batch", a2a([{ jsonrpc: "2.0", id: 1, method: "GetTask", params: { id: "x" } }]), 200, INVALID_REQUEST],
  ["another JSON-RPC", a2a({ jsonrpc: "1.0", id: 1, method: "GetTask", params: {} }), 200, INVALID_REQUEST],
  [
    "an id that is an object",
    a2a({ jsonrpc: "2.0", id: {}, method: "GetTask", params: {} }),
    200,
    INVALID_REQUEST,
  ],
  [
    "an id with a fraction",
    a2a({ jsonrpc: "2.0", id: 1.5, method: "GetTask", params: {} }),
    200,
    INVALID_REQUEST,
  ],
  ["a method that is a number", a2a({ jsonrpc: "2.0", id: 1, method: 7 }), 200, INVALID_REQUEST],
  ["a method nobody knows", call("DropTable", {}), 200, NO_METHOD],
  ["a method of every object", call("constructor", {}), 200, NO_METHOD],
  ["a method of every prototype", call("__proto__", {}), 200, NO_METHOD],
  ["parameters that are a list", call("SendMessage", [OK]), 200, INVALID_PARAMS],
  ["parameters that are text", call("SendMessage", "x"), 200, INVALID_PARAMS],
  ["no message", call("SendMessage", {}), 200, INVALID_PARAMS],
  ["no parts", send({ parts: [] }), 200, INVALID_PARAMS],
  ["an empty part", send({ parts: [{}] }), 200, INVALID_PARAMS],
  ["a part that is two", send({ parts: [{ text: "x", url: "http://x" }] }), 200, INVALID_PARAMS],
  ["parts that are an object", send({ parts: { length: 9 } }), 200, INVALID_PARAMS],
  ["more parts than can be", send({ parts: Array(2_000).fill({ text: "x" }) }), 200, INVALID_PARAMS],
  ["bytes that are none", send({ parts: [{ raw: "%%%" }] }), 200, INVALID_PARAMS],
  ["a message of the agent's", send({ role: "ROLE_AGENT" }), 200, INVALID_PARAMS],
  ["a message without an id", send({ messageId: "" }), 200, INVALID_PARAMS],
  ["an id that is too long", send({ messageId: "x".repeat(10_000) }), 200, INVALID_PARAMS],
  [
    "a message for another's task",
    async (at) => at.call("SendMessage", { message: message("x", { taskId: await at.task("bob") }) }),
    200,
    NO_TASK,
  ],
  ["a message for no task", send({ taskId: "no-such-task" }), 200, NO_TASK],
  ["less than no history", call("GetTask", { id: "x", historyLength: -1 }), 200, INVALID_PARAMS],
  ["a page of less than nothing", call("ListTasks", { pageSize: -1 }), 200, INVALID_PARAMS],
  ["a page too long", call("ListTasks", { pageSize: 1e9 }), 200, INVALID_PARAMS],
  ["a page nobody was told of", call("ListTasks", { pageToken: "'; drop table runs" }), 200, INVALID_PARAMS],
  ["another's task", async (at) => at.call("GetTask", { id: await at.task("bob") }), 200, NO_TASK],
  ["no task", call("GetTask", { id: "no-such-task" }), 200, NO_TASK],
  [
    "another's task, to be ended",
    async (at) => at.call("CancelTask", { id: await at.task("bob") }),
    200,
    NO_TASK,
  ],
  [
    "another's task, to be watched",
    async (at) => at.call("SubscribeToTask", { id: await at.task("bob") }),
    200,
    NO_TASK,
  ],
  ["another's task of 0.3", async (at) => at.call("tasks/get", { id: await at.task("bob") }), 200, NO_TASK],
  ["another's task at REST", async (at) => at.rest(`/tasks/${await at.task("bob")}`), 404, "NOT_FOUND"],
  ["a version nobody knows", saying({ "a2a-version": "9.9" }), 200, -32009],
  [
    "JSON as deep as can be",
    a2a(`{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":${deep(MIB)}}`),
    400,
    INVALID_REQUEST,
  ],
  [
    "data as deep as can be",
    a2a(
      `{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"messageId":"d","role":"ROLE_USER","parts":[{"data":${
        deep(100_000)
      }}]}}}`,
    ),
    400,
    INVALID_REQUEST,
  ],
  ["REST that is no JSON", (at) => at.rest("/message:send", "{"), 400, "INVALID_ARGUMENT"],
  [
    "REST of another type",
    (at) => ({
      ...at.rest("/message:send", "{}"),
      headers: { ...at.a2aHeaders(), "content-type": "text/plain" },
    }),
    400,
    "INVALID_ARGUMENT",
  ],
  ["REST that is not there", (at) => at.rest("/nothing"), 404, "NOT_FOUND"],
];

const WEBHOOKS: readonly Case[] = [
  ...[
    ["this machine", "http://127.0.0.1:1/x"],
    ["this machine by name", "http://localhost/x"],
    ["this machine in other figures", "http://2130706433/x"],
    ["this machine in hexadecimal", "http://0x7f.1/x"],
    ["this machine in IPv6", "http://[::1]/x"],
    ["this machine, mapped", "http://[::ffff:127.0.0.1]/x"],
    ["all addresses", "http://0.0.0.0/x"],
    ["a private network", "http://10.0.0.1/x"],
    ["another private network", "https://192.168.1.1/x"],
    ["a link-local address", "http://169.254.169.254/latest/meta-data"],
    ["a private address of IPv6", "http://[fd00::1]/x"],
    ["a file", "file:///etc/passwd"],
    ["another protocol", "gopher://example.com/x"],
    ["a user in it", "http://user:pass@example.com/x"],
    ["a line break in it", "http://example.com/\r\nX: y"],
    ["no address", "webhook"],
  ].map(([name, url]): Case => [`a webhook to ${name}`, webhook({ url }), 200, INVALID_PARAMS]),
  [
    "a webhook's token with a line break",
    webhook({ url: "https://example.com", token: "a\r\nX: y" }),
    200,
    INVALID_PARAMS,
  ],
  [
    "a webhook's credentials with a line break",
    webhook({
      url: "https://example.com",
      authentication: { scheme: "Bearer", credentials: "a\r\nX: y" },
    }),
    200,
    INVALID_PARAMS,
  ],
  [
    "a webhook with the message",
    call("SendMessage", {
      message: message("x"),
      configuration: { taskPushNotificationConfig: { url: "http://127.0.0.1:1/" } },
    }),
    200,
    INVALID_PARAMS,
  ],
  [
    "a webhook for another's task",
    async (at) =>
      at.call("CreateTaskPushNotificationConfig", {
        taskId: await at.task("bob"),
        url: "https://example.com",
      }),
    200,
    NO_TASK,
  ],
  [
    "more webhooks than a task can have",
    async (at) => {
      const taskId = await at.task();
      const set = (id: number) =>
        at.call("CreateTaskPushNotificationConfig", {
          taskId,
          id: `w${id}`,
          url: "https://192.0.2.1.example/",
        });
      for (let id = 0; id < 10; id++) await at.send(set(id));
      return set(10);
    },
    200,
    INVALID_PARAMS,
  ],
];

const MCP: readonly Case[] = [
  ["no JSON for MCP", mcp("hello"), 400, PARSE],
  ["JSON for MCP that breaks off", mcp('{"jsonrpc":"2.0"'), 400, PARSE],
  ["another content type for MCP", mcp("{}", { "content-type": "text/plain" }), 415, REFUSED],
  [
    "an answer that cannot be given",
    async (at) => {
      const sent = at.within(await at.session(), LIST);
      return { ...sent, headers: { ...sent.headers, accept: "text/html" } };
    },
    406,
    REFUSED,
  ],
  ["a number for MCP", mcp("7"), 400],
  ["an empty batch", mcp([]), 400],
  ["a method of MCP nobody knows", (at) => at.modern("tools/drop"), 404, NO_METHOD],
  [
    "headers that differ from the body",
    (at) => at.modern("tools/list", {}, { headers: { "mcp-method": "tools/call" } }),
    400,
    HEADERS_DIFFER,
  ],
  [
    "a version of MCP nobody knows",
    (at) => at.modern("tools/list", {}, { headers: { "mcp-protocol-version": "2099-01-01" } }),
    400,
  ],
  [
    "a tool nobody knows",
    (at) => at.modern("tools/call", { name: "no_such_tool", arguments: {} }),
    200,
    INVALID_PARAMS,
  ],
  [
    "a tool of every object",
    (at) => at.modern("tools/call", { name: "constructor", arguments: {} }),
    200,
    INVALID_PARAMS,
  ],
  [
    "arguments that are text",
    (at) => at.modern("tools/call", { name: "echo", arguments: "x" }),
    200,
    INVALID_PARAMS,
  ],
  ["arguments as deep as can be", (at) => deepArguments(at), 400, INVALID_REQUEST],
  [
    "a file outside of the workspace",
    (at) => at.modern("resources/read", { uri: "workspace:///../../etc/passwd" }),
    200,
    INVALID_PARAMS,
  ],
  ["no session", (at) => at.mcp(LIST), 400, REFUSED],
  [
    "a guessed session",
    (at) => at.within(randomBytes(16).toString("hex"), LIST),
    404,
    NO_SESSION,
  ],
  [
    "another's session",
    async (at) => at.within(await at.session("bob"), LIST),
    404,
    NO_SESSION,
  ],
  [
    "another's session, to be listened to",
    async (at) => ({ ...at.within(await at.session("bob"), ""), method: "GET", body: undefined }),
    404,
    NO_SESSION,
  ],
  [
    "another's session, to be ended",
    async (at) => ({ ...at.within(await at.session("bob"), ""), method: "DELETE", body: undefined }),
    404,
    NO_SESSION,
  ],
  [
    "a session that was idle too long",
    async (at) => {
      const session = await at.session();
      at.clock.advance(1_800_000);
      return at.within(session, LIST);
    },
    404,
    NO_SESSION,
  ],
  [
    "a session that was ended",
    async (at) => {
      const session = await at.session();
      await at.send({ ...at.within(session, ""), method: "DELETE", body: undefined });
      return at.within(session, LIST);
    },
    404,
    NO_SESSION,
  ],
  ["a state that is made up", answering((state) => `${state.slice(0, -8)}AAAAAAAA`), 200, INVALID_PARAMS],
  ["a state of another format", answering(() => "v9.x.y"), 200, INVALID_PARAMS],
  ["another's state", answering((state) => state, "bob"), 200, INVALID_PARAMS],
  ["a state that was used", answering((state) => state, "ann", 2), 200, INVALID_PARAMS],
  ["a state that is too old", answering((state) => state, "ann", 1, 3_600_000), 200, INVALID_PARAMS],
  [
    "another's task over MCP",
    async (at) => at.modern("tasks/get", { taskId: await at.task("bob") }),
    200,
    INVALID_PARAMS,
  ],
];

Deno.test("hostile requests get the answer they must, and after each the server works", async (t) => {
  await using at = await Attacked.open();
  for (const [kind, cases] of Object.entries({ HOSTS, WIRE, CALLERS, A2A, WEBHOOKS, MCP })) {
    await t.step(kind, async () => {
      for (const [name, request, status, code] of cases) {
        const made = await request(at);
        const answer = typeof made === "object" && "status" in made ? made : await at.send(made);
        const got = [answer.status, errorOf(answer.body, code)];
        assert.deepEqual(got, [status, code], `${name}: ${answer.body.slice(0, 500)}`);
        assert.ok(await at.works(), `after ${name}`);
      }
    });
  }
  assert.deepEqual(
    at.door.reported.filter((error) => !/^Error: (Rejected|requestState|Not Acceptable)/.test(String(error))),
    [],
  );
});

Deno.test("who asks too often is told when to come back, and others are not kept from asking", async () => {
  await using at = await Attacked.open({ a2a: { ratePerMinute: 10 }, mcp: { ratePerMinute: 20 } });
  const limits: [ask: (who: Who) => Sent, perMinute: number, retryAfter: string][] = [
    [(who) => at.call("ListTasks", {}, who), 10, "6"],
    [(who) => at.modern("tools/list", {}, { who }), 20, "3"],
  ];
  for (const [ask, perMinute, retryAfter] of limits) {
    for (let nth = 0; nth < perMinute; nth++) assert.equal((await at.send(ask("ann"))).status, 200);
    const { status, headers, body } = await at.send(ask("ann"));
    assert.deepEqual([status, headers.get("retry-after"), errorOf(body, 0)], [429, retryAfter, REFUSED]);
    assert.equal((await at.send(ask("bob"))).status, 200);
    at.clock.advance(Number(retryAfter) * 1_000);
    assert.equal((await at.send(ask("ann"))).status, 200);
  }
});

Deno.test("tasks that are not there and tasks of others are told apart by nobody", async () => {
  await using at = await Attacked.open();
  const id = await at.task("bob");
  const asked = (id: string): Sent[] => [
    at.call("GetTask", { id }),
    at.call("CancelTask", { id }),
    at.call("SubscribeToTask", { id }),
    at.call("tasks/get", { id }),
    at.call("SendMessage", { message: message("x", { taskId: id, messageId: "same" }) }),
    at.call("CreateTaskPushNotificationConfig", { taskId: id, url: "https://example.com" }),
    at.call("ListTaskPushNotificationConfigs", { taskId: id }),
    at.rest(`/tasks/${id}`),
    at.rest(`/tasks/${id}:cancel`, {}),
    at.modern("tasks/get", { taskId: id }),
    at.modern("tasks/cancel", { taskId: id }),
    at.modern("resources/read", { uri: `troupe://runs/${id}` }),
  ];
  const none = crypto.randomUUID();
  const foreign = asked(id);
  for (const [nth, request] of asked(none).entries()) {
    const [one, other] = [await at.send(request), await at.send(foreign[nth]!)];
    assert.equal(other.body.replaceAll(id, none), one.body);
    assert.deepEqual([other.status, [...other.headers.keys()]], [one.status, [...one.headers.keys()]]);
  }
  const [task] = at.service.tasks.started;
  assert.equal((await at.service.tasks.get(task!.task.owner, id))?.state, "working");
});

/** The code of an error, as the kind of code that is expected. */
function errorOf(body: string, expected: ErrorCode | undefined): ErrorCode | undefined {
  if (expected === undefined) return undefined;
  if (typeof expected === "number") return Number(/"code":\s*(-?\d+)/.exec(body)?.[1]);
  return /"status":\s*"([A-Z_]+)"/.exec(body)?.[1];
}

function claims(at: Attacked): Record<string, unknown> {
  return { iss: at.issuer.settings.issuer, aud: "rig-rlm-mcp", sub: "ann", exp: now() + 600, scope: "mcp" };
}

/** The public key taken for a secret: what it signs holds where the token may say how it is signed. */
function confused(at: Attacked): string {
  const unsigned = handmade({ alg: "HS256", kid: "k1" }, claims(at)).slice(0, -1);
  return `${unsigned}.${createHmac("sha256", at.issuer.spki).update(unsigned).digest("base64url")}`;
}

function deep(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

function deepArguments(at: Attacked): Sent {
  const whole = at.modern("tools/call", { name: "echo", arguments: { text: "DEEP" } });
  return { ...whole, body: whole.body?.replace('"DEEP"', deep(100_000)) };
}

function webhook(config: Record<string, unknown>): Case[1] {
  return async (at) => at.call("CreateTaskPushNotificationConfig", { taskId: await at.task(), ...config });
}

/** Mebibytes in chunks of one. */
function chunks(mebibytes: number): Case[1] {
  return (at) => {
    const sent = at.a2a("", { headers: { "transfer-encoding": "chunked", "content-length": undefined } });
    const chunk = `${MIB.toString(16)}\r\n${"x".repeat(MIB)}\r\n`;
    return [httpText(sent), ...Array(mebibytes).fill(chunk), "0\r\n\r\n"];
  };
}

/** A body that is announced and does not come, until the time is up. */
async function withheld(at: Attacked): Promise<RawAnswer> {
  let answered = false;
  const answer = at.send(saying({ "content-length": "100" }, { body: "{" })(at)).finally(() =>
    answered = true
  );
  while (!answered) {
    at.clock.advance(30_000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return await answer;
}

/** Answers a question of a tool with a state that is another than the one that was handed out, or somebody else does. */
function answering(change: (state: string) => string, who: Who = "ann", often = 1, afterMs = 0): Case[1] {
  return async (at) => {
    const asked = await at.send(at.modern("tools/call", { name: "ask", arguments: {} }));
    const { requestState, inputRequests } = JSON.parse(asked.body).result;
    const [question = ""] = Object.keys(inputRequests);
    const inputResponses = { [question]: { action: "accept", content: { allow: true } } };
    const params = { name: "ask", arguments: {}, inputResponses, requestState: change(requestState) };
    const answer = at.modern("tools/call", params, { who });
    for (let nth = 1; nth < often; nth++) await at.send(answer);
    at.clock.advance(afterMs);
    return answer;
  };
}
