import assert from "node:assert/strict";
import { Hono } from "@hono/hono";
import type { ServedEnv } from "../../../workspace/service/caller.ts";
import { Secret } from "../../../workspace/config/secret.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { echoes, openDoor, raw } from "./door.ts";
import { openIssuer } from "./tokens.ts";

const KEY = "ann-0123456789abcdef";
const JSON_BODY = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };

/** Waits for something that other turns of the event loop bring about. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("it answers on loopback that it is alive, what is behind it, and 404 and 405 as JSON", async () => {
  await using door = openDoor();
  assert.match(door.baseUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
  const health = await fetch(`${door.baseUrl}/health`);
  assert.deepEqual(await health.json(), { status: "ok", version: "1.2.3" });
  const asked = await fetch(`${door.baseUrl}/mcp/`, JSON_BODY);
  assert.deepEqual(await asked.json(), { owner: "anyone", scopes: [], bytes: 2 });
  const cases: [method: string, path: string, status: number, body: unknown][] = [
    ["GET", "/nowhere", 404, { error: "Nothing is served at /nowhere" }],
    ["GET", "/.well-known/oauth-protected-resource", 404, {
      error: "Nothing is served at /.well-known/oauth-protected-resource",
    }],
    ["GET", "/mcp", 405, { jsonrpc: "2.0", id: null, error: { code: -32600, message: "/mcp takes POST" } }],
    ["GET", "/a2a/nowhere", 404, {
      error: { code: 404, status: "NOT_FOUND", message: "Nothing is served at /a2a/nowhere", details: [] },
    }],
    ["POST", "/health", 405, { error: "/health takes GET, HEAD" }],
  ];
  for (const [method, path, status, body] of cases) {
    const answer = await fetch(`${door.baseUrl}${path}`, { method });
    assert.equal(answer.status, status, path);
    assert.deepEqual(await answer.json(), body);
    assert.equal(answer.headers.get("allow") !== null, status === 405, path);
  }
});

Deno.test("F080: every answer has the operator's headers and those that browsers need", async () => {
  const settings = { headers: { "x-gateway": "edge-7", "x-powered-by": "troupe", "x-own": "1" } };
  await using door = openDoor({ settings });
  for (const path of ["/health", "/nowhere", "/mcp"]) {
    const { headers, body } = await fetch(`${door.baseUrl}${path}`);
    await body?.cancel();
    assert.equal(headers.get("x-gateway"), "edge-7", path);
    assert.equal(headers.get("x-powered-by"), "troupe", path);
    assert.equal(headers.get("x-own"), "1", path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/, path);
  }
  const refused = await raw(door.port, "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  assert.deepEqual([refused.status, refused.headers.get("x-gateway")], [403, "edge-7"]);
});

Deno.test("F081: pages of named origins may ask, preflights are answered for them alone", async () => {
  await using door = openDoor({ settings: { origins: ["https://ide.example.com"] } });
  const preflight = (origin: string) =>
    raw(
      door.port,
      `OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\nAccess-Control-Request-Method: POST\r\n` +
        "Access-Control-Request-Headers: content-type,mcp-session-id\r\nConnection: close\r\n\r\n",
    );
  const allowed = await preflight("https://ide.example.com");
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://ide.example.com");
  assert.equal(allowed.headers.get("access-control-allow-methods"), "GET,POST,DELETE");
  assert.equal(allowed.headers.get("access-control-allow-headers"), "content-type,mcp-session-id");
  const foreign = await preflight("https://evil.example");
  assert.equal(foreign.status, 403);
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  const headers = { ...JSON_BODY.headers, origin: "https://ide.example.com" };
  const asked = await fetch(`${door.baseUrl}/mcp`, { ...JSON_BODY, headers });
  await asked.body?.cancel();
  assert.equal(asked.headers.get("access-control-allow-origin"), "https://ide.example.com");
  assert.match(asked.headers.get("access-control-expose-headers") ?? "", /Mcp-Session-Id/);
  assert.match(asked.headers.get("vary") ?? "", /Origin/);
});

Deno.test("F079: each protocol has its rate; cards and health have none; who guesses keys keeps nobody else out", async () => {
  const clock = new HandClock();
  const a2a = { ratePerMinute: 2, apiKeys: new Map([["ann", new Secret(KEY)]]) };
  const card = (app: Hono<ServedEnv>) =>
    app.get("/.well-known/agent-card.json", (context) => context.json({}));
  await using door = openDoor({
    clock,
    settings: { a2a, mcp: { ratePerMinute: 1 } },
    a2a: echoes("/a2a", card),
  });
  const status = async (path: string, headers: Record<string, string> = {}, method = "POST") => {
    const answer = await fetch(`${door.baseUrl}${path}`, { method, headers });
    await answer.body?.cancel();
    return [answer.status, answer.headers.get("retry-after")];
  };
  for (let nth = 0; nth < 5; nth++) {
    assert.deepEqual(await status("/health", {}, "GET"), [200, null]);
    assert.deepEqual(await status("/.well-known/agent-card.json", {}, "GET"), [200, null]);
  }
  const guess = { "x-api-key": "guess" };
  const key = { "x-api-key": KEY };
  assert.deepEqual([await status("/a2a", guess), await status("/a2a", guess)], [[401, null], [401, null]]);
  assert.deepEqual(await status("/a2a", guess), [429, "30"]);
  assert.deepEqual([await status("/a2a", key), await status("/a2a", key)], [[200, null], [200, null]]);
  assert.deepEqual(await status("/a2a", key), [429, "30"]);
  assert.deepEqual([await status("/mcp"), await status("/mcp")], [[200, null], [429, "60"]]);
  const refused = await fetch(`${door.baseUrl}/mcp`, { method: "POST" });
  const { error } = await refused.json();
  assert.deepEqual(error, { code: -32000, message: "Too many requests; the next is taken in 60 s" });
  clock.advance(30_000);
  assert.deepEqual([await status("/a2a", key), await status("/a2a", key)], [[200, null], [429, "30"]]);
});

Deno.test("callers of A2A are known by key, callers of MCP by token, and neither opens the other", async () => {
  await using issuer = await openIssuer();
  const settings = {
    publicUrl: "https://troupe.example.com/agent",
    a2a: { apiKeys: new Map([["ann", new Secret(KEY)]]) },
    mcp: { oauth: issuer.settings },
  };
  await using door = openDoor({ settings });
  const local = `http://127.0.0.1:${door.port}`;
  const token = await issuer.token();
  const ask = async (path: string, headers: Record<string, string>) => {
    const answer = await fetch(`${local}${path}`, { method: "POST", headers });
    return {
      status: answer.status,
      challenge: answer.headers.get("www-authenticate"),
      body: await answer.json(),
    };
  };
  assert.equal((await ask("/a2a", { "x-api-key": KEY })).body.owner, "key:ann");
  assert.equal(
    (await ask("/mcp", { authorization: `Bearer ${token}` })).body.owner,
    `ann@${issuer.settings.issuer}`,
  );
  assert.equal((await ask("/a2a", { authorization: `Bearer ${token}` })).status, 401);
  const wrong = await ask("/mcp", { authorization: `Bearer ${KEY}` });
  assert.equal(wrong.status, 401);
  const metadataUrl = "https://troupe.example.com/agent/.well-known/oauth-protected-resource/mcp";
  assert.equal(
    wrong.challenge,
    `Bearer error="invalid_token", scope="mcp", resource_metadata="${metadataUrl}"`,
  );
  for (const path of ["", "/mcp"]) {
    const metadata = await fetch(`${local}/.well-known/oauth-protected-resource${path}`);
    assert.deepEqual(await metadata.json(), {
      resource: "https://troupe.example.com/agent/mcp",
      authorization_servers: [issuer.settings.issuer],
      bearer_methods_supported: ["header"],
      scopes_supported: ["mcp"],
    });
  }
});

Deno.test("F078: a response must begin in time, what works on it is told, and streams that have begun go on", async () => {
  const clock = new HandClock();
  const told = Promise.withResolvers<unknown>();
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const a2a = new Hono<ServedEnv>();
  const begun = Promise.withResolvers<void>();
  a2a.post("/a2a", async ({ req }) => {
    setTimeout(begun.resolve, 0);
    await new Promise((resolve) => req.raw.signal.addEventListener("abort", resolve, { once: true }));
    told.resolve(req.raw.signal.reason);
    return new Response("too late");
  });
  a2a.get("/a2a/stream", () => {
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (feed = controller) });
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  });
  await using door = openDoor({ clock, a2a });
  const stream = await fetch(`${door.baseUrl}/a2a/stream`);
  const waiting = fetch(`${door.baseUrl}/a2a`, { method: "POST" });
  await begun.promise;
  clock.advance(125_000);
  const cut = await waiting;
  assert.equal(cut.status, 504);
  assert.deepEqual(await cut.json(), {
    jsonrpc: "2.0",
    id: null,
    error: { code: -32000, message: "The response did not begin within 125 s" },
  });
  assert.equal((await told.promise as DOMException).name, "TimeoutError");
  feed?.enqueue(new TextEncoder().encode("data: 1\n\n"));
  feed?.close();
  assert.equal(await stream.text(), "data: 1\n\n");
});

Deno.test("a body must be there in time", async () => {
  const clock = new HandClock();
  await using door = openDoor({ clock });
  const head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
  const slow = raw(door.port, head);
  await until(() => clock.sleeping > 0);
  clock.advance(30_000);
  const { status, body } = await slow;
  assert.equal(status, 408);
  assert.equal(JSON.parse(body).error.message, "The body must be here within 30 s");
});

Deno.test("a body may have as many bytes as are set, however it comes", async () => {
  await using door = openDoor({ settings: { bodyBytes: 1000 } });
  const chunked = (bytes: number) => ReadableStream.from([new Uint8Array(bytes - 500), new Uint8Array(500)]);
  const cases: [name: string, body: BodyInit, status: number, encoding?: string][] = [
    ["as many", new Uint8Array(1000), 200],
    ["one more", new Uint8Array(1001), 413],
    ["as many in chunks", chunked(1000), 200],
    ["one more in chunks", chunked(1001), 413],
    ["compressed", new Uint8Array(10), 415, "gzip"],
  ];
  for (const [name, body, status, encoding = "identity"] of cases) {
    const headers = { "content-encoding": encoding };
    const answer = await fetch(`${door.baseUrl}/a2a`, { method: "POST", body, headers });
    const { bytes, error } = await answer.json();
    assert.equal(answer.status, status, name);
    if (status === 200) assert.equal(bytes, 1000, name);
    else assert.equal(error.code, -32600, name);
  }
});

Deno.test("who leaves is not waited for", async () => {
  const left = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const a2a = new Hono<ServedEnv>();
  a2a.post("/a2a", async ({ req }) => {
    req.raw.signal.addEventListener("abort", () => left.resolve(), { once: true });
    begun.resolve();
    await left.promise;
    return new Response();
  });
  await using door = openDoor({ a2a });
  const client = new AbortController();
  const asked = fetch(`${door.baseUrl}/a2a`, { ...JSON_BODY, signal: client.signal });
  await begun.promise;
  client.abort();
  await assert.rejects(asked);
  await left.promise;
});

Deno.test("errors are told to the operator and not to the client", async () => {
  const mcp = new Hono<ServedEnv>();
  const failure = new Error("secret at /home/ann");
  mcp.post("/mcp", () => {
    throw failure;
  });
  await using door = openDoor({ mcp });
  const answer = await fetch(`${door.baseUrl}/mcp`, JSON_BODY);
  assert.equal(answer.status, 500);
  const { error } = await answer.json();
  assert.deepEqual(error, { code: -32603, message: "This went wrong here; the operator can see why" });
  assert.deepEqual(door.reported, [failure]);
});

Deno.test("F082: requests are counted by protocol, method and status", async () => {
  await using door = openDoor();
  for (
    const [path, method] of [["/mcp", "POST"], ["/mcp", "POST"], ["/mcp", "GET"], ["/a2a", "POST"], [
      "/x",
      "PURGE",
    ]]
  ) {
    await (await fetch(`${door.baseUrl}${path}`, { method })).body?.cancel();
  }
  const { requests } = await (await fetch(`${door.baseUrl}/metrics`)).json();
  const counted = requests.map(({ protocol, method, status, count }: Record<string, unknown>) =>
    [protocol, method, status, count].join(" ")
  );
  assert.deepEqual(counted, ["mcp POST 200 2", "mcp GET 405 1", "a2a POST 200 1", "other other 404 1"]);
});
