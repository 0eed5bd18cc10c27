/**
 * What is added to the crews of all runs from beyond this machine: remote tools and remote agents.
 *
 * @module
 */
import type { ActorChild, Child, Started } from "../../supervisor/tree/spec.ts";
import type { ToolSource } from "../desk/desk.ts";
import type { DeniedTool, Tool, Toolkit } from "./toolkit.ts";

/** An agent that works elsewhere, as a member of a crew. */
export interface Colleague {
  /** What the model calls it: `[A-Za-z0-9_-]`, at most 40 characters. */
  readonly name: string;
  /** What it is good for. */
  readonly description: string;
  /** Answers the Agent protocol. */
  readonly child: ActorChild;
}

/** Made once a runtime, from its configuration. */
export interface Extension {
  /** Started with the runtime, beside the store, and as long-lived. Their names are unique in all. */
  readonly children: readonly Child[];
  /**
   * Tools for the crew of one run; `standing` leads to the children above. Their actors are members of the crew and may
   * refer to its approver. Never waits long for something that is down: it then answers what was known before.
   */
  toolkit(standing: Started): Promise<Pick<Toolkit, "tools" | "denied">>;
  /** Remote agents for the crew of one run. Never waits long either. */
  colleagues(standing: Started): Promise<readonly Colleague[]>;
  /** The same tools for callers without a run; null when it has none. */
  source(standing: Started): ToolSource | null;
}

/** What the extensions bring to a crew. */
export interface Beyond {
  /** What the agent may use. */
  readonly tools: readonly Tool[];
  /** What it knows of and may not use. */
  readonly denied: readonly DeniedTool[];
  /** Whom it may ask. */
  readonly colleagues: readonly Colleague[];
}

/** Nothing is added. */
export const NOTHING_BEYOND: Beyond = { tools: [], denied: [], colleagues: [] };

/** Asks all extensions at once. */
export async function gather(extensions: readonly Extension[], standing: Started): Promise<Beyond> {
  const [kits, colleagues] = await Promise.all([
    Promise.all(extensions.map((extension) => extension.toolkit(standing))),
    Promise.all(extensions.map((extension) => extension.colleagues(standing))),
  ]);
  return {
    tools: kits.flatMap(({ tools }) => tools),
    denied: kits.flatMap(({ denied }) => denied),
    colleagues: colleagues.flat(),
  };
}
