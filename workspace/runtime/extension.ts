/**
 * What is added to the crews of all runs from beyond this machine: remote tools and remote agents.
 *
 * @module
 */
import type { Agent } from "../../protocols/messages/agent.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Child, Started } from "../../supervisor/tree/spec.ts";
import type { ToolSource } from "../desk/desk.ts";
import type { Toolkit } from "./toolkit.ts";

/** An agent that works elsewhere and answers the Agent protocol. */
export interface Colleague {
  /** What the model calls it: `[A-Za-z0-9_-]`, at most 40 characters. */
  readonly name: string;
  /** What it is good for. */
  readonly description: string;
  /** To it. */
  readonly ref: ActorRef<typeof Agent>;
}

/** Made once a runtime, from its configuration. */
export interface Extension {
  /** Started with the runtime, beside the store, and as long-lived. Their names are unique in all. */
  readonly children: readonly Child[];
  /**
   * Tools for the crew of one run; `standing` leads to the children above. The tools' actors are the crew's and may
   * refer to its approver. Never waits long for something that is down: it then answers what was known before.
   */
  toolkit(standing: Started): Promise<Pick<Toolkit, "tools" | "denied">>;
  /** Remote agents for that crew. */
  colleagues(standing: Started): Promise<readonly Colleague[]>;
  /** The same tools for callers without a run; null when it has none. */
  source(standing: Started): ToolSource | null;
}
