/**
 * The remote A2A agents of a configuration, as colleagues of every crew.
 *
 * @module
 */
import { Approval } from "../../messages/approval.ts";
import { Journal } from "../../messages/journal.ts";
import { fingerprints, randomBases } from "../../../sandbox/secrets/fingerprint.ts";
import { type ActorChild, child, type Started } from "../../../supervisor/tree/spec.ts";
import type { A2aAgentSettings } from "../../../workspace/config/a2a_agents.ts";
import { APPROVER, STORE } from "../../../workspace/runtime/crew.ts";
import type { Colleague, Extension } from "../../../workspace/runtime/extension.ts";
import { Card, cardReader } from "./card_reader.ts";
import { grantFor, remoteAgent, type RemoteAgentOptions } from "./remote_agent.ts";

/** Milliseconds a crew waits for what a card says. */
const DESCRIBE_MS = 2_000;
/** An agent whose worker dies more often is left down; asking it then fails. */
const LIMIT = { restarts: 10, withinMs: 60_000 };

/** An extension with these agents as colleagues. */
export function remoteAgents(agents: readonly A2aAgentSettings[]): Extension {
  const descriptions = new Map<string, string>();
  const undescribed = agents.filter(({ description }) => description === undefined);
  return {
    children: undescribed.map(readerOf),
    toolkit: () => Promise.resolve({ tools: [], denied: [] }),
    async colleagues(standing) {
      const unknown = undescribed.filter(({ name }) => !descriptions.has(name));
      await Promise.all(unknown.map((agent) => learn(agent, standing, descriptions)));
      return agents.map((agent) => colleagueOf(agent, descriptions.get(agent.name)));
    },
    source: () => null,
  };
}

function colleagueOf(agent: A2aAgentSettings, learnt: string | undefined): Colleague {
  const { name, card, timeoutMs, description = learnt || "its card does not say" } = agent;
  const options = (started: Started): RemoteAgentOptions => ({
    name,
    ...reachable(agent),
    timeoutMs,
    journal: started.ref(Journal, STORE),
    approver: started.ref(Approval, APPROVER),
    secrets: secretsOf(agent),
  });
  const actor = child(`a2a:${name}`, remoteAgent, options, {
    grant: grantFor(card),
    lazy: true,
    restart: "on-failure",
    limit: LIMIT,
  });
  return { name, description, child: actor };
}

function readerOf(agent: A2aAgentSettings): ActorChild {
  return child(readerName(agent), cardReader, reachable(agent), {
    grant: grantFor(agent.card),
    lazy: true,
    limit: LIMIT,
  });
}

function readerName({ name }: A2aAgentSettings): string {
  return `a2a-card:${name}`;
}

/** What cannot be learnt now is asked for with the next crew. */
async function learn(
  agent: A2aAgentSettings,
  standing: Started,
  descriptions: Map<string, string>,
): Promise<void> {
  try {
    const card = standing.ref(Card, readerName(agent));
    descriptions.set(agent.name, await card.call("describe", {}, { timeoutMs: DESCRIBE_MS }));
  } catch {
    return; // asking the agent will tell why
  }
}

function reachable({ card, credential }: A2aAgentSettings) {
  if (credential === undefined) return { card };
  return { card, credential: { header: credential.header, value: credential.value.reveal() } };
}

function secretsOf({ name, credential }: A2aAgentSettings) {
  if (credential === undefined) return [];
  const value = credential.value.reveal().replace(/^Bearer /, "");
  return fingerprints(`a2a.agents.${name}`, value, randomBases());
}
