/**
 * The actor that says what a remote agent is good for, in the words of its card.
 *
 * @module
 */
import type { AgentCard } from "@a2a-js/sdk";
import { Fault } from "../../../protocols/messages/fault.ts";
import { protocol } from "../../../protocols/messages/protocol.ts";
import { type ActorDefinition, defineActor, next } from "../../../supervisor/actor/define.ts";
import { serve } from "../../../supervisor/actor/serve.ts";
import { readCard, type Sdk } from "./card.ts";
import type { Reachable } from "./connector.ts";
import { guardedFetch } from "./guarded_fetch.ts";
import { listOf, plain } from "./plain.ts";
import { reasonOf } from "./setbacks.ts";

/** What it answers. */
export const Card = protocol("a2a_card", (z) => ({
  /** Call. What the agent is good for. Faults: what keeps the card from being read. */
  describe: { request: z.object({}), reply: z.string() },
}));

/** Characters of a description. */
const DESCRIPTION_CHARS = 2_000;
/** Skills that are named. */
const SKILLS = 20;

/** Answers `describe`, with what the card says at that moment. */
export const cardReader: ActorDefinition<typeof Card, Reachable> = defineActor({
  module: import.meta.url,
  protocol: Card,
  async init(options: Reachable) {
    return { options, sdk: await import("@a2a-js/sdk/client") };
  },
  handle: {
    async describe(state, _request, { signal }) {
      return next(state, await describe(state.sdk, state.options, signal));
    },
  },
});

async function describe(sdk: Sdk, { card, credential }: Reachable, signal: AbortSignal): Promise<string> {
  const door = { origin: new URL(card).origin, ...(credential === undefined ? {} : { credential }) };
  try {
    return descriptionOf(await readCard(sdk, card, guardedFetch(door), signal));
  } catch (error) {
    throw error instanceof Fault
      ? error
      : new Fault("no_card", reasonOf(error), { retry: "later", cause: error });
  }
}

function descriptionOf({ description, skills }: AgentCard): string {
  const named = listOf(skills).slice(0, SKILLS).map(({ name, description }) => `${name}: ${description}`);
  return plain([String(description ?? ""), ...named].join("\n"), DESCRIPTION_CHARS).trim();
}

if (import.meta.main) serve(cardReader);
