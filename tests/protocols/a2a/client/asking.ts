/**
 * Runs of a remote agent in this thread, with a journal in memory and time that a test moves.
 *
 * @module
 */
import * as sdk from "@a2a-js/sdk/client";
import type { RunRequest } from "../../../../actors/agents/follow.ts";
import { connector } from "../../../../protocols/a2a/client/connector.ts";
import { Handovers } from "../../../../protocols/a2a/client/handovers.ts";
import { type RemoteAgentOptions, runRemote } from "../../../../protocols/a2a/client/remote_agent.ts";
import type { Approval, Question, Verdict } from "../../../../protocols/messages/approval.ts";
import { Fault } from "../../../../protocols/messages/fault.ts";
import type { ActorRef } from "../../../../protocols/messages/ref.ts";
import type { RunEvent, RunOutcome } from "../../../../protocols/messages/run.ts";
import { clock as realClock } from "../../../../supervisor/actor/context.ts";
import type { Clock } from "../../../../supervisor/actor/define.ts";
import type { JournalPort, OwnedJournal } from "../../../../supervisor/durable/journal.ts";
import { memoryJournal } from "../../../../supervisor/durable/memory_journal.ts";
import { fakeRef, journalRef } from "../../../actors/agents/fakes.ts";

/** Answers a question; null is nobody there. */
export type Person = (question: Question) => Verdict | Promise<Verdict>;

/** How a run is asked for. */
export interface Asking extends Partial<Pick<RunRequest, "run" | "limits" | "replay">> {
  readonly journal?: JournalPort;
  readonly person?: Person;
  readonly options?: Partial<RemoteAgentOptions>;
  readonly clock?: Clock;
  readonly caller?: AbortController;
  readonly onEvent?: (event: RunEvent) => void;
  /** Shared by runs of one actor. Default a new one. */
  readonly handovers?: Handovers;
}

/** What came of it. */
export interface Told {
  readonly outcome: RunOutcome;
  readonly events: readonly RunEvent[];
  readonly questions: readonly Question[];
  readonly warnings: readonly string[];
}

/** Runs a task at the agent of that card. */
export async function ask(card: string, task: string, asking: Asking = {}): Promise<Told> {
  const { journal = memoryJournal(), caller = new AbortController(), clock = realClock } = asking;
  const [events, questions, warnings]: [RunEvent[], Question[], string[]] = [[], [], []];
  const options: RemoteAgentOptions = {
    name: "weather",
    card,
    timeoutMs: 30_000,
    journal: journalRef(journal as OwnedJournal),
    approver: asking.person === undefined ? null : approver(asking.person, questions),
    ...asking.options,
  };
  const request: RunRequest = {
    run: asking.run ?? "r.1",
    parent: "r",
    task,
    limits: asking.limits ?? { turns: 5 },
    replay: asking.replay ?? false,
  };
  const { handovers = new Handovers() } = asking;
  const shared = { connect: connector(sdk, options, clock), handovers };
  const outcome = await runRemote(options, shared, request, {
    clock,
    signal: caller.signal,
    log: { warn: (message) => warnings.push(message) },
    send(event) {
      if (caller.signal.aborted) return Promise.reject(new Fault("over", "nobody listens"));
      events.push(event);
      asking.onEvent?.(event);
      return Promise.resolve();
    },
  });
  return { outcome, events, questions, warnings };
}

function approver(person: Person, questions: Question[]): ActorRef<typeof Approval> {
  return fakeRef("approver", {
    call: async (_name, question) => {
      questions.push(question as Question);
      return await person(question as Question);
    },
  });
}
