/**
 * Which models may be asked, where and with which key, in the order in which they are tried.
 *
 * An *account* is an address with its key. Keys do not cross families: one of OPENAI_* never goes to an address
 * of LLM_*, nor the other way round. The accounts are the primary one, then the numbered ones. Each model is
 * tried at every account before the next model is.
 *
 * @module
 */
import { FREE, type Price } from "../../actors/models/price.ts";
import { priceOf, PRICES, type Prices } from "../prices/prices.ts";
import type { CheckedEnvironment } from "./environment.ts";
import type { FoundFile } from "./file.ts";
import { invalid } from "./problem.ts";
import type { ConfigFile, Flags, Variables } from "./schema.ts";
import { Secret } from "./secret.ts";

/** A model at an address that speaks OpenAI's protocol. */
export interface Endpoint {
  /** Whose address it is; whatever is neither of the others counts as `openai`. */
  readonly provider: "openai" | "openrouter" | "ollama";
  /** Without a slash at the end, "https://api.openai.com/v1". */
  readonly baseUrl: string;
  /** Of "" when the address needs none. */
  readonly apiKey: Secret;
  /** As the provider spells it. */
  readonly model: string;
  /** Null when it is not known. */
  readonly price: Price | null;
  /** Tokens. */
  readonly contextWindow: number;
}

/** Why there is no endpoint, and what may be tried instead. */
export interface NoEndpoint {
  /** One line for people: what to set. */
  readonly message: string;
  /** Address of an Ollama that may be there; absent when another provider was asked for. */
  readonly ollama?: string;
  /** The model that was asked for by name. */
  readonly model?: string;
}

const OLLAMA_URL = "http://localhost:11434";
const OPENAI_URL = "https://api.openai.com/v1";
const OPENROUTER_URL = "https://openrouter.ai/api/v1";
const ANTHROPIC_HINT = "this version speaks the OpenAI-compatible protocol: " +
  "set OPENAI_BASE_URL=https://api.anthropic.com/v1, OPENAI_API_KEY and LLM_MODEL instead";
const OPENAI_MODEL = "gpt-4o";
const OPENROUTER_MODEL = "arcee-ai/trinity-large-preview:free";
const NO_PRICES = { ...PRICES, models: {} };

/** What the choice is made from. */
export interface Sources {
  /** Checked. */
  readonly flags: Flags;
  /** Checked. */
  readonly environment: CheckedEnvironment;
  /** Undefined when there is none. */
  readonly file: FoundFile | undefined;
}

/** An address and its key; F030 calls it a profile. */
type Account = Pick<Endpoint, "provider" | "baseUrl"> & { readonly apiKey: string };

/** Exactly one of the two: endpoints in the order they are tried, or why there are none. */
export type Choice = { readonly endpoints: readonly Endpoint[]; readonly noEndpoint?: NoEndpoint };

/**
 * Chooses from all sources.
 * @throws {Fault} code `config_invalid` for provider `anthropic`.
 */
export function chooseEndpoints(sources: Sources): Choice {
  const { flags, environment: { known, numbered }, file } = sources;
  const settings = file?.content ?? {};
  const model = flags.model ?? known.LLM_MODEL ?? settings.llm?.model;
  const ollama = ollamaRoot(settings.ollama?.base_url ?? OLLAMA_URL);
  const primary = primaryAccount(sources, ollama);
  if (primary?.provider === "ollama" && model === undefined) {
    const message = `start Ollama at ${ollama}, or name one of its models in LLM_MODEL`;
    return { endpoints: [], noEndpoint: { message, ollama } };
  }
  // A person who chose a local model did not choose that the text leaves the machine when it fails.
  const extra = primary?.provider === "ollama" ? [] : numbered;
  const accounts = [
    ...(primary === undefined ? [] : [primary]),
    ...extra.map(({ key, url }) => accountAt(url ?? known.LLM_BASE_URL, key)),
  ];
  if (accounts.length === 0) return { endpoints: [], noEndpoint: nothingSet(sources, ollama, model) };
  const all = [model, ...known.LLM_FALLBACK_MODELS].flatMap((name) =>
    accounts.map((account) => endpoint(account, name, known.LLM_CONTEXT_WINDOW, settings.prices ?? {}))
  );
  return { endpoints: distinct(all) };
}

/** A model of a local Ollama, found by asking it. */
export function ollamaEndpoint(root: string, model: string, contextWindow: number, prices: Prices): Endpoint {
  return endpoint(
    { provider: "ollama", baseUrl: `${ollamaRoot(root)}/v1`, apiKey: "" },
    model,
    contextWindow,
    prices,
  );
}

