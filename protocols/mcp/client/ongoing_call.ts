/**
 * A call at work: how long it may take, what its caller hears of it, what the server wants to know meanwhile.
 *
 * @module
 */
import type { Verdict } from "../../messages/approval.ts";
import { Fault } from "../../messages/fault.ts";
import type { ServerItem } from "../../messages/mcp_connection.ts";
import { OUTPUT_CHARS } from "../../messages/tool.ts";
import type { StreamContext } from "../../../supervisor/actor/define.ts";
import { QUESTION_CHARS, QUESTIONS, visible } from "./bounds.ts";
import { readableForm } from "./readable.ts";

/** Something to be filled in. */
export interface Form {
  /** What is wanted. */
  readonly message: string;
  /** JSON Schema of an object. */
  readonly form: Record<string, unknown>;
}

/** Milliseconds between two items of progress: what comes in between is left out. */
const PROGRESS_MS = 50;

/** See the module's words. */
export class OngoingCall {
  /** Aborted when the caller gave up, or the server gave no sign of progress for too long. */
  readonly signal: AbortSignal;
  /** Whether the server may have heard of it. */
  isBegun = false;
  readonly #stream: StreamContext<ServerItem>;
  readonly #patienceMs: number;
  readonly #impatient = new AbortController();
  readonly #questions = new Map<string, (verdict: Verdict) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #outputLeft = OUTPUT_CHARS;
  #nextProgress = 0;
  #over = false;

  /** Begins to wait: at most `patienceMs` between two signs of progress, not counting the time of questions. */
  constructor(stream: StreamContext<ServerItem>, patienceMs: number) {
    this.#stream = stream;
    this.#patienceMs = patienceMs;
    this.signal = AbortSignal.any([stream.signal, this.#impatient.signal]);
    this.#wait();
  }

  /** Whether it was the server that took too long. */
  get tookTooLong(): boolean {
    return this.#impatient.signal.aborted;
  }

  /** The server has come so far. */
  progress(progress: number, total: number | undefined, message: string | undefined): void {
    this.#wait();
    if (Date.now() < this.#nextProgress && progress !== total) return;
    this.#nextProgress = Date.now() + PROGRESS_MS;
    const said = message === undefined ? {} : { message: visible(message).slice(0, 1_000) };
    this.#stream.push({ type: "progress", progress, ...(total === undefined ? {} : { total }), ...said });
  }

  /** The server logs something. */
  output(text: string): void {
    const shown = visible(text).slice(0, this.#outputLeft);
    this.#outputLeft -= shown.length;
    if (shown !== "" && !this.#over) this.#stream.push({ type: "output", channel: "stderr", text: shown });
  }

  /**
   * Asks the caller. `withdrawn` is aborted when the server wants to know no longer.
   * @throws {Fault} code `too_much`, `over`; the reason of `withdrawn`.
   */
  async ask(form: Form, withdrawn: AbortSignal): Promise<Verdict> {
    if (this.#over) throw new Fault("over", "Cannot ask anybody: the call is over");
    if (this.#questions.size >= QUESTIONS || JSON.stringify(form).length > QUESTION_CHARS) {
      throw new Fault("too_much", "Cannot ask anybody: that is too much to be asked");
    }
    const question = { message: visible(form.message), form: readableForm(form.form) };
    const id = this.#stream.newId();
    const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
    const given = AbortSignal.any([withdrawn, this.signal]);
    const giveUp = () => reject(given.reason);
    given.addEventListener("abort", giveUp, { once: true });
    this.#questions.set(id, resolve);
    clearTimeout(this.#timer);
    this.#stream.push({ type: "question", id, question });
    try {
      if (given.aborted) giveUp();
      return await promise;
    } finally {
      given.removeEventListener("abort", giveUp);
      if (this.#questions.delete(id) && given.aborted) {
        this.#stream.push({ type: "question", id, question: null });
      }
      this.#wait();
    }
  }

  /** What a person said; false when it is not this call that asked. */
  answer(id: string, verdict: Verdict): boolean {
    const settle = this.#questions.get(id);
    settle?.(verdict);
    return settle !== undefined;
  }

  /** It is answered. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#over || this.#questions.size > 0) return;
    this.#timer = setTimeout(() => this.#impatient.abort(), this.#patienceMs);
  }
}
