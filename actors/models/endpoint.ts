/**
 * Where a model is asked, and with which key.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import type { Price } from "./price.ts";

/** One model behind one OpenAI-compatible address. */
export interface Endpoint {
  /** With its version path, "https://api.openai.com/v1". */
  readonly baseUrl: string;
  /** Sent as a bearer token; empty sends none, as local servers want it. */
  readonly apiKey: string;
  /** The setting the key was read from, named when it is refused. Default a list of the usual ones. */
  readonly keySetting?: string;
  /** As the provider names it. */
  readonly model: string;
  /** Null when unknown; its answers then have no cost. */
  readonly price: Price | null;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Host and port as a grant names them: "api.openai.com:443". */
export function hostOf(endpoint: Pick<Endpoint, "baseUrl">): string {
  const url = new URL(endpoint.baseUrl);
  return `${url.hostname}:${url.port || (url.protocol === "https:" ? "443" : "80")}`;
}

/** The permissions of a worker that asks these endpoints: their hosts and nothing else. */
export function grantFor(endpoints: readonly Pick<Endpoint, "baseUrl">[]): Permissions {
  return { net: [...new Set(endpoints.map(hostOf))] };
}

/** The setting to look at when the key is refused. */
export function keySettingOf(endpoint: Pick<Endpoint, "keySetting">): string {
  return endpoint.keySetting ?? "LLM_API_KEY, OPENAI_API_KEY or OPENROUTER_API_KEY";
}

/**
 * Passes when requests can be made of it.
 * @throws {Fault} code `bad_endpoint`; never with the key or the address in it.
 */
export function checkEndpoint(endpoint: Endpoint): void {
  if (!/^https?:\/\/[^/]/.test(endpoint.baseUrl) || !URL.canParse(endpoint.baseUrl)) {
    throw new Fault("bad_endpoint", `Cannot use model "${endpoint.model}": its base URL is no http address`);
  }
  if (!/^[\x21-\x7e]*$/.test(endpoint.apiKey)) {
    throw new Fault(
      "bad_endpoint",
      `Cannot use model "${endpoint.model}": its key holds blanks, line breaks or other characters no key ` +
        `has; check ${keySettingOf(endpoint)}`,
    );
  }
}

/** Shorter keys are words like "none", given to servers that want no key; hiding those would only garble the text. */
const SHORTEST_SECRET = 8;

/** The text without this endpoint's secrets, nor the starred-out forms providers repeat them in. */
export function redact(text: string, endpoint: Pick<Endpoint, "apiKey" | "headers" | "baseUrl">): string {
  const { username, password } = new URL(endpoint.baseUrl);
  const secrets = [endpoint.apiKey, ...Object.values(endpoint.headers ?? {}), username, password];
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, "[hidden]"), text)
    .replaceAll(/[\w-]*\*{3,}[\w-]*/g, "[hidden]");
}
