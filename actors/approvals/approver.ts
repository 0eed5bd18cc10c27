/**
 * The actor that passes questions on to a person and answers back. It decides nothing itself.
 *
 * Its worker has no permissions. A question waits as long as its asker does; when the last listener goes away, all that
 * wait are refused, and so is whatever is asked while there is none.
 *
 * @module
 */
import { Approval, type Question, type Verdict } from "../../protocols/messages/approval.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import { type ActorDefinition, defineActor, later, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

/** What it is started with. */
export interface ApproverOptions {
  /** Whoever knows it may listen and answer. */
  readonly key: string;
}

/** The reason when there is no listener. */
export const NOBODY = "nobody can answer here";

/** Answers `ask`, `questions` and `answer`; see {@linkcode Approval}. */
export const approver: ActorDefinition<typeof Approval, ApproverOptions> = defineActor({
  module: import.meta.url,
  protocol: Approval,
  init: ({ key }: ApproverOptions) => new Desk(key),
  handle: {
    ask: (desk, question, { newId, signal }) => later(desk, desk.ask(newId(), question, signal)),
    questions: (desk, { key }, context) =>
      later(desk, desk.listen(key, (item) => context.send(item), context.signal)),
    answer: (desk, { id, verdict }) => next(desk, desk.answer(id, verdict)),
  },
});

type Item = { readonly id: string; readonly question: Question | null };

interface Open {
  readonly question: Question;
  settle(verdict: Verdict): void;
}

/** Where questions lie until they are answered. */
class Desk {
  readonly #key: string;
  readonly #open = new Map<string, Open>();
  readonly #listeners = new Set<(item: Item) => void>();

  constructor(key: string) {
    this.#key = key;
  }

  ask(id: string, question: Question, asker: AbortSignal): Promise<Verdict> {
    if (this.#listeners.size === 0) return Promise.resolve(refused());
    const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
    const withdraw = () => {
      if (!this.#open.delete(id)) return;
      this.#tell({ id, question: null });
      reject(asker.reason);
    };
    asker.addEventListener("abort", withdraw, { once: true });
    this.#open.set(id, {
      question,
      settle(verdict) {
        asker.removeEventListener("abort", withdraw);
        resolve(verdict);
      },
    });
    this.#tell({ id, question });
    if (asker.aborted) withdraw();
    return promise;
  }

  answer(id: string, verdict: Verdict): boolean {
    const open = this.#open.get(id);
    this.#open.delete(id);
    open?.settle(verdict);
    if (open !== undefined) this.#tell({ id, question: null });
    return open !== undefined;
  }

  /** Resolves when the listener has gone. */
  listen(key: string, send: (item: Item) => Promise<void>, listener: AbortSignal): Promise<null> {
    if (key !== this.#key) throw new Fault("denied", "Cannot listen to questions: that is not the key");
    const { promise, resolve } = Promise.withResolvers<null>();
    const leave = () => {
      this.#listeners.delete(tell);
      if (this.#listeners.size === 0) this.#refuseAll();
      resolve(null);
    };
    const tell = (item: Item) => void send(item).catch(leave);
    this.#listeners.add(tell);
    if (listener.aborted) leave();
    else listener.addEventListener("abort", leave, { once: true });
    for (const [id, { question }] of this.#open) tell({ id, question });
    return promise;
  }

  #tell(item: Item): void {
    for (const tell of this.#listeners) tell(item);
  }

  #refuseAll(): void {
    for (const id of [...this.#open.keys()]) this.answer(id, refused());
  }
}

function refused(): Verdict {
  return { allowed: false, reason: NOBODY };
}

if (import.meta.main) serve(approver);
