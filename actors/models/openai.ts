/**
 * The model actor for every OpenAI-compatible provider. It alone holds the keys, and its worker may reach
 * the hosts of its endpoints and nothing else: start it with {@linkcode grantFor} its endpoints.
 *
 * @module
 */
import type OpenAI from "openai";
import { Fault } from "../../protocols/messages/fault.ts";
import {
  Model,
  type ThinkFailure,
  type ThinkOutcome,
  type ThinkRequest,
  type Thought,
} from "../../protocols/messages/model.ts";
import { type ActorDefinition, defineActor, later } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { checkEndpoint, type Endpoint, hostOf } from "./endpoint.ts";
import { failureOf, reasonFor, setbackOf } from "./failure.ts";
import { attempt, type ThinkContext } from "./openai_attempt.ts";
import { delayMs, RETRY, type RetryPolicy } from "./retry.ts";

/** Whom to ask and how patiently. */
export interface OpenAiOptions {
  /** At least one. The next is asked when the former fails in a way another may not. */
  readonly endpoints: readonly Endpoint[];
  /** Tries per endpoint. Default 3. */
  readonly attempts?: number;
  /** Longest wait for the first byte, and then between two, in milliseconds. Default 120 000. */
  readonly firstByteMs?: number;
}

/** Answers one inference; failures of the provider are values. */
export type Think = (request: ThinkRequest, context: ThinkContext) => Promise<ThinkOutcome>;

/** Failures of one endpoint after which the next is asked: of the account or the host, not of the question. */
const ELSEWHERE: ReadonlySet<ThinkFailure["kind"]> = new Set([
  "auth",
  "billing",
  "rate_limit",
  "server",
  "unreachable",
]);

/**
 * The actor's behaviour without the actor.
 *
 * @param sdk The class of the `openai` package, which only a worker loads.
 * @throws {Fault} code `bad_endpoint`.
 */
export function createThink(options: OpenAiOptions, sdk: typeof OpenAI): Think {
  const { endpoints, attempts = RETRY.attempts, firstByteMs = 120_000 } = options;
  if (endpoints.length === 0) throw new Fault("bad_endpoint", "Cannot think: no model is configured");
  endpoints.forEach(checkEndpoint);
  const policy = { ...RETRY, attempts };

  return async (request, context) => {
    const failures: ThinkFailure[] = [];
    let asked = 0;
    try {
      for (const [at, endpoint] of endpoints.entries()) {
        const ask = () => (asked++, attempt(sdk, endpoint, request, firstByteMs, context));
        const outcome = await insist(ask, endpoint, policy, context);
        if (outcome.ok) return outcome;
        failures.push(outcome.failure);
        const following = endpoints[at + 1];
        if (following === undefined || !ELSEWHERE.has(outcome.failure.kind)) break;
        const reason = `${outcome.failure.message}; asking "${following.model}" at ${hostOf(following)}`;
        await context.send({ type: "retry", reason, attempt: 1, delayMs: 0 });
      }
      return { ok: false, failure: allInAll(failures) };
    } catch (error) {
      if (!context.signal.aborted) throw error;
      return {
        ok: false,
        failure: { kind: "cancelled", message: "The inference was cancelled", attempts: Math.max(1, asked) },
      };
    }
  };
}

/**
 * Asks one endpoint until it answers, fails for good, or was asked often enough.
 * @throws Something once `context.signal` is aborted.
 */
async function insist(
  ask: () => Promise<Thought>,
  endpoint: Endpoint,
  policy: RetryPolicy,
  context: ThinkContext,
): Promise<ThinkOutcome> {
  const { clock, signal } = context;
  for (let tried = 1;; tried++) {
    try {
      return { ok: true, thought: await ask() };
    } catch (error) {
      signal.throwIfAborted();
      const setback = setbackOf(error, clock.now());
      const waitMs = delayMs(policy, tried, context.random(), setback.waitMs);
      if (!setback.again || tried >= policy.attempts || isTooLate(waitMs, context)) {
        return { ok: false, failure: failureOf(setback, endpoint, tried) };
      }
      const reason = reasonFor(setback, endpoint);
      await context.send({ type: "retry", reason, attempt: tried + 1, delayMs: waitMs });
      await clock.sleep(waitMs, signal);
    }
  }
}

/** Nobody would be there to hear an answer that begins after the deadline. */
function isTooLate(waitMs: number, { clock, deadline }: ThinkContext): boolean {
  return deadline !== undefined && clock.now() + waitMs >= deadline;
}

/** The last failure decides what can be done; all of them are told. */
function allInAll(failures: readonly ThinkFailure[]): ThinkFailure {
  return failures.reduce((former, failure) => ({
    ...failure,
    message: `${former.message}. ${failure.message}`,
    attempts: former.attempts + failure.attempts,
  }));
}

/** Asks OpenAI-compatible providers. */
export const openAi: ActorDefinition<typeof Model, OpenAiOptions> = defineActor({
  module: import.meta.url,
  protocol: Model,
  init: async (options: OpenAiOptions) => createThink(options, (await import("openai")).default),
  handle: {
    think: (think, request, context) => later(think, think(request, context)),
  },
});

if (import.meta.main) serve(openAi);
