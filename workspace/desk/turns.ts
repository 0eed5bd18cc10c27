/**
 * Tools that may ask a person, one call at a time: so it is known whom a question is for.
 *
 * @module
 */
import type { Approval, Question, Verdict } from "../../protocols/messages/approval.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { NOBODY } from "../../actors/approvals/approver.ts";
import { type Person, questionsAt } from "../runtime/questions.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** See the module's words. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();
  readonly #asker = new Map<string, Person | undefined>();
  #stop: (() => void) | undefined;
  #heard: ActorRef<typeof Approval> | undefined;

  /** Answers what is asked there, from now on. */
  listen(approver: ActorRef<typeof Approval>, key: string): void {
    if (this.#heard === approver) return;
    this.#stop?.();
    this.#heard = approver;
    this.#stop = questionsAt(approver, key).answeredBy((question, withdrawn) =>
      this.#ask(question, withdrawn)
    );
  }

  /** Hears no more questions. */
  close(): void {
    this.#stop?.();
  }

  /**
   * Calls when the calls of that tool before it are over; what it asks goes to `person`.
   * @throws the signal's reason when it is aborted before.
   */
  async take<Result>(
    tool: string,
    person: Person | undefined,
    signal: AbortSignal,
    call: () => Promise<Result>,
  ): Promise<Result> {
    const before = this.#last.get(tool) ?? Promise.resolve();
    const over = Promise.withResolvers<void>();
    this.#last.set(tool, before.then(() => over.promise));
    try {
      await unlessAborted(before, signal);
      this.#asker.set(tool, person);
      return await call();
    } finally {
      over.resolve();
    }
  }

  #ask(question: Question, withdrawn: AbortSignal): Promise<Verdict> {
    const person = this.#asker.get(question.tool);
    return person?.(question, withdrawn) ?? Promise.resolve({ allowed: false, reason: NOBODY });
  }
}
