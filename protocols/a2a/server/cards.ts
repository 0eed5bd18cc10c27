/**
 * How this agent introduces itself, to readers of 1.0 and of what came before.
 *
 * @module
 */
import { AgentCard, type AgentInterface, type AgentSkill, type SecurityScheme } from "@a2a-js/sdk";
import { type A2ARequestHandler, ServerCallContext } from "@a2a-js/sdk/server";
import { LegacyRestTransportHandler } from "@a2a-js/sdk/compat/v0_3/server";
import { INPUT_MODES, OUTPUT_MODES } from "./task_text.ts";

/** Something the agent can do. */
export interface Skill {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly examples?: readonly string[];
}

/** What a card says of the agent itself. */
export interface About {
  readonly name: string;
  readonly description: string;
  /** Of the agent, "0.1.0". */
  readonly version: string;
  readonly skills: readonly Skill[];
  readonly documentationUrl?: string;
}

/** What else a card says. */
export interface CardOptions {
  readonly about: About;
  /** Whether tasks tell webhooks. */
  readonly push: boolean;
  /** Whether who asks must show a key. */
  readonly apiKeys: boolean;
  /** Whether there is more to say to those who may know it. */
  readonly extended: boolean;
}

/** The address of JSON-RPC and HTTP+JSON, behind the public base. */
export const INTERFACE_PATH = "/a2a";

/** The card for addresses under `base`, an absolute URL without a slash at its end. */
export function cardAt(base: string, { about, push, apiKeys, extended }: CardOptions): AgentCard {
  return {
    name: about.name,
    description: about.description,
    version: about.version,
    documentationUrl: about.documentationUrl,
    provider: undefined,
    supportedInterfaces: interfacesAt(base),
    capabilities: { streaming: true, pushNotifications: push, extensions: [], extendedAgentCard: extended },
    securitySchemes: apiKeys ? { bearer: BEARER, apiKey: API_KEY } : {},
    securityRequirements: apiKeys
      ? [{ schemes: { bearer: { list: [] } } }, { schemes: { apiKey: { list: [] } } }]
      : [],
    defaultInputModes: [...INPUT_MODES],
    defaultOutputModes: [...OUTPUT_MODES],
    skills: about.skills.map(skillOf),
    signatures: [],
  };
}

/** The card as readers of 1.0 know it: nothing in it is of an older version. */
export function currentCard(card: AgentCard): unknown {
  return AgentCard.toJSON(withoutLegacy(card));
}

/** The card without the addresses of older versions. */
export function withoutLegacy(card: AgentCard): AgentCard {
  const supportedInterfaces = card.supportedInterfaces.filter(({ protocolVersion }) =>
    protocolVersion === "1.0"
  );
  return { ...card, supportedInterfaces };
}

/** The card as readers of 0.3 and 0.2 know it. */
export async function legacyCard(card: AgentCard): Promise<unknown> {
  // the SDK translates cards nowhere else
  const source: Pick<A2ARequestHandler, "getAuthenticatedExtendedAgentCard"> = {
    getAuthenticatedExtendedAgentCard: () => Promise.resolve(card),
  };
  const translator = new LegacyRestTransportHandler(source as A2ARequestHandler);
  return await translator.getAuthenticatedExtendedAgentCard(new ServerCallContext());
}

/** In order of preference. */
function interfacesAt(base: string): AgentInterface[] {
  const url = base + INTERFACE_PATH;
  return [
    { url, protocolBinding: "JSONRPC", protocolVersion: "1.0", tenant: "" },
    { url, protocolBinding: "HTTP+JSON", protocolVersion: "1.0", tenant: "" },
    { url, protocolBinding: "JSONRPC", protocolVersion: "0.3", tenant: "" },
  ];
}

function skillOf({ id, name, description, tags, examples = [] }: Skill): AgentSkill {
  return {
    id,
    name,
    description,
    tags: [...tags],
    examples: [...examples],
    inputModes: [],
    outputModes: [],
    securityRequirements: [],
  };
}

const BEARER: SecurityScheme = {
  scheme: {
    $case: "httpAuthSecurityScheme",
    value: { description: "The key as a bearer token", scheme: "Bearer", bearerFormat: "" },
  },
};

const API_KEY: SecurityScheme = {
  scheme: {
    $case: "apiKeySecurityScheme",
    value: { description: "The key in a header of its own", location: "header", name: "X-API-Key" },
  },
};
