/**
 * What the configuration says of serving: where to listen, who is let in, how much and how long.
 *
 * @module
 */
import { z } from "zod";
import { Secret } from "./secret.ts";
import { address, bytes, host, key, list, seconds, table, text } from "./values.ts";

/** Characters of the shortest key that is taken: a shorter one can be guessed. */
const SHORTEST_KEY = 16;

/** Seconds a request or an idle session may be given. */
const LONGEST = 86_400;

const wait = seconds.max(LONGEST, { error: `must be at most ${LONGEST} seconds` });
const rate = z.int({ error: "must be a whole number" }).min(0, { error: "must not be negative" });
const port = z.int({ error: "must be a whole number" }).min(0, { error: "must be a port, 0 to 65535" })
  .max(65_535, { error: "must be a port, 0 to 65535" });
const origin = text.regex(/^[a-z][a-z\d+.-]*:\/\/(\[[\da-f:]+\]|[^\s\/:@?#*"]+)(:\d{1,5})?$/, {
  error: 'must be an origin in small letters such as "https://inspector.example.com", without a path',
});
const header = z.string({ error: "must be text" }).regex(/^[\x20-\x7e]*$/, {
  error: "has a character that no header has",
});
const token = text.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: "must be a scope, without spaces" });
const issuer = text.refine((value) => URL.canParse(value) && /^https?:/.test(value), {
  error: 'must be the address the tokens name as their issuer, such as "https://login.example.com/"',
});

const oauth = table({
  mode: z.enum(["required", "off"], { error: 'must be "required" or "off"' }).optional(),
  issuer: issuer.optional(),
  audiences: list(text).min(1, { error: "must name at least one" }).optional(),
  jwks_url: address.optional(),
  scopes: list(token).optional(),
}).superRefine(({ mode, ...rest }, context) => {
  for (const needed of ["issuer", "audiences", "jwks_url"] as const) {
    if (mode !== "required" || rest[needed] !== undefined) continue;
    context.addIssue({ code: "custom", path: ["mode"], message: `is "required", which needs ${needed}` });
  }
});

const named = (shape: z.ZodType, error: string) =>
  z.string().regex(/^[\w.-]{1,64}$/, { error }).pipe(z.string());

/** The section `[server]` of the file. */
export const serverSection = table({
  host: text.optional(),
  port: port.optional(),
  public_url: address.optional(),
  allowed_hosts: list(host).optional(),
  origins: list(origin).optional(),
  body_bytes: bytes.optional(),
  headers: z.record(z.string(), header, { error: "must be a table" }).optional(),
}).extend({});
