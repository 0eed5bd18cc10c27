/**
 * A value that does not print.
 *
 * @module
 */
import { a2aKeys } from "./a2a_agents.ts";
import type { CheckedEnvironment } from "./environment.ts";
import { mcpKeys } from "./mcp_servers.ts";
import type { ConfigFile } from "./schema.ts";

const REDACTED = "[redacted]";

/**
 * A key or token. Text, JSON, `console` and error dumps show "[redacted]", a structured clone is empty;
 * only {@linkcode Secret.reveal} gives the value.
 */
export class Secret {
  readonly #value: string;

  /** Wraps `value`, which is "" when there is none. */
  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Hand it to whoever needs it and nobody else. */
  reveal(): string {
    return this.#value;
  }

  /** "[redacted]". */
  toString(): string {
    return REDACTED;
  }

  /** "[redacted]". */
  toJSON(): string {
    return REDACTED;
  }

  /** What `console.log` prints, in Deno as in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

/** Every key of the environment and of the file. Of one that stands in both places the variable gives the name. */
export function keysOf(
  { known, numbered, all }: CheckedEnvironment,
  { openai, openrouter, anthropic, server, a2a, mcp }: ConfigFile = {},
): ReadonlyMap<string, Secret> {
  const keys: [name: string, value: string | undefined][] = [
    ["openai.api_key", openai?.api_key],
    ["openrouter.api_key", openrouter?.api_key],
    ["anthropic.api_key", anthropic?.api_key],
    ...a2aKeys(a2a),
    ...mcpKeys(mcp),
    ...Object.entries(server?.a2a?.api_keys ?? {}).map(([name, key]): [string, string] => [
      `server.a2a.api_keys.${name}`,
      key,
    ]),
    ...numbered.map(({ key }): [string, string | undefined] => [nameIn(all, key), key]),
    ...(["OPENAI_API_KEY", "OPENROUTER_API_KEY", "ANTHROPIC_API_KEY", "LLM_API_KEY"] as const).map((
      name,
    ): [string, string | undefined] => [name, known[name]]),
  ];
  const byValue = new Map(keys.flatMap(([name, value]) => value === undefined ? [] : [[value, name]]));
  return new Map([...byValue].map(([value, name]) => [name, new Secret(value)]));
}

function nameIn(all: Readonly<Record<string, string>>, value: string | undefined): string {
  return Object.keys(all).find((name) => /^LLM_API_KEY_\d+$/.test(name) && all[name] === value) ??
    "LLM_API_KEY";
}
