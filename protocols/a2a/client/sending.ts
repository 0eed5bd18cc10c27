/**
 * Saying something to a remote agent so that it is said once, also when a process dies in between.
 *
 * A message has an id of our making, and a message that begins a task a context of that name. When nobody knows whether it
 * arrived, the agent is asked for the task in that context; one that cannot say leaves it to a person. A message that
 * answers a question arrived unless the task still stands at that question.
 *
 * @module
 */
import type { StreamResponse } from "@a2a-js/sdk";
import type { ToolOutcome } from "../../../protocols/messages/tool.ts";
import { RunEnd } from "../../../actors/agents/ending.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import { cancel, type OpenStream } from "./following.ts";
import type { Outgoing, Remote, TaskName } from "./remote.ts";
import { ATTEMPTS, delayed, pause, reasonOf, setbackOf, within } from "./setbacks.ts";
import { TaskView } from "./task_view.ts";

/** What came of a message, as journaled. */
export type Sent =
  /** It is worked on. */
  | { readonly task: TaskName }
  /** It was answered at once. */
  | { readonly answer: string }
  /** It was not taken, or nobody knows. */
  | { readonly refused: string; readonly denied: boolean }
  /** Our run was stopped meanwhile, and its task canceled. */
  | { readonly dropped: true }
  /** What a person said of it, when nobody else knew whether it arrived. */
  | { readonly outcome: ToolOutcome };

/** A message to be said. */
export interface Sending {
  /** Of the agent. */
  readonly name: string;
  readonly message: Outgoing;
  /** Mark of the question it answers; empty for none. */
  readonly answers: string;
  /** Whether it may have been said before. */
  readonly begun: boolean;
  readonly clock: Clock;
  /** Milliseconds until something must have come of it. */
  readonly timeoutMs: number;
  /** Aborted when our run is stopped. */
  readonly signal: AbortSignal;
  connect(signal: AbortSignal): Promise<Remote>;
  /** Once we are stopped: whether nobody goes on with it in our place. */
  abandoned(): Promise<boolean>;
  /** For the operator. */
  warn(message: string): void;
}

/** Milliseconds we wait, once stopped, for the name of a task that was just begun: else nobody could cancel it. */
const NAME_MS = 2_000;

/** What came of it, and the stream that tells more of its task. */
export interface Opened {
  readonly sent: Sent;
  readonly open?: OpenStream;
}

/**
 * Says it.
 * @throws {RunEnd} `blocked` when only a person can say whether it was said before.
 */
export async function send(on: Sending): Promise<Opened> {
  const { clock, timeoutMs, signal, connect, warn } = on;
  const stopped = delayed(clock, NAME_MS, signal);
  try {
    const opened = await within(clock, timeoutMs, stopped.signal, (signal) => sendOnce(on, signal));
    if (!("task" in opened.sent) || !signal.aborted || !await on.abandoned()) return opened;
    opened.open?.close();
    await cancel({ connect, task: opened.sent.task.id, clock, warn });
    return { sent: { dropped: true } };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RunEnd) throw error;
    return { sent: refusal(on, error) };
  } finally {
    stopped.end();
  }
}

/** Before it is said we stop at once; from then on `signal` says when. */
async function sendOnce(on: Sending, signal: AbortSignal): Promise<Opened> {
  const { begun, clock } = on;
  const before = AbortSignal.any([signal, on.signal]);
  for (let failures = 1;; failures++) {
    try {
      const remote = await on.connect(before);
      const known = begun ? await foundBefore(on, remote, before) : null;
      before.throwIfAborted();
      return known === null ? await say(on, remote, signal) : { sent: { task: known } };
    } catch (error) {
      if (setbackOf(error) !== "unreached" || failures === ATTEMPTS) throw error;
      await pause(clock, failures, before);
    }
  }
}

/** The task that the message began or went on with before; null when it is known to have done neither. */
async function foundBefore(on: Sending, remote: Remote, signal: AbortSignal): Promise<TaskName | null> {
  const { message: { id, task }, answers, name } = on;
  if (task !== undefined) {
    const now = new TaskView();
    now.takeTask(await remote.get(task.id, signal));
    return now.state === "asking" && now.mark === answers ? null : task;
  }
  const known = await remote.begunBy(id, signal);
  if (known !== null) return { id: known.id, context: known.contextId };
  throw new RunEnd(
    "blocked",
    `A process died while the agent "${name}" was handed its task, so it may or may not be working on it. Find out, ` +
      "then resume the run with --assume done or --assume not-done",
  );
}

/** Up to the first word of it. */
async function say({ message }: Sending, remote: Remote, signal: AbortSignal): Promise<Opened> {
  const closing = new AbortController();
  const passOn = () => closing.abort(signal.reason);
  signal.addEventListener("abort", passOn, { once: true });
  const items = remote.send(message, closing.signal)[Symbol.asyncIterator]();
  const close = () => closing.abort();
  try {
    return await firstWord({ items, view: new TaskView(), close });
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", passOn);
  }
}

async function firstWord(open: OpenStream): Promise<Opened> {
  const { items, view } = open;
  const { done, value } = await items.next();
  if (done) throw new Error("it ended its answer before it said anything");
  view.take(value as StreamResponse);
  const { task, direct } = view;
  if (task.id !== "") return { sent: { task }, open };
  open.close();
  if (direct !== undefined) return { sent: { answer: direct } };
  throw new Error("it answered with neither a task nor a message");
}

function refusal({ name }: Sending, error: unknown): Sent {
  const setback = setbackOf(error);
  const why = reasonOf(error);
  if (setback === "denied") return { refused: why, denied: true };
  if (setback === "refused") return { refused: `it did not take the task: ${why}`, denied: false };
  if (setback === "unreached") return { refused: `it cannot be reached: ${why}`, denied: false };
  return { refused: `nobody knows whether ${name} took the task: ${why}`, denied: false };
}
