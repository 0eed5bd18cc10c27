/**
 * A call of a tool that may take several requests, because a person is asked in between.
 *
 * @module
 */
import type { CallToolResult, InputRequests, ServerContext } from "@modelcontextprotocol/server";
import type { Clock } from "../../../supervisor/actor/define.ts";
import { Fault } from "../../messages/fault.ts";
import type { Question, Verdict } from "../../messages/approval.ts";
import type { Person } from "../../../workspace/runtime/questions.ts";
import { elicitationOf, verdictOf } from "./elicitation.ts";
import { errorResult } from "./tool_results.ts";
import { DONE } from "./patient_response.ts";

/** What a call is doing, for whoever wants to hear of it; one that is empty says that it is alive. */
export interface Sign {
  readonly message?: string;
  /** How far it is, where it knows; grows. */
  readonly progress?: number;
  readonly total?: number;
}

/**
 * The work of a call. `signal` is aborted when nobody wants the result any more; without a `person` nobody can be asked.
 */
export type Work = (
  how: { signal: AbortSignal; person?: Person; tell(sign: Sign): void },
) => Promise<CallToolResult>;

/** How long calls may take. */
export interface Patience {
  readonly clock: Clock;
  /** Milliseconds without a sign of life. Default without bound. */
  readonly waitMs?: number;
}

/** What one request came to: the result, or what has to be answered first. */
export type Round = { readonly result: CallToolResult } | { readonly questions: InputRequests };

interface Asked {
  readonly question: Question;
  readonly answer: (verdict: Verdict) => void;
}

/** Why the work of a call is stopped when the server ends: a task then goes on with the next one. */
export const ENDING = new Fault("stopping", "Cannot go on with the call: the server is ending");

/** See the module. Its work begins with its first round. */
export class OpenCall {
  /** 128 random bits. */
  readonly id: string = crypto.getRandomValues(new Uint8Array(16)).toHex();
  /** Aborted once the work is done or given up. */
  readonly over: AbortSignal;
  readonly #patience: Patience;
  readonly #stop = new AbortController();
  readonly #result: Promise<CallToolResult>;
  readonly #asked = new Map<string, Asked>();
  #questions = 0;
  #woken = Promise.withResolvers<void>();
  #context: ServerContext | undefined;
  #progress = 0;
  #rounds = 0;
  #heardAt: number;

  /** With `asks` a person can be asked. */
  constructor(work: Work, asks: boolean, patience: Patience) {
    this.#patience = patience;
    this.#heardAt = patience.clock.now();
    const over = new AbortController();
    this.over = AbortSignal.any([this.#stop.signal, over.signal]);
    const tell = (sign: Sign) => this.#tell(sign);
    const person: Person = (question, withdrawn) => this.#ask(question, withdrawn);
    // Not before the first request is there to hear of it.
    this.#result = Promise.resolve().then(() =>
      work({ signal: this.#stop.signal, tell, ...(asks && { person }) })
    );
    const end = () => {
      over.abort(DONE);
      this.#asked.clear();
    };
    this.#result.then(end, end);
  }

  /** How many requests it has taken so far. */
  get rounds(): number {
    return this.#rounds;
  }

  /** Goes on with the answers that a request carries, until the result is there or something is asked. */
  async round(context: ServerContext): Promise<Round> {
    const { signal, inputResponses, envelope } = context.mcpReq;
    const giveUp = () => this.giveUp();
    this.#rounds++;
    this.#context = context;
    this.#hear(inputResponses);
    if (signal.aborted) this.giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    const ended = new AbortController();
    const silence = this.#silence(ended.signal);
    try {
      for (;;) {
        if (this.#asked.size > 0) return { questions: this.#open() };
        const result = await Promise.race([this.#result, this.#woken.promise, silence]);
        if (result !== undefined) return { result };
      }
    } finally {
      ended.abort(DONE);
      // A legacy client is asked while its request stands; a modern one ends it and comes back with another.
      if (envelope !== undefined) signal.removeEventListener("abort", giveUp);
    }
  }

  /** Nobody wants the result any more, or the server is {@linkcode ENDING}. */
  giveUp(reason?: Fault): void {
    this.#stop.abort(reason);
    for (const { answer } of this.#asked.values()) {
      answer({ allowed: false, reason: "the call was given up" });
    }
  }

  #ask(question: Question, withdrawn: AbortSignal): Promise<Verdict> {
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const key = `question-${++this.#questions}`;
    const answer = (verdict: Verdict) => {
      this.#asked.delete(key);
      resolve(verdict);
    };
    if (this.#stop.signal.aborted || withdrawn.aborted) {
      return Promise.resolve({ allowed: false, reason: "nobody waits for it any more" });
    }
    withdrawn.addEventListener("abort", () => answer({ allowed: false, reason: "withdrawn" }), {
      once: true,
    });
    this.#asked.set(key, { question, answer });
    this.#woken.resolve();
    this.#woken = Promise.withResolvers();
    return promise;
  }

  #hear(responses: Readonly<Record<string, unknown>> | undefined): void {
    for (const [key, { question, answer }] of [...this.#asked]) {
      const verdict = verdictOf(question, responses, key);
      if (verdict !== undefined) answer(verdict);
    }
  }

  /** Gives up once nothing was heard for too long; undefined when that is no matter any more. */
  async #silence(ended: AbortSignal): Promise<CallToolResult | undefined> {
    const { clock, waitMs } = this.#patience;
    if (waitMs === undefined) return await new Promise(() => {});
    this.#heardAt = clock.now();
    for (let left = waitMs; left > 0; left = this.#heardAt + waitMs - clock.now()) {
      await clock.sleep(left, ended).catch(() => {});
      if (ended.aborted) return undefined;
    }
    this.giveUp();
    return errorResult(`The call was given up: nothing was heard of it for ${waitMs / 1_000} seconds`);
  }

  #open(): InputRequests {
    return Object.fromEntries([...this.#asked].map(([key, { question }]) => [key, elicitationOf(question)]));
  }

  #tell({ message, progress, total }: Sign): void {
    this.#heardAt = this.#patience.clock.now();
    if (message === undefined && progress === undefined) return;
    const { progressToken } = this.#context?.mcpReq._meta ?? {};
    if (progressToken === undefined) return;
    this.#progress = Math.max(progress ?? this.#progress + 1, this.#progress);
    const params = {
      progressToken,
      progress: this.#progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    // Whoever has gone does not hear it.
    this.#context?.mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  }
}
