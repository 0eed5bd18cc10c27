/**
 * What the configuration says of agents that work elsewhere and speak A2A: `[a2a.agents.<name>]`.
 *
 * @module
 */
import { z } from "zod";
import { Secret } from "./secret.ts";
import { address, key, seconds, table, text } from "./values.ts";

/** An agent that works elsewhere. */
export interface A2aAgentSettings {
  /** What models call it: letters, digits, `-` and `_`, at most 40. */
  readonly name: string;
  /** Address of its card, when it ends in ".json"; else the address below which the card is looked for. */
  readonly card: string;
  /** What is sent with each request so that it lets us in. Default nothing. */
  readonly credential?: { readonly header: string; readonly value: Secret };
  /** What it is good for. Default what its card says. */
  readonly description?: string;
  /** Milliseconds it may work on one message. Default 600 000. */
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 600_000;
const NAME = /^[A-Za-z0-9_-]{1,40}$/;

const header = text.regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: "must be the name of a header" });
const timeout = seconds.max(86_400, { error: "must be at most 86400 seconds" });

const agent = table({
  card: address,
  token: key.optional(),
  api_key: key.optional(),
  header: header.optional(),
  description: text.optional(),
  timeout: timeout.optional(),
}).superRefine(({ token, api_key, header }, context) => {
  const wrong = (at: string, message: string) => context.addIssue({ code: "custom", path: [at], message });
  if (token !== undefined && api_key !== undefined) wrong("api_key", "cannot stand beside token: give one");
  if (header !== undefined && api_key === undefined) wrong("header", "needs api_key, which is sent in it");
});

/** The section `[a2a]` of the file. */
export const a2aSection = table({
  agents: z.record(z.string(), agent, { error: "must be a table" }).superRefine((agents, context) => {
    for (const name of Object.keys(agents)) {
      if (NAME.test(name)) continue;
      const message = "must be named with letters, digits, - and _, at most 40";
      context.addIssue({ code: "custom", path: [name], message });
    }
  }).optional(),
});
type Section = z.infer<typeof a2aSection>;

/** The agents of the section, by name. */
export function a2aAgents({ agents = {} }: Section = {}): A2aAgentSettings[] {
  return Object.entries(agents).map(([name, { card, description, timeout, ...secrets }]) => {
    const credential = credentialOf(secrets);
    return {
      name,
      card,
      ...(credential === undefined ? {} : { credential }),
      ...(description === undefined ? {} : { description }),
      timeoutMs: timeout === undefined ? DEFAULT_TIMEOUT_MS : Math.ceil(timeout * 1000),
    };
  }).toSorted((one, other) => one.name < other.name ? -1 : 1);
}

/** The keys of the section by the names of their settings. */
export function a2aKeys({ agents = {} }: Section = {}): [name: string, value: string | undefined][] {
  return Object.entries(agents).flatMap(([name, { token, api_key }]): [string, string | undefined][] => [
    [`a2a.agents.${name}.token`, token],
    [`a2a.agents.${name}.api_key`, api_key],
  ]);
}

function credentialOf(
  { token, api_key, header = "X-API-Key" }: { token?: string; api_key?: string; header?: string },
): A2aAgentSettings["credential"] {
  if (token !== undefined) return { header: "Authorization", value: new Secret(`Bearer ${token}`) };
  return api_key === undefined ? undefined : { header, value: new Secret(api_key) };
}
