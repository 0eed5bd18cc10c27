/**
 * An authorization server of a test: it has keys, says which they are, and signs what it is asked to.
 *
 * @module
 */
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { OAuthSettings } from "../../../workspace/config/server_settings.ts";

/** What a token says beside, or instead of, what a good one does; undefined leaves it out. */
export type Claims = { readonly [claim: string]: unknown };

/** Its server is closed at the end of its block. */
export interface Issuer extends AsyncDisposable {
  readonly settings: OAuthSettings;
  /** Times its keys were asked for. */
  readonly asked: () => number;
  /** Public key as text. */
  readonly spki: string;
  /** A token for ann, good for an hour and for scope `mcp`, but for `claims` and what is in `header`. */
  token(claims?: Claims, header?: { kid?: string; typ?: string }, key?: CryptoKey): Promise<string>;
}

/** Opens one. `answer` may answer instead of its keys. */
export async function openIssuer(answer?: () => Response): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...await exportJWK(publicKey), kid: "k1", alg: "ES256", use: "sig" };
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked++;
    return answer?.() ?? Response.json({ keys: [jwk] });
  });
  const issuer = `http://127.0.0.1:${server.addr.port}`;
  return {
    settings: { issuer, audiences: ["rig-rlm-mcp"], jwksUrl: `${issuer}/jwks.json`, scopes: ["mcp"] },
    asked: () => asked,
    spki: await exportSPKI(publicKey),
    token(claims = {}, header = {}, key = privateKey) {
      const now = Math.floor(Date.now() / 1000);
      const usual = { iss: issuer, aud: "rig-rlm-mcp", sub: "ann", exp: now + 3600, scope: "mcp openid" };
      return new SignJWT({ ...usual, ...claims } as JWTPayload)
        .setProtectedHeader({ alg: "ES256", kid: "k1", ...header }).sign(key);
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A token that says of itself how it is signed. */
export function handmade(header: unknown, payload: unknown, signature = ""): string {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });
  return `${part(header)}.${part(payload)}.${signature}`;
}
