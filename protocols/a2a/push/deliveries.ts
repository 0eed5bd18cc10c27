/**
 * Notifications on their way: each webhook gets its own in order, tried again with growing waits, and loses its place
 * when they keep failing.
 *
 * @module
 */
import type { Clock } from "../../../supervisor/actor/define.ts";
import { credentialHeaders } from "./credentials.ts";
import { type Gate, Refusal } from "./destination.ts";
import type { Notice } from "./notice.ts";
import type { Post } from "./post.ts";
import { Slots } from "./slots.ts";
import type { Webhook, Webhooks } from "./webhooks.ts";

/** What delivering needs and keeps to. */
export interface DeliveryOptions {
  readonly webhooks: Webhooks;
  readonly gate: Gate;
  readonly post: Post;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Of one try, from resolving the name to the end of the answer. Milliseconds. */
  readonly timeoutMs: number;
  /** Tries in flight, all webhooks together. */
  readonly atOnce: number;
  /** Told what did not arrive, one line each; it names no secret. */
  readonly report: (line: string) => void;
}

/** Tries of one notification. */
export const TRIES = 6;
/** Notifications in a row that may fail until their webhook is removed. */
export const MOST_FAILURES = 5;
/** Before the second try; each further wait is twice as long. A random half is left out. Milliseconds. */
const FIRST_WAIT_MS = 1000;

/** Notifications that may wait for one webhook; the oldest are left out. */
const MOST_WAITING = 100;
/** Memory they may take, bytes; the last one is kept in any case. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024;

/** Statuses that say the same thing may be accepted later. All other bad ones are for good. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** See the module. */
export class Deliveries {
  readonly #options: DeliveryOptions;
  readonly #slots: Slots;
  /** What waits, by key of the webhook; there while somebody works on it. */
  readonly #waiting = new Map<string, Notice[]>();
  readonly #working = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#slots = new Slots(options.atOnce);
  }

  /** To be sent to a webhook once those before it are through. */
  add(key: string, notice: Notice): void {
    if (this.#closing.signal.aborted) return;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.push(notice);
      shorten(waiting);
      return;
    }
    this.#waiting.set(key, [notice]);
    const work = this.#work(key).catch((error) => {
      if (!this.#closing.signal.aborted) this.#options.report(`Cannot notify anybody: ${sentence(error)}`);
    }).finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  /** Drops what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the service is ending"));
    await Promise.all(this.#working);
  }

  async #work(key: string): Promise<void> {
    const { webhooks } = this.#options;
    const waiting = this.#waiting.get(key)!;
    try {
      for (let notice = waiting.shift(); notice !== undefined; notice = waiting.shift()) {
        const webhook = await webhooks.get(key);
        if (webhook === null) return;
        if (await this.#deliver(webhook, notice)) {
          if (webhook.failures > 0 || notice.final) {
            await webhooks.note(key, { failures: 0, done: notice.final });
          }
        } else if (!await this.#keeps(webhook)) return;
      }
    } finally {
      this.#waiting.delete(key);
    }
  }

  /** Whether it arrived. */
  async #deliver(webhook: Webhook, notice: Notice): Promise<boolean> {
    const { clock, random, report } = this.#options;
    for (let tried = 1;; tried++) {
      const failure = await this.#slots.use(() => this.#try(webhook, notice));
      if (failure === null) return true;
      this.#closing.signal.throwIfAborted();
      if (!failure.passing || tried === TRIES) {
        report(`Cannot notify ${hostOf(webhook)} of task ${webhook.taskId}: ${failure.reason}`);
        return false;
      }
      const wait = FIRST_WAIT_MS * 2 ** (tried - 1);
      await clock.sleep(wait / 2 + random() * wait / 2, this.#closing.signal);
    }
  }

  /** Null when it arrived. */
  async #try({ config, version }: Webhook, { bodies }: Notice): Promise<Failure | null> {
    const { gate, post } = this.#options;
    const { body, contentType } = bodies[version];
    try {
      return await this.#inTime(async (signal) => {
        signal.throwIfAborted();
        const headers = { ...credentialHeaders(config), "content-type": contentType };
        const status = await post(await gate.resolve(config.url), { headers, body }, signal);
        if (status >= 200 && status < 300) return null;
        return { reason: `it answered ${status}`, passing: PASSING.has(status) };
      });
    } catch (error) {
      return { reason: sentence(error), passing: !(error instanceof Refusal) };
    }
  }

  /** `step`, but no longer than the timeout and the service last. */
  async #inTime<T>(step: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#closing.signal]);
    const ended = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => ended.reject(signal.reason), { once: true });
    const time = clock.sleep(timeoutMs, signal).then(
      () => over.abort(new Error(`it took longer than ${timeoutMs} ms`)),
      () => {},
    );
    try {
      return await Promise.race([step(signal), ended.promise]);
    } finally {
      over.abort();
      await time;
    }
  }

  /** Counts a failure; whether the webhook stays in spite of it. */
  async #keeps({ key, owner, taskId, config, failures }: Webhook): Promise<boolean> {
    const { webhooks, report } = this.#options;
    if (failures + 1 < MOST_FAILURES) {
      await webhooks.note(key, { failures: failures + 1 });
      return true;
    }
    await webhooks.remove(owner, taskId, config.id);
    report(`A webhook of task ${taskId} is removed: ${MOST_FAILURES} notifications in a row failed`);
    return false;
  }
}

/** Why something did not arrive, and whether it may with time. */
interface Failure {
  readonly reason: string;
  readonly passing: boolean;
}

function shorten(waiting: Notice[]): void {
  let bytes = waiting.reduce((sum, { size }) => sum + size, 0);
  while (waiting.length > 1 && (waiting.length > MOST_WAITING || bytes > MOST_WAITING_BYTES)) {
    bytes -= waiting.shift()!.size;
  }
}

function hostOf({ config }: Webhook): string {
  return new URL(config.url).host;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
