/**
 * What goes wrong between us and a remote agent: what it means, and what can be done about it.
 *
 * @module
 */
import { Fault } from "../../../protocols/messages/fault.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import { plain } from "./plain.ts";

/** What a failed request means. */
export type Setback =
  /** It never got there. */
  | "unreached"
  /** It was answered with a no, which stays. */
  | "refused"
  /** The same, since we may not. */
  | "denied"
  /** Nobody knows what it came to. */
  | "unknown";

/** Tries of a request that may be made again. */
export const ATTEMPTS = 7;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
const REASON_CHARS = 300;

/** What {@linkcode guardedFetch} says, where it is not a plain no. */
const FAULTS: ReadonlyMap<string, Setback> = new Map([
  ["not_let_in", "denied"],
  ["too_big", "unknown"],
  ["timeout", "unknown"],
]);
/** How the platform says that nothing was sent. */
const NO_CONNECTION = /\bclient error \(Connect\)|\bdns error\b|\btcp connect error\b/;

/** Says which it is. */
export function setbackOf(error: unknown): Setback {
  if (error instanceof Fault) return FAULTS.get(error.code) ?? "refused";
  if (!(error instanceof Error)) return "unknown";
  const { statusCode = 500 } = error as { statusCode?: unknown };
  const isNo = ![undefined, "INTERNAL_ERROR"].includes(reasonCode(error)) || Number(statusCode) < 500;
  if (isNo || error.name === "NotCapable") return "refused";
  return NO_CONNECTION.test(wordsOf(error)) ? "unreached" : "unknown";
}

/** Whether the agent says that there is no such task. */
export function isNoSuchTask(error: unknown): boolean {
  return error instanceof Error && reasonCode(error) === "TASK_NOT_FOUND";
}

/** For people, in a line. */
export function reasonOf(error: unknown): string {
  return plain(wordsOf(error), REASON_CHARS).replace(/\s+/g, " ");
}

/** Waits longer each time: a quarter of a second, then twice as long, at most 5 s. `failures` counts from 1. */
export function pause(clock: Clock, failures: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)), signal);
}

/** A signal that is aborted `ms` after the other, unless it is ended before. */
export function delayed(clock: Clock, ms: number, signal: AbortSignal): { signal: AbortSignal; end(): void } {
  const [late, over] = [new AbortController(), new AbortController()];
  const wait = () => void clock.sleep(ms, over.signal).then(() => late.abort(signal.reason), () => {}); // it ended before
  if (signal.aborted) wait();
  else signal.addEventListener("abort", wait, { once: true, signal: over.signal });
  return { signal: late.signal, end: () => over.abort() };
}

/** Does it with a signal that is aborted after `ms` too. */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [late, over] = [new AbortController(), new AbortController()];
  const why = new Fault("timeout", `Cannot wait longer than ${ms / 1000} s for an answer`, {
    retry: "later",
  });
  clock.sleep(ms, over.signal).then(() => late.abort(why), () => {}); // rejects when it was in time
  try {
    return await act(AbortSignal.any([signal, late.signal]));
  } finally {
    over.abort();
  }
}

/** The platform says in the cause of an error why "fetch failed". */
function wordsOf(error: unknown): string {
  const { message, cause } = error instanceof Error ? error : Fault.of(error);
  return message === "fetch failed" && cause instanceof Error ? cause.message : message;
}

/** What the library's errors carry where the agent answered with one; its streams wrap them. */
function reasonCode(error: Error): string | undefined {
  for (const one of [error, error.cause]) {
    const { reason } = (one ?? {}) as { reason?: unknown };
    if (typeof reason === "string") return reason;
  }
}
