import assert from "node:assert/strict";
import { type Json, Served } from "./served.ts";

async function card(served: Served, path: string, version?: string): Promise<Json> {
  const headers: HeadersInit = version === undefined ? {} : { "A2A-Version": version };
  const response = await fetch(`${served.url}/.well-known/${path}`, { headers });
  assert.equal(response.status, 200);
  return await response.json();
}

Deno.test("the card of 1.0 is of 1.0 alone, that of 0.3 of 0.3 alone", async () => {
  await using served = new Served();
  for (const version of [undefined, "1.0"]) {
    const current = await card(served, "agent-card.json", version);
    assert.deepEqual(current.supportedInterfaces, [
      { url: `${served.url}/a2a`, protocolBinding: "JSONRPC", protocolVersion: "1.0" },
      { url: `${served.url}/a2a`, protocolBinding: "HTTP+JSON", protocolVersion: "1.0" },
    ]);
    for (const old of ["url", "preferredTransport", "protocolVersion", "additionalInterfaces"]) {
      assert.ok(!(old in current));
    }
    assert.deepEqual(current.capabilities, {
      streaming: true,
      pushNotifications: false,
      extendedAgentCard: false,
    });
    assert.equal(current.version, "1.2.3");
    assert.deepEqual(current.skills.map(({ id }: Json) => id), [
      "run_task",
      "execute_python",
      "edit_workspace",
    ]);
  }
  for (
    const [path, version] of [["agent.json", undefined], ["agent.json", "1.0"], [
      "agent-card.json",
      "0.3",
    ]] as const
  ) {
    const legacy = await card(served, path, version);
    assert.deepEqual(
      [legacy.url, legacy.preferredTransport, legacy.protocolVersion],
      [`${served.url}/a2a`, "JSONRPC", "0.3"],
    );
    assert.ok(!("supportedInterfaces" in legacy));
    assert.ok(legacy.name && legacy.description && legacy.skills.length > 0 && legacy.capabilities.streaming);
  }
});

Deno.test("a public address goes before the one that was asked", async () => {
  await using served = new Served({ baseUrl: "https://troupe.example.com/agents/one" });
  const { supportedInterfaces } = await card(served, "agent-card.json");
  assert.deepEqual(
    new Set(supportedInterfaces.map(({ url }: Json) => url)),
    new Set(["https://troupe.example.com/agents/one/a2a"]),
  );
  assert.equal((await card(served, "agent.json")).url, "https://troupe.example.com/agents/one/a2a");
});

Deno.test("keys that are asked for are on the card", async () => {
  await using served = new Served({ apiKeys: true });
  const current = await card(served, "agent-card.json");
  assert.deepEqual(Object.keys(current.securitySchemes), ["bearer", "apiKey"]);
  assert.equal(current.securitySchemes.apiKey.apiKeySecurityScheme.name, "X-API-Key");
  assert.equal(current.securityRequirements.length, 2);
  const legacy = await card(served, "agent.json");
  assert.deepEqual(legacy.securitySchemes.apiKey, {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "The key in a header of its own",
  });
  assert.deepEqual(legacy.security, [{ bearer: [] }, { apiKey: [] }]);
});

Deno.test("caches may keep a card and ask whether it is still the same", async () => {
  await using served = new Served();
  const url = `${served.url}/.well-known/agent-card.json`;
  const first = await fetch(url);
  const body = await first.text();
  assert.match(first.headers.get("cache-control") ?? "", /max-age=\d+/);
  const etag = first.headers.get("etag") ?? "";
  const modified = first.headers.get("last-modified") ?? "";
  assert.match(etag, /^"[0-9a-f]{32}"$/);
  assert.ok(Date.parse(modified) <= Date.now());
  const cases: readonly (readonly [headers: Record<string, string>, status: number])[] = [
    [{ "If-None-Match": etag }, 304],
    [{ "If-None-Match": `W/${etag}` }, 304],
    [{ "If-None-Match": `"a", ${etag}` }, 304],
    [{ "If-None-Match": "*" }, 304],
    [{ "If-None-Match": '"other"' }, 200],
    [{ "If-Modified-Since": modified }, 304],
    [{ "If-Modified-Since": new Date(0).toUTCString() }, 200],
    [{ "If-Modified-Since": modified, "If-None-Match": '"other"' }, 200],
    [{ "If-None-Match": etag, "A2A-Version": "0.3" }, 200],
  ];
  for (const [headers, status] of cases) {
    const response = await fetch(url, { headers });
    const text = await response.text();
    assert.equal(response.status, status, JSON.stringify(headers));
    if (status === 304) assert.deepEqual([text, response.headers.get("etag")], ["", etag]);
  }
  const head = await fetch(url, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("etag"), await head.text()], [200, etag, ""]);
  assert.ok(body.length > 100);
});

Deno.test("a card of a version that is not spoken is refused", async () => {
  await using served = new Served();
  const response = await fetch(`${served.url}/.well-known/agent-card.json`, {
    headers: { "A2A-Version": "9.9" },
  });
  assert.deepEqual([response.status, (await response.json()).error.details[0].reason], [
    400,
    "VERSION_NOT_SUPPORTED",
  ]);
});

Deno.test("the extended card has more skills, before 1.0 for those alone who say who they are", async () => {
  const skill = { id: "fetch", name: "Fetch", description: "Fetches", tags: ["web"] };
  await using served = new Served({ moreSkills: () => Promise.resolve([skill]) });
  assert.equal((await card(served, "agent-card.json")).capabilities.extendedAgentCard, true);
  assert.equal((await card(served, "agent.json")).supportsAuthenticatedExtendedCard, true);
  const ids = ({ skills }: Json) => skills.map(({ id }: Json) => id);
  const { result } = await served.rpc("GetExtendedAgentCard", {});
  assert.ok(ids(result).includes("fetch") && result.supportedInterfaces[0].url === `${served.url}/a2a`);
  const http = await fetch(`${served.url}/a2a/extendedAgentCard`);
  assert.ok(ids(await http.json()).includes("fetch"));
  const method = "agent/getAuthenticatedExtendedCard";
  assert.equal((await served.rpc(method, {}, "0.3")).error.code, -32007);
  assert.ok(ids((await served.rpc(method, {}, "0.3", "alice")).result).includes("fetch"));
});
