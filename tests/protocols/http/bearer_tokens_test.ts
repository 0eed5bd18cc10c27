import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { generateKeyPair, SignJWT } from "jose";
import { bearerTokens, remoteKeys } from "../../../protocols/http/bearer_tokens.ts";
import { handmade, openIssuer } from "./tokens.ts";

const METADATA = "http://localhost/.well-known/oauth-protected-resource/mcp";
const HOUR = 3600;

Deno.test("F083: a token is good when its issuer signed it for us, now, with the scopes that are asked for", async () => {
  await using issuer = await openIssuer();
  const gatekeeper = bearerTokens(issuer.settings, METADATA, remoteKeys(issuer.settings.jwksUrl));
  const now = Math.floor(Date.now() / 1000);
  const { privateKey: stranger } = await generateKeyPair("ES256");
  const good = await issuer.token();
  const [header = "", payload = "", signature = ""] = good.split(".");
  const claims = {
    iss: issuer.settings.issuer,
    aud: "rig-rlm-mcp",
    sub: "ann",
    exp: now + HOUR,
    scope: "mcp",
  };
  const hmac = handmade({ alg: "HS256", kid: "k1" }, claims);
  const forged = createHmac("sha256", issuer.spki).update(hmac.slice(0, -1)).digest("base64url");
  const cases: [name: string, authorization: string | undefined, status: number, error?: string][] = [
    ["good", `Bearer ${good}`, 200],
    ["scheme in small letters", `bearer ${good}`, 200],
    ["one of several audiences", `Bearer ${await issuer.token({ aud: ["other", "rig-rlm-mcp"] })}`, 200],
    ["scopes as others write them", `Bearer ${await issuer.token({ scope: undefined, scp: ["mcp"] })}`, 200],
    ["a clock a little ahead", `Bearer ${await issuer.token({ nbf: now + 2 })}`, 200],
    ["none", undefined, 401],
    ["another scheme", `Basic ${good}`, 401],
    ["nothing behind the scheme", "Bearer ", 401],
    ["two", `Bearer ${good}, Bearer ${good}`, 401],
    ["no token", "Bearer nonsense", 401, "invalid_token"],
    ["parts that are no JSON", "Bearer a.b.c", 401, "invalid_token"],
    ["no signature", `Bearer ${header}.${payload}.`, 401, "invalid_token"],
    ["changed", `Bearer ${header}.${payload.slice(0, -4)}AAAA.${signature}`, 401, "invalid_token"],
    ["alg none", `Bearer ${handmade({ alg: "none" }, claims)}`, 401, "invalid_token"],
    ["alg None", `Bearer ${handmade({ alg: "None" }, claims)}`, 401, "invalid_token"],
    ["HS256 with the public key", `Bearer ${hmac}${forged}`, 401, "invalid_token"],
    ["alg of another type", `Bearer ${handmade({ alg: 7 }, claims, "AAAA")}`, 401, "invalid_token"],
    [
      "critical extension",
      `Bearer ${handmade({ alg: "ES256", crit: ["x"], x: 1 }, claims, "AA")}`,
      401,
      "invalid_token",
    ],
    ["key of a stranger", `Bearer ${await issuer.token({}, {}, stranger)}`, 401, "invalid_token"],
    ["unknown key", `Bearer ${await issuer.token({}, { kid: "k2" })}`, 401, "invalid_token"],
    ["wrong issuer", `Bearer ${await issuer.token({ iss: "https://evil.example" })}`, 401, "invalid_token"],
    [
      "issuer with a slash more",
      `Bearer ${await issuer.token({ iss: `${claims.iss}/` })}`,
      401,
      "invalid_token",
    ],
    ["wrong audience", `Bearer ${await issuer.token({ aud: "other" })}`, 401, "invalid_token"],
    ["no audience", `Bearer ${await issuer.token({ aud: undefined })}`, 401, "invalid_token"],
    ["expired", `Bearer ${await issuer.token({ exp: now - 60 })}`, 401, "invalid_token"],
    ["never expires", `Bearer ${await issuer.token({ exp: undefined })}`, 401, "invalid_token"],
    [
      "expiry of another type",
      `Bearer ${handmade({ alg: "ES256", kid: "k1" }, { ...claims, exp: "later" }, "AA")}`,
      401,
      "invalid_token",
    ],
    ["not yet", `Bearer ${await issuer.token({ nbf: now + HOUR })}`, 401, "invalid_token"],
    ["nobody's", `Bearer ${await issuer.token({ sub: undefined })}`, 401, "invalid_token"],
    ["nobody's name", `Bearer ${await issuer.token({ sub: "" })}`, 401, "invalid_token"],
    ["too long", `Bearer ${await issuer.token({ more: "x".repeat(20_000) })}`, 401, "invalid_token"],
    ["without the scope", `Bearer ${await issuer.token({ scope: "openid" })}`, 403, "insufficient_scope"],
    [
      "a scope that begins alike",
      `Bearer ${await issuer.token({ scope: "mcp:read" })}`,
      403,
      "insufficient_scope",
    ],
  ];
  for (const [name, authorization, status, error] of cases) {
    const headers = new Headers(authorization === undefined ? {} : { authorization });
    const identity = await gatekeeper.identify(headers);
    if ("caller" in identity) {
      assert.equal(200, status, name);
      assert.equal(identity.caller.owner, `ann@${claims.iss}`);
      assert.ok(identity.caller.scopes.includes("mcp"), name);
      continue;
    }
    assert.equal(identity.refusal.status, status, name);
    const said = identity.refusal.headers?.["WWW-Authenticate"] ?? "";
    const expected = `Bearer ${
      error === undefined ? "" : `error="${error}", `
    }scope="mcp", resource_metadata="${METADATA}"`;
    assert.equal(said, expected, name);
  }
  assert.equal(issuer.asked(), 1, "unknown keys do not make us ask again and again");
});

Deno.test("a signature that two can make is none, whatever key it was made with", async () => {
  const secret = await crypto.subtle.importKey(
    "raw",
    new Uint8Array(32),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  );
  const settings = { issuer: "https://login.example.com", audiences: ["us"], jwksUrl: "unused", scopes: [] };
  const gatekeeper = bearerTokens(settings, METADATA, () => Promise.resolve(secret));
  const token = await new SignJWT({ iss: settings.issuer, aud: "us", sub: "ann" })
    .setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h").sign(secret);
  const identity = await gatekeeper.identify(new Headers({ authorization: `Bearer ${token}` }));
  assert.ok("refusal" in identity);
  assert.equal(identity.refusal.status, 401);
});

Deno.test("when the issuer's keys cannot be had, that is said and nobody is let in", async () => {
  const answers = [
    () => new Response(null, { status: 500 }),
    () => new Response("<html>"),
    () => Response.json({ keys: "none" }),
    () => new Response(null, { status: 302, headers: { location: "http://localhost:1/" } }),
  ];
  for (const answer of answers) {
    await using issuer = await openIssuer(answer);
    const gatekeeper = bearerTokens(issuer.settings, METADATA, remoteKeys(issuer.settings.jwksUrl));
    const identity = await gatekeeper.identify(
      new Headers({ authorization: `Bearer ${await issuer.token()}` }),
    );
    assert.ok("refusal" in identity);
    assert.equal(identity.refusal.status, 503);
    assert.ok(Number(identity.refusal.headers?.["Retry-After"]) > 0);
  }
});
