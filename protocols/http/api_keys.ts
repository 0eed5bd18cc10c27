/**
 * Callers known by a key they bring.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../workspace/config/secret.ts";
import { bearerOf, challenge, type Gatekeeper, type Identity } from "./gatekeeper.ts";

/**
 * Takes `X-API-Key: <key>` or `Authorization: Bearer <key>`. The owner is `key:<name>`. How long it takes tells nothing
 * of the keys.
 */
export function apiKeys(keys: ReadonlyMap<string, Secret>): Gatekeeper {
  const salt = randomBytes(32);
  const digest = (key: string) => createHmac("sha256", salt).update(key).digest();
  const known = [...keys].map(([name, key]) => ({ owner: `key:${name}`, digest: digest(key.reveal()) }));
  return {
    identify(headers): Identity {
      const brought = headers.get("x-api-key") ?? bearerOf(headers);
      if (brought === undefined) {
        return refused("This needs an API key: Authorization: Bearer <key>, or X-API-Key");
      }
      const its = digest(brought);
      const [found] = known.filter((one) => timingSafeEqual(one.digest, its));
      if (found === undefined) return refused("This API key is not known here", "invalid_token");
      return { caller: { owner: found.owner, scopes: [] } };
    },
  };
}

function refused(message: string, error?: string): Identity {
  const headers = { "WWW-Authenticate": challenge({ realm: "troupe", error }) };
  return { refusal: { status: 401, message, headers } };
}
