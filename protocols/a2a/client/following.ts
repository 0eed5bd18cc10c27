/**
 * Following a remote task to its end, or to its next question, through broken streams and deaths of either side.
 *
 * @module
 */
import type { StreamResponse } from "@a2a-js/sdk";
import type { Clock } from "../../../supervisor/actor/define.ts";
import type { Remote } from "./remote.ts";
import { ATTEMPTS, isNoSuchTask, pause, reasonOf, setbackOf, within } from "./setbacks.ts";
import { type News, type RemoteState, TaskView } from "./task_view.ts";

/** What came of a task, as journaled. */
export type Followed =
  | { readonly state: "completed"; readonly answer: string }
  | { readonly state: Exclude<RemoteState, "working" | "asking" | "completed">; readonly text: string }
  /** It asks `text`; `mark` tells this question from others. */
  | { readonly state: "asking"; readonly text: string; readonly mark: string }
  /** It took too long, and was canceled. */
  | { readonly state: "late" }
  /** It was canceled because our own run was stopped. */
  | { readonly state: "dropped" }
  /** It cannot be followed any more. */
  | { readonly state: "lost"; readonly text: string };

/** A stream that is open already, and what it brought so far. */
export interface OpenStream {
  readonly items: AsyncIterator<StreamResponse>;
  readonly view: TaskView;
  /** Ends it; harmless when repeated. */
  close(): void;
}

/** A task, and who follows it. */
export interface Following {
  readonly task: string;
  /** Mark of the question that was answered: the status it stood in is no news. */
  readonly answered: string;
  /** The stream the task was begun on, when it is still open. */
  readonly open: OpenStream | undefined;
  readonly clock: Clock;
  /** Milliseconds it may take. */
  readonly timeoutMs: number;
  /** Aborted when our run is stopped. */
  readonly signal: AbortSignal;
  connect(signal: AbortSignal): Promise<Remote>;
  /** Once we are stopped: whether nobody goes on with it in our place. */
  abandoned(): Promise<boolean>;
  /** Takes what is news. */
  tell(news: News): Promise<void>;
  /** For the operator. */
  warn(message: string): void;
}

/** Milliseconds without a word on a stream after which the agent is asked how it stands. */
const SILENCE_MS = 60_000;
/** Milliseconds a question may take to be answered. */
const ANSWER_MS = 30_000;
/** Milliseconds a cancellation may take: whoever stops us does not wait long. */
const CANCEL_MS = 3_000;

/**
 * Follows it. Where we give up, it is canceled.
 * @throws The reason of `signal` when somebody goes on with it in our place.
 */
export async function follow(on: Following): Promise<Followed> {
  const over = new AbortController();
  const late = new AbortController();
  on.clock.sleep(on.timeoutMs, over.signal).then(() => late.abort(), () => {}); // rejects when it was in time
  const signal = AbortSignal.any([on.signal, late.signal]);
  try {
    return await new Follower(on, signal).follow();
  } catch (error) {
    if (!signal.aborted) throw error;
    if (on.signal.aborted && !await on.abandoned()) throw on.signal.reason;
    await cancel(on);
    return { state: on.signal.aborted ? "dropped" : "late" };
  } finally {
    over.abort();
    on.open?.close();
  }
}

/** Tells the agent to stop; what keeps it from hearing that is told to the operator. */
export async function cancel(
  { connect, task, clock, warn }: Pick<Following, "connect" | "task" | "clock" | "warn">,
): Promise<void> {
  const regardless = new AbortController().signal; // of what stopped us
  try {
    await within(
      clock,
      CANCEL_MS,
      regardless,
      async (signal) => (await connect(signal)).cancel(task, signal),
    );
  } catch (error) {
    warn(`Cannot cancel the remote task ${task}: ${reasonOf(error)}`);
  }
}

class Follower {
  readonly #on: Following;
  readonly #signal: AbortSignal;
  readonly #view: TaskView;
  #heard = 0;

  constructor(on: Following, signal: AbortSignal) {
    this.#on = on;
    this.#signal = signal;
    this.#view = on.open?.view ?? new TaskView();
  }

  async follow(): Promise<Followed> {
    const { open, clock } = this.#on;
    let ended = open === undefined
      ? null
      : await this.#fromStream(open.items).catch((error) => this.#fail(error));
    for (let failures = 0, quiet = 0; ended === null;) {
      const before = this.#heard;
      try {
        ended = await this.#round();
        failures = 0;
      } catch (error) {
        this.#fail(error);
        failures = this.#heard > before ? 1 : failures + 1;
        if (isNoSuchTask(error) || setbackOf(error) === "denied" || failures === ATTEMPTS) {
          return { state: "lost", text: reasonOf(error) };
        }
      }
      quiet = this.#heard > before ? 1 : quiet + 1;
      if (ended === null) await pause(clock, Math.max(failures, quiet), this.#signal);
    }
    return ended;
  }

  /** What stops us is no failure of the agent's. */
  #fail(error: unknown): null {
    this.#signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    return null;
  }

  /** Asks how it stands, then listens where the agent tells; null when it goes on. */
  async #round(): Promise<Followed | null> {
    const { connect, task, clock } = this.#on;
    const [remote, now] = await within(clock, ANSWER_MS, this.#signal, async (signal) => {
      const remote = await connect(signal);
      return [remote, await remote.get(task, signal)];
    });
    const ended = await this.#tell(this.#view.takeTask(now));
    if (ended !== null || !remote.streams) return ended;
    const listening = new AbortController();
    try {
      const items = remote.subscribe(task, AbortSignal.any([this.#signal, listening.signal]));
      return await this.#fromStream(items[Symbol.asyncIterator]());
    } finally {
      listening.abort();
    }
  }

  /** Until its end, or until it has been silent for long. */
  async #fromStream(items: AsyncIterator<StreamResponse>): Promise<Followed | null> {
    const first = await this.#tell([]);
    if (first !== null) return first;
    for (;;) {
      const item = await this.#next(items);
      if (item === null) return null;
      const ended = await this.#tell(this.#view.take(item));
      if (ended !== null) return ended;
    }
  }

  async #next(items: AsyncIterator<StreamResponse>): Promise<StreamResponse | null> {
    const heard = new AbortController();
    const silence = this.#on.clock.sleep(SILENCE_MS, AbortSignal.any([this.#signal, heard.signal])).then(() =>
      null
    );
    const next = items.next().then(({ done, value }) => done ? null : value as StreamResponse);
    next.catch(() => {}); // nobody waits for it any more when we are stopped, or it is silent
    try {
      return await Promise.race([next, silence]);
    } finally {
      silence.catch(() => {}); // it rejects now
      heard.abort();
    }
  }

  async #tell(news: readonly News[]): Promise<Followed | null> {
    this.#heard += news.length;
    for (const one of news) await this.#on.tell(one);
    const { state, word: text, mark, answer } = this.#view;
    if (state === "working") return null;
    if (state === "completed") return { state, answer };
    if (state !== "asking") return { state, text };
    const isOld = mark !== "" && mark === this.#on.answered;
    return isOld ? null : { state, text, mark };
  }
}
