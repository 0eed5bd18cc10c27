import assert from "node:assert/strict";
import { Fault } from "../../../../protocols/messages/fault.ts";
import { type Json, message, Served } from "./served.ts";

/** A hostile or broken request and the code it is answered with. */
type Case = readonly [name: string, method: string, params: unknown, code: number, says?: RegExp];

const CURRENT: readonly Case[] = [
  ["no message", "SendMessage", {}, -32602, /message/],
  ["a message that is a text", "SendMessage", { message: "hi" }, -32602],
  [
    "a message without an id",
    "SendMessage",
    { message: message("x", { messageId: undefined }) },
    -32602,
    /messageId/,
  ],
  ["an empty message id", "SendMessage", { message: message("x", { messageId: "" }) }, -32602],
  ["a message id that is a number", "SendMessage", { message: message("x", { messageId: 7 }) }, -32602],
  ["a huge message id", "SendMessage", { message: message("x", { messageId: "m".repeat(300) }) }, -32602],
  ["no role", "SendMessage", { message: message("x", { role: undefined }) }, -32602, /role/],
  ["the agent's role", "SendMessage", { message: message("x", { role: "ROLE_AGENT" }) }, -32602, /role/],
  ["a role that is none", "SendMessage", { message: message("x", { role: "ROLE_ROOT" }) }, -32602],
  ["no parts", "SendMessage", { message: message("x", { parts: undefined }) }, -32602, /parts/],
  ["empty parts", "SendMessage", { message: message("x", { parts: [] }) }, -32602, /parts must not be empty/],
  ["parts that are a text", "SendMessage", { message: message("x", { parts: "x" }) }, -32602],
  ["a part that is null", "SendMessage", { message: message("x", { parts: [null] }) }, -32602],
  [
    "a part without content",
    "SendMessage",
    { message: message("x", { parts: [{}] }) },
    -32602,
    /exactly one/,
  ],
  [
    "a part with two contents",
    "SendMessage",
    { message: message("x", { parts: [{ text: "a", url: "b" }] }) },
    -32602,
  ],
  [
    "a part whose text is a number",
    "SendMessage",
    { message: message("x", { parts: [{ text: 4 }] }) },
    -32602,
  ],
  ["raw that is no base64", "SendMessage", { message: message("x", { parts: [{ raw: "%%" }] }) }, -32602],
  ["blank text", "SendMessage", { message: message("  ") }, -32602, /no text/],
  ["a picture", "SendMessage", {
    message: message("x", { parts: [{ raw: "AAAA", mediaType: "image/png" }] }),
  }, -32005],
  ["an unknown media type", "SendMessage", {
    message: message("x", { parts: [{ text: "a", mediaType: "a/b" }] }),
  }, -32005],
  ["text that is no UTF-8", "SendMessage", {
    message: message("x", { parts: [{ raw: "/w==", mediaType: "text/plain" }] }),
  }, -32005],
  ["an unknown task", "SendMessage", { message: message("x", { taskId: "nope" }) }, -32001],
  [
    "a negative history",
    "SendMessage",
    { message: message("x"), configuration: { historyLength: -1 } },
    -32602,
  ],
  ["half a message of history", "SendMessage", {
    message: message("x"),
    configuration: { historyLength: 0.5 },
  }, -32602],
  ["a flag that is a text", "SendMessage", {
    message: message("x"),
    configuration: { returnImmediately: "yes" },
  }, -32602],
  ["a webhook where there are none", "SendMessage", {
    message: message("x"),
    configuration: { taskPushNotificationConfig: { url: "https://example.com" } },
  }, -32003],
  ["a webhook for a task where there are none", "CreateTaskPushNotificationConfig", {
    taskId: "t",
    url: "https://a.b",
  }, -32003],
  ["metadata that is a text", "SendMessage", { message: message("x"), metadata: "x" }, -32602],
  ["a stream with no parts", "SendStreamingMessage", { message: message("x", { parts: [] }) }, -32602],
  ["a task without an id", "GetTask", {}, -32602, /ID/],
  ["a task whose id is blank", "GetTask", { id: " " }, -32602],
  ["a task whose id is an object", "GetTask", { id: {} }, -32602],
  ["a task nobody knows", "GetTask", { id: "nope" }, -32001],
  ["a negative length", "GetTask", { id: "nope", historyLength: -5 }, -32602],
  ["a length that is a text", "GetTask", { id: "nope", historyLength: "5" }, -32602],
  ["a length in snake case", "GetTask", { id: "nope", history_length: -5 }, -32602],
  ["canceling what nobody knows", "CancelTask", { id: "nope" }, -32001],
  ["subscribing to what nobody knows", "SubscribeToTask", { id: "nope" }, -32001],
  ["a page of none", "ListTasks", { pageSize: 0 }, -32602],
  ["a page of too many", "ListTasks", { pageSize: 101 }, -32602],
  ["a page of a text", "ListTasks", { pageSize: "many" }, -32602],
  ["a token of somebody else", "ListTasks", { pageToken: "AAAA" }, -32602, /pageToken/],
  ["a token that is JSON and no place", "ListTasks", { pageToken: btoa('{"a":1}') }, -32602],
  ["a state that is none", "ListTasks", { status: "TASK_STATE_HAPPY" }, -32602, /status/],
  ["a moment that is none", "ListTasks", { statusTimestampAfter: "yesterday" }, -32602],
  ["params that are a list", "GetTask", ["nope"], -32602],
  ["params that are a text", "GetTask", "nope", -32602],
  ["no extended card", "GetExtendedAgentCard", {}, -32004],
  ["a method of the prototype", "constructor", {}, -32601],
  ["a method of an older version", "message/send", {}, -32601],
];

