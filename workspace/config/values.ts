/**
 * What settings are made of. Error texts continue a sentence that begins with the name of the setting.
 *
 * @module
 */
import { z } from "zod";
import { MAX_USD_PER_MILLION } from "../../actors/models/price.ts";
import { Capability } from "../../protocols/messages/capability.ts";

/** Providers that can be named. `anthropic` is known and refused with an explanation. */
const PROVIDERS = ["openai", "openrouter", "ollama", "anthropic"] as const;

export const text = z.string({ error: "must be text" }).trim().min(1, { error: "must not be empty" });
export const key = text.regex(/^[\x21-\x7e]*$/, {
  error: "has a space or another character that no key has",
});
export const provider = text.pipe(
  z.enum(PROVIDERS, { error: `must be one of ${PROVIDERS.join(", ")}` }),
);
export const address = text.transform((value) => value.replace(/\/+$/, "")).refine(isAddress, {
  error: 'must be an address such as "https://host/v1", without a user, a query or a fragment',
});
export const count = z.int({ error: "must be a whole number" }).min(1, { error: "must be at least 1" });
export const seconds = number("a number of seconds").positive({ error: "must be above 0" })
  .max(1e9, { error: "must be at most 1000000000 seconds" });
export const usd = number("a number of US dollars").min(0, { error: "must not be negative" })
  .max(1e6, { error: "must be at most 1000000 US dollars" });
export const usdPerMillion = number("a number of US dollars per million tokens")
  .min(0, { error: "must not be negative" })
  .max(MAX_USD_PER_MILLION, {
    error: `must be at most ${MAX_USD_PER_MILLION} US dollars per million tokens`,
  });

export const bytes = count.max(2 ** 30, { error: "must be at most 1073741824 bytes" });
export const capability = text.refine(
  (value): value is Capability => Capability(z).safeParse(value).success,
  {
    error:
      "must be FileRead, FileWrite, Network, DatabaseRead, DatabaseWrite, ShellExec, SecretAccess or Custom(name)",
  },
);
export const host = text.regex(/^(\[[\da-f:]+\]|[^\s\/:@]+)(:\d{1,5})?$/i, {
  error: 'must be a host such as "api.example.com", with or without a port',
});
export const packageName = text.regex(/^[A-Za-z\d]([\w.-]*[A-Za-z\d])?$/, {
  error: "must be the name of a Python package",
});

export function table<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => issue.code === "unrecognized_keys" ? undefined : "must be a table",
  });
}

export function list<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item, { error: "must be a list" });
}

function number(what: string): z.ZodNumber {
  return z.number({ error: `must be ${what}` });
}

/** The same check for a number written as text: digits with an optional decimal point. */
export function asText(schema: z.ZodNumber): z.ZodPipe<z.ZodPipe<z.ZodString, z.ZodTransform>, z.ZodNumber> {
  return z.string().trim().transform((value) => /^\d+(\.\d+)?$/.test(value) ? Number(value) : value).pipe(
    schema,
  );
}

function isAddress(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && (url.protocol === "http:" || url.protocol === "https:") &&
    url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}
