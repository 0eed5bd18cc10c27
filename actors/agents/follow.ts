/**
 * Following a run to its end, through deaths of its agent.
 *
 * An agent that was restarted is asked for the same run again and tells it from the start. What was heard already is
 * left out; where the new telling parts from the old one, in the middle of an inference say, a `retry` event is put.
 *
 * @module
 */
import type { Agent } from "../../protocols/messages/agent.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { MessagesOf, RequestOf } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { RunEvent, RunOutcome } from "../../protocols/messages/run.ts";
import type { Emit } from "./ordered_events.ts";

/** What an agent is asked to run. */
export type RunRequest = RequestOf<MessagesOf<typeof Agent>["run"]>;

/** Tries of one run while its agent dies. */
export const FOLLOW_ATTEMPTS = 5;

/** Milliseconds a run may take when nothing else bounds it: the longest a timer can be set to, 24.8 days. */
export const FOREVER_MS = 2 ** 31 - 1;

/** How a run is followed. */
export interface FollowOptions {
  /** Takes each event; the agent waits for it. */
  readonly emit: Emit;
  /** Aborted when nobody waits for the run any more: it is then interrupted. */
  readonly signal: AbortSignal;
  /** Milliseconds. Default {@linkcode FOREVER_MS}. */
  readonly timeoutMs?: number;
}

/**
 * Runs it and answers how it ended.
 * @throws {Fault} code `died` when the agent died {@linkcode FOLLOW_ATTEMPTS} times; else as `ActorRef.stream`.
 */
export async function followRun(
  agent: ActorRef<typeof Agent>,
  request: RunRequest,
  { emit, signal, timeoutMs = FOREVER_MS }: FollowOptions,
): Promise<RunOutcome> {
  const heard: string[] = [];
  for (let attempt = 1;; attempt++) {
    const stream = agent.stream("run", request, { timeoutMs, signal });
    const listen = async () => {
      let at = 0;
      for await (const event of stream) await hear(heard, at++, event, attempt, emit);
    };
    const [listened, reply] = await Promise.allSettled([listen(), stream.reply]);
    if (listened.status === "fulfilled" && reply.status === "fulfilled") return reply.value;
    const [reason] = [listened, reply].flatMap((it) => it.status === "rejected" ? [it.reason] : []);
    if (signal.aborted || Fault.of(reason).code !== "died" || attempt === FOLLOW_ATTEMPTS) throw reason;
  }
}

async function hear(
  heard: string[],
  at: number,
  event: RunEvent,
  attempt: number,
  emit: Emit,
): Promise<void> {
  const text = JSON.stringify(event);
  if (heard[at] === text) return;
  if (at < heard.length) {
    heard.length = at;
    await emit({ type: "retry", agent: event.agent, reason: "the agent was restarted", attempt, delayMs: 0 });
  }
  heard.push(text);
  await emit(event);
}
