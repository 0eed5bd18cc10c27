/**
 * The model's behaviour without its worker: a context whose time a test moves and whose deltas it sees.
 *
 * @module
 */
import OpenAI from "openai";
import { createThink, type OpenAiOptions } from "../../../actors/models/openai.ts";
import type { ThinkContext } from "../../../actors/models/openai_attempt.ts";
import type { Line, ThinkDelta, ThinkOutcome, ThinkRequest } from "../../../protocols/messages/model.ts";
import { HandClock } from "../../support/hand_clock.ts";

/** One inference under way. */
export interface Thinking {
  readonly outcome: Promise<ThinkOutcome>;
  readonly deltas: ThinkDelta[];
  readonly clock: HandClock;
  /** Cancels it. */
  readonly caller: AbortController;
}

/** What a test may set of the context. */
export type Circumstances = Partial<Pick<ThinkContext, "random" | "deadline" | "send">>;

/** A question of one user line. */
export function ask(text: string, more: Partial<ThinkRequest> = {}): ThinkRequest {
  const lines: Line[] = [{ role: "user", text }];
  return { lines, tools: [], ...more };
}

/** Starts an inference. Waits between tries take no time, all other time stands still. */
export function start(
  options: OpenAiOptions,
  request: ThinkRequest,
  circumstances: Circumstances = {},
): Thinking {
  const deltas: ThinkDelta[] = [];
  const clock = new HandClock();
  const caller = new AbortController();
  let ids = 0;
  const context: ThinkContext = {
    clock,
    random: () => 0,
    newId: () => `id-${++ids}`,
    signal: caller.signal,
    deadline: undefined,
    send(delta) {
      deltas.push(delta);
      if (delta.type === "retry" && delta.delayMs > 0) clock.skip(delta.delayMs);
      return Promise.resolve();
    },
    ...circumstances,
  };
  return { outcome: createThink(options, OpenAI)(request, context), deltas, clock, caller };
}

/** The text a watcher holds in the end: what came since the last retry. */
export function heard(deltas: readonly ThinkDelta[]): string {
  const from = deltas.findLastIndex((delta) => delta.type === "retry") + 1;
  return deltas.slice(from).map((delta) => delta.type === "text" ? delta.text : "").join("");
}

/** The retries among deltas. */
export function retries(deltas: readonly ThinkDelta[]): Extract<ThinkDelta, { type: "retry" }>[] {
  return deltas.filter((delta) => delta.type === "retry");
}
