/**
 * The actor that is a remote A2A agent to everybody here: it answers `run` as a local agent does.
 *
 * Its worker may reach the one host of its agent and holds the one credential for it: start it with
 * {@linkcode grantFor} its card. What it journals lets a run go on with the same remote task after any death.
 *
 * @module
 */
import { Agent } from "../../../protocols/messages/agent.ts";
import type { Approval } from "../../../protocols/messages/approval.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { Journal } from "../../../protocols/messages/journal.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import { NOTHING_SPENT } from "../../../actors/agents/budget.ts";
import type { RunRequest } from "../../../actors/agents/follow.ts";
import { Journaled } from "../../../actors/agents/journaled.ts";
import { type Life, liveRun, type Player, type Playing } from "../../../actors/agents/run_life.ts";
import type { Fingerprint } from "../../../sandbox/secrets/fingerprint.ts";
import {
  type ActorDefinition,
  type Clock,
  type Context,
  defineActor,
  later,
  type Log,
} from "../../../supervisor/actor/define.ts";
import type { Permissions } from "../../../supervisor/actor/grant.ts";
import { serve } from "../../../supervisor/actor/serve.ts";
import { journalOver, patient } from "../../../supervisor/durable/journal.ts";
import { hostOf } from "./card.ts";
import { converse } from "./converse.ts";
import { type Connect, connector, type Reachable } from "./connector.ts";
import { Handovers } from "./handovers.ts";

/** Which agent it is, and whom it may turn to here. */
export interface RemoteAgentOptions extends Reachable {
  /** In events and questions. */
  readonly name: string;
  /** Milliseconds it may work on one message. */
  readonly timeoutMs: number;
  /** Where its runs are kept. */
  readonly journal: ActorRef<typeof Journal>;
  /** Who asks a person; null when nobody can be asked. */
  readonly approver: ActorRef<typeof Approval> | null;
  /** What is taken out of all it says. Default nothing. */
  readonly secrets?: readonly Fingerprint[];
}

/** What a run needs that is not in the options. */
export interface Circumstances {
  readonly clock: Clock;
  /** Aborted when nobody waits for the run any more, with code `caller_gone` when that may be about to come back. */
  readonly signal: AbortSignal;
  readonly log: Pick<Log, "warn">;
  send(event: RunEvent): Promise<void>;
}

/** What runs of one actor share. */
export interface Shared {
  readonly connect: Connect;
  readonly handovers: Handovers;
}

/** The permissions of a worker that asks the agent of that card. */
export function grantFor(card: string): Permissions {
  return { net: [hostOf(card)] };
}

/** Milliseconds a person may take to answer. */
const PERSON_MS = 600_000;
/** Milliseconds a dead asker may take to come back, before its task is canceled. */
const COME_BACK_MS = 3_000;

/**
 * The actor's behaviour without the actor: runs a task, goes on with it, or replays it.
 * @throws {Fault} as {@linkcode liveRun}.
 */
export function runRemote(
  options: RemoteAgentOptions,
  { connect, handovers }: Shared,
  request: RunRequest,
  circumstances: Circumstances,
): Promise<RunOutcome> {
  const { name, card, secrets } = options;
  const { clock, signal } = circumstances;
  const { run, parent, task, limits } = request;
  const host = hostOf(card);
  const lifeUntil = (taken: Promise<void>): Life => ({
    name,
    journal: patient(journalOver(options.journal), clock),
    world: { clock, signal, emit: (event) => circumstances.send(event) },
    ...(secrets === undefined ? {} : { secrets }),
    recordOf: (now) => ({
      run,
      ...(parent === undefined ? {} : { parent }),
      agent: name,
      task,
      setup: { remote: card },
      limits,
      startedAt: now,
      status: "running",
    }),
    startedEvent: () => ({ type: "run_started", agent: name, run, task, model: host, tools: [] }),
    player: (playing) => playerOf(options, connect, playing, circumstances, taken),
  });
  return handovers.take(run, (taken) => liveRun(lifeUntil(taken), request));
}

/** What a remote agent used is its own affair. */
function playerOf(
  { name, timeoutMs, approver, secrets }: RemoteAgentOptions,
  connect: Connect,
  { record: { run, task }, emit, signal, ...playing }: Playing,
  circumstances: Circumstances,
  taken: Promise<void>,
): Player {
  const { clock, log } = circumstances;
  // When the run is stopped nobody listens; what is journaled then must not fail because of that.
  const journaled = new Journaled({
    ...playing,
    ...(secrets === undefined ? {} : { secrets }),
    signal,
    emit: (event) => signal.aborted ? Promise.resolve() : emit(event),
  });
  const play = () =>
    converse({
      name,
      run,
      task,
      journaled,
      clock,
      signal,
      timeoutMs,
      connect,
      async ask(question, signal) {
        if (approver === null) return { allowed: false, reason: "nobody can answer here" };
        return await approver.call("ask", question, { signal, timeoutMs: PERSON_MS }).catch((error) => {
          if (!(error instanceof Fault) || error.code !== "timeout") throw error;
          return { allowed: false, reason: "nobody answered in time" };
        });
      },
      abandoned: () => isAbandoned(circumstances, taken),
      warn: (message) => log.warn(message),
    });
  return { play, lastText: "", spent: NOTHING_SPENT };
}

/** Whether nobody asks for the run any more: an asker that died is restarted, and asks again. */
async function isAbandoned({ clock, signal }: Circumstances, taken: Promise<void>): Promise<boolean> {
  if (!signal.aborted || Fault.of(signal.reason).code !== "caller_gone") return true;
  const over = new AbortController();
  const waited = clock.sleep(COME_BACK_MS, over.signal).then(() => true);
  waited.catch(() => {}); // it is not waited for to the end
  try {
    return await Promise.race([waited, taken.then(() => false)]);
  } finally {
    over.abort();
  }
}

/** Answers `run`, any number of them at once. */
export const remoteAgent: ActorDefinition<typeof Agent, RemoteAgentOptions> = defineActor({
  module: import.meta.url,
  protocol: Agent,
  async init(options: RemoteAgentOptions, { clock }: Context) {
    const connect = connector(await import("@a2a-js/sdk/client"), options, clock);
    return { options, shared: { connect, handovers: new Handovers() } };
  },
  handle: {
    run: (state, request, context) => later(state, runRemote(state.options, state.shared, request, context)),
  },
});

if (import.meta.main) {
  // deno-lint-ignore no-console -- the library prints what a remote sent, as it came
  console.error = () => {};
  serve(remoteAgent);
}
