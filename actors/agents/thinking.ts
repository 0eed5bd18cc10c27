/**
 * Asking the model, once for good.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Model, ThinkOutcome, ThinkRequest, Thought } from "../../protocols/messages/model.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import { limited, RunEnd } from "./ending.ts";
import type { Emit } from "./ordered_events.ts";

/** Milliseconds one inference may take, with the model's own retries. */
export const THINK_TIMEOUT_MS = 15 * 60_000;

/** Tries of one inference while its actor dies. The model itself retries what its provider fails at. */
export const THINK_ATTEMPTS = 3;
const FIRST_WAIT_MS = 100;

/** Whom to ask, and until when. */
export interface Thinker {
  /** The agent that asks, for its events. */
  readonly agent: string;
  readonly model: ActorRef<typeof Model>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
}

/**
 * What the model says; meanwhile its text goes to `emit`.
 * @throws {RunEnd} `failed` when it fails for good, `limited` at the deadline: no receipt is written then, so that a
 * resumed run asks again.
 */
export async function askModel(thinker: Thinker, request: ThinkRequest, emit: Emit): Promise<Thought> {
  const { agent, clock, signal } = thinker;
  for (let attempt = 1;; attempt++) {
    try {
      const outcome = await ask(thinker, request, emit);
      if (outcome.ok) return outcome.thought;
      throw new RunEnd("failed", outcome.failure.message);
    } catch (error) {
      if (error instanceof RunEnd || signal.aborted) throw error;
      const fault = Fault.of(error);
      if (fault.code !== "died" || attempt === THINK_ATTEMPTS) {
        throw new RunEnd("failed", `Cannot ask the model: ${fault.message}`);
      }
      const delayMs = FIRST_WAIT_MS * 2 ** (attempt - 1);
      await emit({ type: "retry", agent, reason: fault.message, attempt: attempt + 1, delayMs });
      await clock.sleep(delayMs, signal);
    }
  }
}

async function ask(thinker: Thinker, request: ThinkRequest, emit: Emit): Promise<ThinkOutcome> {
  const { agent, model, clock, signal, deadline = Infinity } = thinker;
  const left = deadline - clock.now();
  const timeoutMs = Math.max(1, Math.min(THINK_TIMEOUT_MS, left));
  const stream = model.stream("think", request, { timeoutMs, signal });
  const listen = async () => {
    for await (const delta of stream) await emit({ ...delta, agent });
  };
  // Both are waited for, so that no text of a failed inference arrives after the next one began.
  const [heard, reply] = await Promise.allSettled([listen(), stream.reply]);
  if (heard.status === "fulfilled" && reply.status === "fulfilled") return reply.value;
  const [reason] = [heard, reply].flatMap((it) => it.status === "rejected" ? [it.reason] : []);
  // The call may notice the end of the run's time before the run itself does.
  const late = timeoutMs >= left && reason instanceof Fault && reason.code === "timeout";
  throw late ? limited("wall_clock") : reason;
}