function primaryAccount(
  { flags, environment: { known }, file }: Sources,
  ollama: string,
): Account | undefined {
  if (flags.baseUrl !== undefined) {
    // Whoever types an address means it: the key goes there, whichever variable it is in.
    const key = known.LLM_API_KEY ?? known.OPENAI_API_KEY ?? known.OPENROUTER_API_KEY;
    return accountAt(flags.baseUrl, key ?? file?.content.openai?.api_key);
  }
  if (flags.provider === undefined && (known.LLM_API_KEY ?? known.LLM_BASE_URL) !== undefined) {
    return accountAt(known.LLM_BASE_URL, known.LLM_API_KEY);
  }
  const { openai, openrouter, llm } = file?.content ?? {};
  switch (flags.provider ?? llm?.provider ?? providerWithKey(known, file?.content)) {
    case "anthropic":
      throw invalid([{
        at: flags.provider === undefined && file !== undefined
          ? `${file.path}: [llm] provider`
          : "--provider",
        what: `"anthropic" cannot be used directly; ${ANTHROPIC_HINT}`,
      }]);
    case "ollama":
      return { provider: "ollama", baseUrl: `${ollama}/v1`, apiKey: "" };
    case "openrouter": {
      const shared = isOpenRouterKey(known.OPENAI_API_KEY) ? known.OPENAI_API_KEY : undefined;
      const key = known.OPENROUTER_API_KEY ?? openrouter?.api_key ?? shared;
      return key === undefined ? undefined : accountAt(OPENROUTER_URL, key);
    }
    case "openai": {
      const key = known.OPENAI_API_KEY ?? openai?.api_key;
      const url = known.OPENAI_BASE_URL ?? openai?.base_url;
      return (key ?? url) === undefined ? undefined : accountAt(url, key);
    }
  }
}

/** The provider there is a key or an address for; the environment before the file, OpenAI before OpenRouter. */
function providerWithKey(known: Variables, file: ConfigFile = {}): "openai" | "openrouter" | undefined {
  if ((known.OPENAI_API_KEY ?? known.OPENAI_BASE_URL) !== undefined) return "openai";
  if (known.OPENROUTER_API_KEY !== undefined) return "openrouter";
  if ((file.openai?.api_key ?? file.openai?.base_url) !== undefined) return "openai";
  if (file.openrouter?.api_key !== undefined) return "openrouter";
}

/** Without an address, the key tells whose it is. */
function accountAt(url: string | undefined, key = ""): Account {
  const baseUrl = url ?? (isOpenRouterKey(key) ? OPENROUTER_URL : OPENAI_URL);
  const provider = new URL(baseUrl).hostname === "openrouter.ai" ? "openrouter" : "openai";
  return { provider, baseUrl, apiKey: key };
}

function isOpenRouterKey(key: string | undefined): boolean {
  return key?.startsWith("sk-or-") ?? false;
}

function nothingSet(
  { flags, environment: { known }, file }: Sources,
  ollama: string,
  model?: string,
): NoEndpoint {
  const named = flags.provider ?? file?.content.llm?.provider;
  if (named !== undefined) {
    return {
      message: `set ${named.toUpperCase()}_API_KEY, or api_key under [${named}] in troupe.toml`,
      model,
    };
  }
  const anthropic = known.ANTHROPIC_API_KEY === undefined
    ? ""
    : ` (ANTHROPIC_API_KEY is not used: ${ANTHROPIC_HINT})`;
  const message = "set OPENAI_API_KEY, OPENROUTER_API_KEY or LLM_BASE_URL in the environment or in .env, " +
    `or start Ollama at ${ollama}${anthropic}`;
  return { message, ollama, model };
}

function endpoint(
  account: Account,
  name: string | undefined,
  contextWindow: number,
  prices: Prices,
): Endpoint {
  const { provider, baseUrl, apiKey } = account;
  const model = name ?? (provider === "openrouter" ? OPENROUTER_MODEL : OPENAI_MODEL);
  const free = provider === "ollama" || (provider === "openrouter" && model.endsWith(":free"));
  const price = priceOf(model, free ? NO_PRICES : PRICES, prices) ?? (free ? FREE : null);
  return { provider, baseUrl, apiKey: new Secret(apiKey), model, price, contextWindow };
}

/** Ollama's own address, also when it was given as that of its OpenAI-compatible side. */
function ollamaRoot(url: string): string {
  return url.replace(/\/v1$/, "");
}

/** Drops what would be tried twice. */
function distinct(all: readonly Endpoint[]): Endpoint[] {
  const identity = (one: Endpoint) => JSON.stringify([one.baseUrl, one.apiKey.reveal(), one.model]);
  return [...new Map(all.map((one) => [identity(one), one])).values()];
}
