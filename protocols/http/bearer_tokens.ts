/**
 * Callers known by a token of an OAuth authorization server: a JWT, checked against its public keys.
 *
 * @module
 */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from "jose";
import type { OAuthSettings } from "../../workspace/config/server_settings.ts";
import { bearerOf, challenge, type Gatekeeper, type Identity } from "./gatekeeper.ts";

/** Signatures by a private key. What else there is (HS256, none) anybody could make who knows the public keys. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "Ed25519",
  "EdDSA",
];

/** Why there is no key for a token, when the token is at fault and not what should tell the keys. */
const OF_TOKEN = new Set([
  "ERR_JWKS_NO_MATCHING_KEY",
  "ERR_JWKS_MULTIPLE_MATCHING_KEYS",
  "ERR_JOSE_NOT_SUPPORTED",
  "ERR_JWS_INVALID",
]);

/** Characters of the longest token that is looked at. */
const LONGEST = 16_384;

/** Seconds clocks may differ by. */
const TOLERANCE = 5;

/** Milliseconds the authorization server has to answer, and between two times it is asked. */
const FETCH_MS = 5_000;
const COOLDOWN_MS = 30_000;

/** The keys at an address, fetched when they are needed. */
export function remoteKeys(jwksUrl: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: FETCH_MS,
    cooldownDuration: COOLDOWN_MS,
    async [customFetch](url, init) {
      const response = await fetch(url, init);
      if (response.status !== 200) await response.body?.cancel(); // which nobody else would read
      return response;
    },
  });
}

/**
 * Takes `Authorization: Bearer <token>` that the issuer signed for one of the audiences, that holds now and has all
 * scopes. The owner is `<sub>@<issuer>`. `metadataUrl` is where clients read what is asked of them (RFC 9728).
 */
export function bearerTokens(
  settings: OAuthSettings,
  metadataUrl: string,
  keys: JWTVerifyGetKey,
): Gatekeeper {
  const { issuer, audiences, scopes } = settings;
  const scope = scopes.length === 0 ? undefined : scopes.join(" ");
  const refused = (status: 401 | 403, message: string, error?: string): Identity => {
    const value = challenge({ error, scope, resource_metadata: metadataUrl });
    return { refusal: { status, message, headers: { "WWW-Authenticate": value } } };
  };
  return {
    async identify(headers): Promise<Identity> {
      const token = bearerOf(headers);
      if (token === undefined) return refused(401, "This needs a token: Authorization: Bearer <token>");
      const checked = await check(token, keys, issuer, audiences);
      if (checked === "unreachable") return UNREACHABLE;
      if (checked === "invalid") return refused(401, "This token is not valid here", "invalid_token");
      const has = scopesOf(checked);
      if (!scopes.every((scope) => has.includes(scope))) {
        return refused(403, `This needs a token with scope ${scope}`, "insufficient_scope");
      }
      return { caller: { owner: `${checked.sub}@${issuer}`, scopes: has } };
    },
  };
}

const UNREACHABLE: Identity = {
  refusal: {
    status: 503,
    message: "Tokens cannot be checked at the moment",
    headers: { "Retry-After": "30" },
  },
};

async function check(
  token: string,
  keys: JWTVerifyGetKey,
  issuer: string,
  audiences: readonly string[],
): Promise<JWTPayload | "invalid" | "unreachable"> {
  if (token.length > LONGEST) return "invalid";
  let unreachable = false;
  const key: JWTVerifyGetKey = async (header, input) => {
    try {
      return await keys(header, input);
    } catch (error) {
      unreachable = !(error instanceof errors.JOSEError && OF_TOKEN.has(error.code));
      throw error;
    }
  };
  try {
    const { payload } = await jwtVerify(token, key, {
      issuer,
      audience: [...audiences],
      algorithms: ALGORITHMS,
      requiredClaims: ["exp", "sub"],
      clockTolerance: TOLERANCE,
    });
    return typeof payload.sub === "string" && payload.sub !== "" ? payload : "invalid";
  } catch {
    return unreachable ? "unreachable" : "invalid"; // whatever is wrong with a token, it is not let in
  }
}

/** `scope` as RFC 9068 has it, or the `scp` of others. */
function scopesOf({ scope, scp }: JWTPayload): string[] {
  if (typeof scope === "string") return scope.split(" ").filter(Boolean);
  const listed = typeof scp === "string" ? scp.split(" ") : Array.isArray(scp) ? scp : [];
  return listed.filter((one): one is string => typeof one === "string" && one !== "");
}