const LEGACY: readonly Case[] = [
  ["no message", "message/send", {}, -32602],
  ["an empty message", "message/send", { message: {} }, -32602],
  ["empty parts", "message/send", { message: { role: "user", parts: [] } }, -32602],
  ["a part of no kind", "message/send", { message: { role: "user", parts: [{ kind: "song" }] } }, -32602],
  ["a file without a file", "message/send", { message: { role: "user", parts: [{ kind: "file" }] } }, -32602],
  [
    "a file of null",
    "message/send",
    { message: { role: "user", parts: [{ kind: "file", file: null }] } },
    -32602,
  ],
  [
    "the agent's role",
    "message/send",
    { message: { role: "agent", parts: [{ kind: "text", text: "x" }] } },
    -32602,
  ],
  ["a file whose type is a list", "message/send", {
    message: { role: "user", parts: [{ kind: "file", file: { bytes: "aGk=", mimeType: [] } }] },
  }, -32602],
  ["a webhook whose schemes are a text", "tasks/pushNotificationConfig/set", {
    taskId: "t",
    pushNotificationConfig: { url: "https://a.b", authentication: { schemes: "Bearer" } },
  }, -32602],
  ["a webhook's id that is an object", "tasks/pushNotificationConfig/get", {
    id: "t",
    pushNotificationConfigId: { toString: 1 },
  }, -32602],
  ["a negative length", "tasks/get", { id: "nope", historyLength: -1 }, -32602],
  ["a task nobody knows", "tasks/get", { id: "nope" }, -32001],
  ["canceling what nobody knows", "tasks/cancel", { id: "nope" }, -32001],
  ["a webhook where there are none", "tasks/pushNotificationConfig/get", { id: "nope" }, -32003],
  ["no task id", "tasks/get", {}, -32602],
  ["a method of a newer version", "GetTask", { id: "nope" }, -32601],
];

Deno.test("wrong JSON-RPC requests get the protocol's error and nothing begins", async () => {
  await using served = new Served();
  for (const [version, cases] of [["1.0", CURRENT], ["0.3", LEGACY]] as const) {
    for (const [name, method, params, code, says = /./] of cases) {
      const answer = await served.rpc(method, params, version);
      assert.deepEqual(
        [answer.jsonrpc, answer.id, answer.error?.code],
        ["2.0", 1, code],
        `${version}: ${name}`,
      );
      assert.match(answer.error.message, says, `${version}: ${name}`);
    }
  }
  assert.deepEqual(served.tasks.started, []);
  assert.deepEqual(served.reports, []);
});

Deno.test("what is no JSON-RPC request is told what is wrong with it", async () => {
  const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  const rpc = (over: Record<string, unknown>) => ({
    jsonrpc: "2.0",
    id: 1,
    method: "GetTask",
    params: {},
    ...over,
  });
  const cases: readonly (readonly [name: string, body: unknown, id: unknown, code: number])[] = [
    ["no JSON", "{", null, -32700],
    ["nothing", "", null, -32700],
    ["a text", '"hi"', null, -32600],
    ["null", "null", null, -32600],
    ["a batch", [rpc({})], null, -32600],
    ["an empty batch", [], null, -32600],
    ["no version of JSON-RPC", rpc({ jsonrpc: undefined }), 1, -32600],
    ["another version of JSON-RPC", rpc({ jsonrpc: "1.0" }), 1, -32600],
    ["no method", rpc({ method: undefined }), 1, -32600],
    ["an empty method", rpc({ method: "" }), 1, -32600],
    ["a method that is a number", rpc({ method: 5 }), 1, -32600],
    ["an id that is an object", rpc({ id: {} }), null, -32600],
    ["an id that is a fraction", rpc({ id: 1.5 }), null, -32600],
    ["an id that is a flag", rpc({ id: true }), null, -32600],
    [
      "metadata that is a deep nest",
      `{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"metadata":${deep}}}`,
      null,
      -32600,
    ],
    ["a deep nest", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, null, -32600],
  ];
  await using served = new Served();
  for (const [name, body, id, code] of cases) {
    const response = await served.post("/", body);
    const answer: Json = await response.json();
    assert.deepEqual([response.status, answer.id, answer.error.code], [200, id, code], name);
  }
});

