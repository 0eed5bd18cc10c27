/**
 * Everything that can be configured: the sections of the file, the variables, the flags.
 *
 * Values that arrive as text (variables, flags) pass the same checks as typed ones. Error texts continue a
 * sentence that begins with the name of the setting.
 *
 * @module
 */
import { z } from "zod";
import { PolicyRule } from "../../sandbox/policy/rules.ts";
import { a2aSection } from "./a2a_agents.ts";
import { mcpSection } from "./mcp_servers.ts";
import type { Path } from "./problem.ts";
import { serverSection } from "./server_settings.ts";
import {
  address,
  asText,
  bytes,
  capability,
  count,
  host,
  key,
  list,
  packageName,
  provider,
  seconds,
  table,
  text,
  usd,
  usdPerMillion,
} from "./values.ts";

const packages = table({ allow: list(packageName).optional(), index: address.optional() });
const price = table({ input: usdPerMillion, cached: usdPerMillion.optional(), output: usdPerMillion });
const sections = {
  llm: table({ provider: provider.optional(), model: text.optional() }),
  openai: table({ api_key: key.optional(), base_url: address.optional() }),
  openrouter: table({ api_key: key.optional() }),
  anthropic: table({ api_key: key.optional() }),
  ollama: table({ base_url: address.optional() }),
  limits: table({
    turns: count.optional(),
    tokens: count.optional(),
    usd: usd.optional(),
    wall_clock: seconds.optional(),
  }),
  policy: table({ rules: list(PolicyRule(z)).optional() }),
  tools: table({ grant: list(capability).optional(), hosts: list(host).optional() }),
  python: table({
    timeout: seconds.optional(),
    max_timeout: seconds.optional(),
    memory_mb: count.optional(),
    output_bytes: bytes.optional(),
    result_bytes: bytes.optional(),
    sessions: count.optional(),
    warm: z.int({ error: "must be a whole number" }).min(0, { error: "must not be negative" }).optional(),
    recursion: count.optional(),
    packages: packages.optional(),
  }),
  server: serverSection,
  a2a: a2aSection,
  mcp: mcpSection,
  troupe: table({
    spec_dir: text.optional(),
    max_iterations: count.optional(),
    workspace: text.optional(),
    db: text.optional(),
  }),
};

/** `troupe.toml`. */
export const ConfigFile = table({
  ...z.object(sections).partial().shape,
  prices: z.record(z.string(), price, { error: "must be a table" }).optional(),
});
/** See the schema of the same name. */
export type ConfigFile = z.infer<typeof ConfigFile>;

/** The variables that are read, beside the numbered ones. Others are ignored. */
export const Variables = z.object({
  OPENAI_API_KEY: key.optional(),
  OPENAI_BASE_URL: address.optional(),
  OPENROUTER_API_KEY: key.optional(),
  ANTHROPIC_API_KEY: key.optional(),
  LLM_MODEL: text.optional(),
  LLM_BASE_URL: address.optional(),
  LLM_API_KEY: key.optional(),
  LLM_CONTEXT_WINDOW: asText(count).default(128_000),
  LLM_FALLBACK_MODELS: text.transform((list) => list.split(",").map((model) => model.trim()).filter(Boolean))
    .default([]),
  WORKSPACE_DIR: text.optional(),
  XDG_STATE_HOME: text.optional(),
  XDG_CACHE_HOME: text.optional(),
});
/** See the schema of the same name. */
export type Variables = z.infer<typeof Variables>;

/** `LLM_API_KEY_1` with `LLM_BASE_URL_1`, and so on. */
export const NumberedVariables = z.object({ key: key.optional(), url: address.optional() });
/** See the schema of the same name. */
export type NumberedVariables = z.infer<typeof NumberedVariables>;

/** What the command line may say, as typed there. */
export interface FlagTexts {
  /** `openai`, `openrouter` or `ollama`. */
  readonly provider?: string;
  /** Name of the model, as its provider spells it. */
  readonly model?: string;
  /** Address of an OpenAI-compatible API. */
  readonly baseUrl?: string;
  /** Folder. */
  readonly workspace?: string;
  /** Path of the database file. */
  readonly db?: string;
  /** Inferences. */
  readonly turns?: string;
  /** Input plus output tokens. */
  readonly tokens?: string;
  /** US dollars. */
  readonly usd?: string;
  /** Seconds. */
  readonly wallClock?: string;
}

/** Its check. */
export const Flags = z.strictObject(
  {
    provider: provider.optional(),
    model: text.optional(),
    baseUrl: address.optional(),
    workspace: text.optional(),
    db: text.optional(),
    turns: asText(count).optional(),
    tokens: asText(count).optional(),
    usd: asText(usd).optional(),
    wallClock: asText(seconds).optional(),
  } satisfies Record<keyof FlagTexts, z.ZodType>,
);
/** Checked flags. */
export type Flags = z.infer<typeof Flags>;

/** The keys the file may have at a path: sections, or those of a table; none where people choose them. */
export function keysOfFile(path: Path): readonly string[] {
  let found: unknown = ConfigFile;
  for (const part of path) {
    if (found instanceof z.ZodObject) {
      found = Object.hasOwn(found.shape, part) ? found.shape[part] : undefined;
    } else found = found instanceof z.ZodRecord ? found.valueType : undefined;
    while (found instanceof z.ZodOptional) found = found.unwrap();
  }
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}
