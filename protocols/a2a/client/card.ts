/**
 * The card of a remote agent: found, read, and kept to the agent's own host.
 *
 * @module
 */
import type { AgentCard, AgentInterface } from "@a2a-js/sdk";
import { Fault } from "../../../protocols/messages/fault.ts";
import { listOf } from "./plain.ts";

/** The client library, which only workers load. */
export type Sdk = typeof import("@a2a-js/sdk/client");

/** Where cards lie below an agent's address: since 0.3, and before. */
const PATHS = [".well-known/agent-card.json", ".well-known/agent.json"];
/** What we speak. */
const BINDINGS: ReadonlySet<string> = new Set(["JSONRPC", "HTTP+JSON"]);

/** Host and port of an address as a grant names them: "agents.example.com:443". */
export function hostOf(address: string): string {
  const { hostname, port, protocol } = new URL(address);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

/**
 * Reads the card at `address`, or below it when that does not end in ".json".
 * @throws {Fault} code `no_card`, `bad_card`; what `guarded` fails with.
 */
export async function readCard(
  sdk: Sdk,
  address: string,
  guarded: typeof fetch,
  signal: AbortSignal,
): Promise<AgentCard> {
  const isCard = new URL(address).pathname.endsWith(".json");
  const places = isCard ? [address] : PATHS.map((path) => `${address.replace(/\/+$/, "")}/${path}`);
  for (const place of places) {
    const response = await guarded(place, {
      headers: { "A2A-Version": "1.0", accept: "application/json" },
      signal,
    });
    if (response.ok) return usable(sdk, place, await jsonOf(place, response));
    await response.body?.cancel();
    if (response.status !== 404) {
      throw new Fault("no_card", `Cannot read the agent card ${place}: the answer is ${response.status}`);
    }
  }
  throw new Fault("no_card", `Cannot find an agent card at ${places.join(" or ")}`);
}

async function jsonOf(place: string, response: Response): Promise<object> {
  const text = await response.text();
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null) return json;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badCard(place, "it is no JSON object");
}

/** The card of today's shape, with the interfaces that are at its own origin alone. */
function usable(sdk: Sdk, place: string, json: object): AgentCard {
  const resolver = new sdk.DefaultAgentCardResolver({ legacyCompat: { enabled: true } });
  const card = resolver.normalizeAgentCard(json);
  const spoken = listOf(card.supportedInterfaces).filter(isSpoken);
  if (spoken.length === 0) throw badCard(place, "it names no JSONRPC or HTTP+JSON interface");
  const { origin } = new URL(place);
  const here = spoken.filter(({ url }) => new URL(url).origin === origin);
  if (here.length > 0) return { ...card, supportedInterfaces: here };
  const elsewhere = [...new Set(spoken.map(({ url }) => new URL(url).origin))].join(", ");
  throw badCard(place, `its interfaces are at ${elsewhere}, and only ${origin} may be asked`);
}

function isSpoken({ url, protocolBinding }: AgentInterface): boolean {
  return BINDINGS.has(protocolBinding) && URL.canParse(url);
}

function badCard(place: string, why: string): Fault {
  return new Fault("bad_card", `Cannot use the agent card ${place}: ${why}`);
}
