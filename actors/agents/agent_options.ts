/**
 * What an agent is made of, and what it reaches beside its references.
 *
 * @module
 */
import type { Agent } from "../../protocols/messages/agent.ts";
import type { Journal } from "../../protocols/messages/journal.ts";
import type { Model } from "../../protocols/messages/model.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { Price } from "../models/price.ts";
import type { Colleague } from "./colleagues.ts";
import type { Emit } from "./ordered_events.ts";
import type { AgentTool } from "./tool_calls.ts";

/** The programs an agent can run. */
export type ProgramName = "react" | "textual";

/** What an agent is made of: everything it can ever reach is in here. */
export interface AgentOptions {
  /** Its path in events, "lead" or "lead/researcher". */
  readonly name: string;
  /** What it thinks with. */
  readonly model: ActorRef<typeof Model>;
  /** What people call the model. */
  readonly modelName: string;
  /** What its tokens cost; null when unknown, and then a run with a limit in dollars is refused. */
  readonly price: Price | null;
  /** Where its runs are kept. */
  readonly journal: ActorRef<typeof Journal>;
  /** `react` for models with tool calls, `textual` for those without. */
  readonly program: ProgramName;
  /** Instructions. Default "You are a helpful AI agent.". */
  readonly system?: string;
  /** Tokens the model reads at once; beyond 85 % of them the conversation is compacted. */
  readonly contextWindow: number;
  /** Texts at which the model stops. Default none. */
  readonly stop?: readonly string[];
  /** Upper bound of the output tokens of one inference. Default the provider's, or less near a limit. */
  readonly maxTokens?: number;
  /** What it can do. */
  readonly tools: readonly AgentTool[];
  /** Agents that work elsewhere and that it may ask. Default none. */
  readonly colleagues?: readonly Colleague[];
  /** Levels of sub-agents it may have below it; above 0 the model is offered the tool `delegate`. Default 0. */
  readonly mayDelegate?: number;
  /** Secrets that may turn up in what models and tools say; they are taken out of it. Default none. */
  readonly secrets?: readonly Fingerprint[];
  /** What else is needed to start it again; kept with each of its runs. Plain data. */
  readonly setup?: Readonly<Record<string, unknown>>;
}

/** What a run needs that is not in the options. */
export interface World {
  /** Its time. */
  readonly clock: Clock;
  /** Aborted when nobody waits for the run any more. */
  readonly signal: AbortSignal;
  /** Tells whoever watches. */
  readonly emit: Emit;
  /** Starts an agent below this one. */
  startAgent(name: string, options: AgentOptions): Promise<ActorRef<typeof Agent>>;
  /** Stops it. */
  stopAgent(name: string): Promise<void>;
}
