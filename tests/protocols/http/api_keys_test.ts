import assert from "node:assert/strict";
import { apiKeys } from "../../../protocols/http/api_keys.ts";
import { Secret } from "../../../workspace/config/secret.ts";

Deno.test("callers are known by their key, in either header", () => {
  const ann = "ann-0123456789abcdef";
  const bob = "bob-0123456789abcdef";
  const gatekeeper = apiKeys(new Map([["ann", new Secret(ann)], ["bob", new Secret(bob)]]));
  const cases: [name: string, headers: Record<string, string>, owner: string | undefined, error?: string][] =
    [
      ["X-API-Key", { "x-api-key": ann }, "key:ann"],
      ["bearer", { authorization: `Bearer ${bob}` }, "key:bob"],
      ["scheme in capitals", { authorization: `BEARER ${bob}` }, "key:bob"],
      ["none", {}, undefined],
      ["empty", { "x-api-key": "" }, undefined, "invalid_token"],
      ["another scheme", { authorization: `Basic ${ann}` }, undefined],
      ["no scheme", { authorization: ann }, undefined],
      ["a part", { "x-api-key": ann.slice(0, -1) }, undefined, "invalid_token"],
      ["more", { "x-api-key": `${ann}x` }, undefined, "invalid_token"],
      ["other letters", { "x-api-key": ann.toUpperCase() }, undefined, "invalid_token"],
      ["two in one", { "x-api-key": `${ann}, ${bob}` }, undefined, "invalid_token"],
      ["its name", { "x-api-key": "ann" }, undefined, "invalid_token"],
      [
        "one wrong, one right",
        { "x-api-key": "x", authorization: `Bearer ${ann}` },
        undefined,
        "invalid_token",
      ],
      ["long", { "x-api-key": "x".repeat(60_000) }, undefined, "invalid_token"],
    ];
  for (const [name, headers, owner, error] of cases) {
    const identity = gatekeeper.identify(new Headers(headers));
    assert.ok(!(identity instanceof Promise));
    if ("caller" in identity) {
      assert.deepEqual(identity.caller, { owner, scopes: [] }, name);
      continue;
    }
    assert.deepEqual([identity.refusal.status, owner], [401, undefined], name);
    const challenge = `Bearer realm="troupe"${error === undefined ? "" : `, error="${error}"`}`;
    assert.equal(identity.refusal.headers?.["WWW-Authenticate"], challenge, name);
    assert.ok(!identity.refusal.message.includes(ann), name);
  }
});
