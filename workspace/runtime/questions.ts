/**
 * What tools ask of a person, on its way from the approver to whoever watches the run.
 *
 * @module
 */
import type { Approval, Question, Verdict } from "../../protocols/messages/approval.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { FOREVER_MS } from "../../actors/agents/follow.ts";

/** Answers a question; `withdrawn` is aborted when nobody wants the answer any more. */
export type Person = (question: Question, withdrawn: AbortSignal) => Promise<Verdict>;

/** The questions of one run. */
export interface Questions {
  /** Has them answered by `person` until the function returned is called. While nobody answers they are refused. */
  answeredBy(person: Person): () => void;
}

/** Of a run in which nothing is asked. */
export const NO_QUESTIONS: Questions = { answeredBy: () => () => {} };

/** The questions of an approver, to whoever knows its key. */
export function questionsAt(approver: ActorRef<typeof Approval>, key: string): Questions {
  return {
    answeredBy(person) {
      const leaving = new AbortController();
      void listen(approver, key, person, leaving.signal);
      return () => leaving.abort();
    },
  };
}

/** Until told to stop, or the approver is gone for good; one that died and came back is listened to again. */
async function listen(
  approver: ActorRef<typeof Approval>,
  key: string,
  person: Person,
  signal: AbortSignal,
): Promise<void> {
  const open = new Map<string, AbortController>();
  for (let gone = false; !gone;) {
    const stream = approver.stream("questions", { key }, { timeoutMs: FOREVER_MS, signal });
    stream.reply.catch(() => {}); // the loop fails alike
    try {
      for await (const { id, question } of stream) {
        open.get(id)?.abort();
        open.delete(id);
        if (question !== null) void ask(approver, id, question, person, opened(open, id));
      }
      gone = true;
    } catch (error) {
      gone = signal.aborted || Fault.of(error).code !== "died";
    }
    for (const withdrawn of open.values()) withdrawn.abort();
    open.clear();
  }
}

function opened(open: Map<string, AbortController>, id: string): AbortSignal {
  const withdrawn = new AbortController();
  open.set(id, withdrawn);
  return withdrawn.signal;
}

/** An answer that cannot be given is a question that stays open until its asker gives up. */
async function ask(
  approver: ActorRef<typeof Approval>,
  id: string,
  question: Question,
  person: Person,
  withdrawn: AbortSignal,
): Promise<void> {
  const verdict = await person(question, withdrawn).catch((error): Verdict => ({
    allowed: false,
    reason: `the question could not be put: ${Fault.of(error).message}`,
  }));
  if (!withdrawn.aborted) await approver.call("answer", { id, verdict }).catch(() => false);
}
