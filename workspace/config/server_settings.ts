/**
 * What the configuration says of serving: where to listen, who is let in, how much and how long.
 *
 * @module
 */
import { z } from "zod";
import { Secret } from "./secret.ts";
import { address, bytes, host, key, list, seconds, table, text } from "./values.ts";

/** Where and how Troupe serves. */
export interface ServerSettings {
  /** Address to listen at. Default 127.0.0.1: nobody from outside this machine. */
  readonly host: string;
  /** 0 takes a free one. Default 9999. */
  readonly port: number;
  /** What clients call the server, without a slash at the end. Default the address it listens at. */
  readonly publicUrl?: string;
  /** Hosts requests may be for, beside loopback names, `host` and that of `publicUrl`; with or without a port. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may ask, beside the server's own. Default none. */
  readonly origins: readonly string[];
  /** Bytes a request may bring. Default 4 MiB. */
  readonly bodyBytes: number;
  /** Headers of every response. Default `x-gateway` and `x-powered-by`: `troupe`. */
  readonly headers: Readonly<Record<string, string>>;
  /** How A2A is served. */
  readonly a2a: A2aServing;
  /** How MCP is served. */
  readonly mcp: McpServing;
}

/** How long and how often a protocol may be asked. */
export interface Serving {
  /** Milliseconds until a response must have begun. */
  readonly timeoutMs: number;
  /** Requests a minute of one caller; 0 is without bound. */
  readonly ratePerMinute: number;
}

/** How A2A is served. Default 120 s, and 10 requests a minute. */
export interface A2aServing extends Serving {
  /** By the name of who has it. Default none: nobody has to say who they are. */
  readonly apiKeys: ReadonlyMap<string, Secret>;
  /** Hosts webhooks may go to although their address is private; with or without a port. For development. */
  readonly pushHosts: readonly string[];
}

/** How MCP is served. Default 60 s, and 20 requests a minute. */
export interface McpServing extends Serving {
  /** Milliseconds without a request after which a session ends. Default 30 minutes. */
  readonly idleMs: number;
  /** Whose tokens are asked for. Default nobody has to say who they are. */
  readonly oauth?: OAuthSettings;
}

/** Which bearer tokens are good. */
export interface OAuthSettings {
  /** As it stands in the tokens. */
  readonly issuer: string;
  /** One of these the token must be for; not empty. */
  readonly audiences: readonly string[];
  /** Address of the issuer's public keys. */
  readonly jwksUrl: string;
  /** Each of these the token must have. Default none. */
  readonly scopes: readonly string[];
}

/** Characters of the shortest key that is taken: a shorter one can be guessed. */
const SHORTEST_KEY = 16;
/** Seconds in a day. */
const LONGEST = 86_400;
const HEADERS = { "x-gateway": "troupe", "x-powered-by": "troupe" };

const wait = seconds.max(LONGEST, { error: `must be at most ${LONGEST} seconds` });
const rate = z.int({ error: "must be a whole number" }).min(0, { error: "must not be negative" });
const port = rate.max(65_535, { error: "must be at most 65535" });
const origin = text.regex(/^[a-z][a-z\d+.-]*:\/\/(\[[\da-f:]+\]|[^\s\/:@?#*"A-Z]+)(:\d{1,5})?$/, {
  error: 'must be an origin in small letters such as "https://inspector.example.com", without a path',
});
const header = z.string({ error: "must be text" }).trim().regex(/^[\x20-\x7e]*$/, {
  error: "has a character that no header has",
});
const scope = text.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: "must be a scope, without spaces" });
const issuer = text.refine((value) => URL.canParse(value) && /^https?:/.test(value), {
  error: 'must be the address that tokens name as their issuer, such as "https://login.example.com/"',
});
const apiKey = key.min(SHORTEST_KEY, { error: `must have at least ${SHORTEST_KEY} characters` });

const a2a = table({
  timeout: wait.optional(),
  rate_per_minute: rate.optional(),
  api_keys: named(/^[\w.-]{1,64}$/, apiKey).optional(),
  push_hosts: list(host).optional(),
});
const oauth = table({
  mode: z.enum(["required", "off"], { error: 'must be "required" or "off"' }).optional(),
  issuer: issuer.optional(),
  audiences: list(text).min(1, { error: "must name at least one" }).optional(),
  jwks_url: address.optional(),
  scopes: list(scope).optional(),
}).superRefine(({ mode, ...said }, context) => {
  const missing = (["issuer", "audiences", "jwks_url"] as const).filter((name) => said[name] === undefined);
  if (mode !== "required" || missing.length === 0) return;
  const message = `is "required", which needs ${missing.join(", ")} too`;
  context.addIssue({ code: "custom", path: ["mode"], message });
});
const mcp = table({
  timeout: wait.optional(),
  rate_per_minute: rate.optional(),
  idle_minutes: seconds.max(LONGEST / 60, { error: "must be at most a day" }).optional(),
  oauth: oauth.optional(),
});

/** The section `[server]` of the file. */
export const serverSection = table({
  host: text.optional(),
  port: port.optional(),
  public_url: address.optional(),
  allowed_hosts: list(host).optional(),
  origins: list(origin).optional(),
  body_bytes: bytes.optional(),
  headers: named(/^[!#$%&'*+.^_`|~\dA-Za-z-]{1,64}$/, header).optional(),
  a2a: a2a.optional(),
  mcp: mcp.optional(),
});

type Section = z.infer<typeof serverSection>;

/** The section as settings. */
export function serverSettings({ a2a = {}, mcp = {}, ...server }: Section = {}): ServerSettings {
  return {
    host: server.host ?? "127.0.0.1",
    port: server.port ?? 9999,
    ...(server.public_url === undefined ? {} : { publicUrl: server.public_url }),
    allowedHosts: server.allowed_hosts ?? [],
    origins: server.origins ?? [],
    bodyBytes: server.body_bytes ?? 4 * 2 ** 20,
    headers: responseHeaders(server.headers),
    a2a: {
      timeoutMs: milliseconds(a2a.timeout ?? 120),
      ratePerMinute: a2a.rate_per_minute ?? 10,
      apiKeys: new Map(Object.entries(a2a.api_keys ?? {}).map(([name, key]) => [name, new Secret(key)])),
      pushHosts: a2a.push_hosts ?? [],
    },
    mcp: {
      timeoutMs: milliseconds(mcp.timeout ?? 60),
      ratePerMinute: mcp.rate_per_minute ?? 20,
      idleMs: milliseconds((mcp.idle_minutes ?? 30) * 60),
      ...oauthSettings(mcp.oauth),
    },
  };
}

/** An empty one leaves a header out. */
function responseHeaders(own: Section["headers"] = {}): Record<string, string> {
  const small = Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]);
  const all: Record<string, string> = { ...HEADERS, ...Object.fromEntries(small) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

function oauthSettings(
  { mode = "off", issuer, audiences, jwks_url, scopes = [] }: z.infer<typeof oauth> = {},
) {
  if (mode === "off" || issuer === undefined || audiences === undefined || jwks_url === undefined) return {};
  return { oauth: { issuer, audiences, jwksUrl: jwks_url, scopes } };
}

function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000);
}

/** A table whose keys people choose. */
function named<Value extends z.ZodType>(name: RegExp, value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string().regex(name), value, {
    error: (issue) =>
      issue.code === "invalid_key" ? "is not a name that can be used here" : "must be a table",
  });
}