Deno.test("versions and media types that are not spoken are refused", async () => {
  await using served = new Served();
  const body = { jsonrpc: "2.0", id: 1, method: "GetTask", params: { id: "x" } };
  for (const version of ["2.0", "99.0", "1", "one", "1.1", "0.1", "1.0; drop"]) {
    const { error } = await (await served.post("/a2a", body, version)).json();
    assert.equal(error.code, -32009, version);
    const http = await fetch(`${served.url}/a2a/tasks/x`, { headers: { "A2A-Version": version } });
    assert.deepEqual([http.status, (await http.json()).error.details[0].reason], [
      400,
      "VERSION_NOT_SUPPORTED",
    ]);
  }
  for (const version of ["1.0", "1.0.1", ""]) {
    assert.equal((await (await served.post("/a2a", body, version)).json()).error.code, -32001, version);
  }
  const plain = { method: "POST", headers: { "Content-Type": "text/plain" }, body: JSON.stringify(body) };
  assert.equal((await (await fetch(`${served.url}/a2a`, plain)).json()).error.code, -32005);
  const named = await served.post("/a2a?A2A-Version=7.0", body, null);
  assert.equal((await named.json()).error.code, -32009);
});

Deno.test("wrong HTTP+JSON requests get the status and the error of their kind", async () => {
  type Wrong = readonly [
    name: string,
    method: string,
    path: string,
    body: unknown,
    status: number,
    reason: string,
  ];
  const cases: readonly Wrong[] = [
    ["no JSON", "POST", "/message:send", "{", 400, "INVALID_PARAMS"],
    ["a list", "POST", "/message:send", [], 400, "INVALID_PARAMS"],
    ["nothing", "POST", "/message:send", "", 400, "INVALID_PARAMS"],
    [
      "empty parts",
      "POST",
      "/message:send",
      { message: message("x", { parts: [] }) },
      400,
      "INVALID_PARAMS",
    ],
    [
      "empty parts of a stream",
      "POST",
      "/message:stream",
      { message: message("x", { parts: [] }) },
      400,
      "INVALID_PARAMS",
    ],
    ["an unknown task", "GET", "/tasks/nope", null, 404, "TASK_NOT_FOUND"],
    ["an unknown task of a tenant", "GET", "/acme/tasks/nope", null, 404, "TASK_NOT_FOUND"],
    ["a path that is not encoded", "GET", "/tasks/%ff", null, 400, "INVALID_PARAMS"],
    ["a negative length", "GET", "/tasks/nope?historyLength=-1", null, 400, "INVALID_PARAMS"],
    ["a length that is none", "GET", "/tasks/nope?historyLength=1e3", null, 400, "INVALID_PARAMS"],
    ["a page of too many", "GET", "/tasks?pageSize=1000", null, 400, "INVALID_PARAMS"],
    ["a flag that is none", "GET", "/tasks?includeArtifacts=perhaps", null, 400, "INVALID_PARAMS"],
    ["canceling what nobody knows", "POST", "/tasks/nope:cancel", {}, 404, "TASK_NOT_FOUND"],
    ["subscribing to what nobody knows", "GET", "/tasks/nope:subscribe", null, 404, "TASK_NOT_FOUND"],
    [
      "a webhook where there are none",
      "POST",
      "/tasks/nope/pushNotificationConfigs",
      { url: "https://a.b" },
      400,
      "PUSH_NOTIFICATION_NOT_SUPPORTED",
    ],
    ["no extended card", "GET", "/extendedAgentCard", null, 400, "UNSUPPORTED_OPERATION"],
    ["no such path", "GET", "/nothing", null, 404, ""],
    ["no such method", "DELETE", "/tasks/nope", null, 405, ""],
  ];
  await using served = new Served();
  for (const [name, method, path, body, status, reason] of cases) {
    const response = await fetch(`${served.url}/a2a${path}`, {
      method,
      headers: { "Content-Type": "application/a2a+json" },
      ...(body !== null && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const { error }: Json = await response.json();
    assert.deepEqual(
      [response.status, error.code, error.details[0]?.reason ?? ""],
      [status, status, reason],
      name,
    );
    assert.equal(response.headers.get("content-type"), "application/json", name);
  }
});

Deno.test("what 1.0.1 changed is answered as before on demand", async () => {
  const script = (task: { id: string }): void => served.tasks.complete(task.id, "ok");
  await using served: Served = new Served({ spec: "1.0.0", script });
  await using now: Served = new Served({ script: (task): void => now.tasks.complete(task.id, "ok") });
  for (
    const [server, type, wrong, over] of [[served, "application/json", 415, 409], [
      now,
      "application/a2a+json",
      400,
      400,
    ]] as const
  ) {
    const done = await server.post("/a2a/message:send", { message: message("x") });
    assert.equal(done.headers.get("content-type"), type);
    const { task } = await done.json();
    const again = await server.post(`/a2a/tasks/${task.id}:cancel`, {});
    assert.deepEqual([again.status, (await again.json()).error.details[0].reason], [
      over,
      "TASK_NOT_CANCELABLE",
    ]);
    const plain = { method: "POST", headers: { "Content-Type": "text/plain" }, body: "{}" };
    const refused = await fetch(`${server.url}/a2a/message:send`, plain);
    assert.equal(refused.status, wrong);
    await refused.body?.cancel();
  }
});

Deno.test("a task of somebody else is as if it were not there, at work or over", async () => {
  for (const over of [false, true]) {
    const script = over
      ? (task: { id: string }): void => served.tasks.complete(task.id, "secret")
      : undefined;
    await using served: Served = new Served({ ...(script && { script }) });
    const said = { message: message("secret"), configuration: { returnImmediately: !over } };
    const { id } = (await served.rpc("SendMessage", said, "1.0", "alice")).result.task;
    const asked = (method: string, id: string) => {
      const params = method === "SendMessage" ? { message: message("x", { taskId: id }) } : { id };
      return served.rpc(method, params, "1.0", "bob");
    };
    for (const method of ["GetTask", "CancelTask", "SubscribeToTask", "SendMessage"]) {
      const [foreign, unknown] = [await asked(method, id), await asked(method, "nobody's")];
      assert.equal(foreign.error?.code, -32001, method);
      assert.deepEqual(foreign.error.message, unknown.error.message.replace("nobody's", id), method);
    }
    assert.deepEqual((await served.rpc("ListTasks", {}, "1.0", "bob")).result.tasks, []);
    assert.equal((await served.rpc("GetTask", { id }, "1.0", "alice")).result.id, id);
    assert.deepEqual(served.tasks.stopped, []);
    const referring = { message: message("What was it?", { referenceTaskIds: [id] }) };
    await served.rpc(
      "SendMessage",
      { ...referring, configuration: { returnImmediately: !over } },
      "1.0",
      "bob",
    );
    assert.equal(served.tasks.started.at(-1)?.task.text, "What was it?");
  }
});

Deno.test("a task that is over takes no message, no cancel and no listener", async () => {
  await using served: Served = new Served({ script: (task): void => served.tasks.complete(task.id, "ok") });
  const { result: { task } } = await served.rpc("SendMessage", { message: message("x") });
  const more = { message: message("more", { taskId: task.id }) };
  assert.equal((await served.rpc("SendMessage", more)).error.code, -32004);
  assert.equal((await served.rpc("SubscribeToTask", { id: task.id })).error.code, -32004);
  assert.equal((await served.rpc("CancelTask", { id: task.id })).error.code, -32002);
});

Deno.test("a task that asked nothing takes no message, and none of another conversation", async () => {
  await using served = new Served();
  const said = { message: message("x"), configuration: { returnImmediately: true } };
  const { result: { task } } = await served.rpc("SendMessage", said);
  assert.equal(
    (await served.rpc("SendMessage", { message: message("more", { taskId: task.id }) })).error.code,
    -32004,
  );
  const elsewhere = { message: message("more", { taskId: task.id, contextId: "other" }) };
  assert.equal((await served.rpc("SendMessage", elsewhere)).error.code, -32602);
});

Deno.test("what goes wrong here is told to whoever runs it, not to the client", async () => {
  await using served = new Served();
  served.tasks.start = () => Promise.reject(new Error("disk /srv/secret is full"));
  const { error } = await served.rpc("SendMessage", { message: message("x") });
  assert.deepEqual([error.code, error.message], [-32603, "Internal error"]);
  assert.deepEqual(served.reports, ["Cannot answer an A2A request"]);
});

Deno.test("a client is told when no model is set up, or the service ends", async () => {
  await using served = new Served();
  for (const code of ["no_model", "stopping"]) {
    served.tasks.start = () => Promise.reject(new Fault(code, "Cannot start a task: that is how it is"));
    for (const version of ["1.0", "0.3"]) {
      const { error } = version === "1.0"
        ? await served.rpc("SendMessage", { message: message("x") })
        : await served.rpc("message/send", { message: { role: "user", parts: [{ text: "x" }] } }, version);
      assert.deepEqual([error.code, error.message], [-32603, "Cannot start a task: that is how it is"]);
    }
  }
  assert.deepEqual(served.reports, []);
});
