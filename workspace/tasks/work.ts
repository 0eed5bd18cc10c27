/**
 * The work on one task: its run, played by the runtime until the task is over or must be left to the next process.
 *
 * @module
 */
import type { Verdict } from "../../protocols/messages/approval.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { RunOutcome } from "../../protocols/messages/run.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { RunHandle, Runtime } from "../runtime/runtime.ts";
import type { LiveTask } from "./live_task.ts";
import { STATE_AFTER } from "./standing.ts";
import type { Turnstile } from "./turnstile.ts";
import { assumptionOf, stillWaited, wasItDone } from "./was_it_done.ts";

/** What it takes. */
export interface Workshop {
  readonly runtime: Pick<Runtime, "start" | "resume" | "show">;
  readonly turnstile: Turnstile;
  readonly clock: Clock;
}

/** Milliseconds after which a run that another process works on is looked at again. */
export const LOCKED_MS = 1_000;

/** Works on it until it is over or left; `handle` is that of its run when it was started, and let in, already. */
export async function work(workshop: Workshop, live: LiveTask, handle?: RunHandle): Promise<void> {
  for (let begun = handle;; begun = undefined) {
    try {
      const outcome = await play(workshop, live, begun);
      if (await settled(workshop, live, outcome)) return;
    } catch (error) {
      if (await over(workshop, live, Fault.of(error))) return;
    }
  }
}

/** What became of a task that is to be stopped for good. */
export async function endCanceled(
  { runtime }: Workshop,
  live: LiveTask,
  outcome?: RunOutcome,
): Promise<void> {
  await live.end("canceled", outcome ?? (await runtime.show(live.record.id))?.record.outcome);
}

/** Null when it was left before its run was begun, or begun again. */
async function play(workshop: Workshop, live: LiveTask, begun?: RunHandle): Promise<RunOutcome | null> {
  if (begun === undefined) await live.anew();
  if (begun === undefined && !await workshop.turnstile.enter(live.leaving)) return null;
  try {
    const handle = begun ?? await goOn(workshop, live);
    return "status" in handle ? handle : await follow(live, handle);
  } finally {
    workshop.turnstile.leave();
  }
}

/** Begins the run, or goes on with it where it stands in the journal; an end that is recorded there holds. */
async function goOn({ runtime }: Workshop, live: LiveTask): Promise<RunHandle | RunOutcome> {
  const { id, text, limits, said } = live.record;
  const known = await runtime.show(id);
  if (known === null) return await runtime.start(text, limits, { run: id });
  live.onlyWaited = stillWaited(known.entries, live.leftAsking);
  live.leftAsking = [];
  const { status, outcome, endedAt } = known.record;
  const resumed = status === "blocked" && said?.endedAt === endedAt ? said?.assumption : undefined;
  const ended = status !== "running" && status !== "interrupted" && resumed === undefined;
  return ended && outcome !== undefined ? outcome : await runtime.resume(id, {}, resumed);
}

async function follow(live: LiveTask, handle: RunHandle): Promise<RunOutcome> {
  const unheard = handle.questions.answeredBy((question, withdrawn) => live.ask(question, withdrawn));
  const interrupt = () => handle.interrupt();
  live.leaving.addEventListener("abort", interrupt, { once: true });
  if (live.leaving.aborted) interrupt();
  try {
    for await (const event of handle.events) live.hear(event);
    return await handle.outcome;
  } finally {
    live.leaving.removeEventListener("abort", interrupt);
    unheard();
  }
}

/** Whether nothing more is to be done after this. */
async function settled(workshop: Workshop, live: LiveTask, outcome: RunOutcome | null): Promise<boolean> {
  const state = outcome && STATE_AFTER[outcome.status];
  if (outcome !== null && state !== null) await live.end(state, outcome);
  else if (live.record.canceled) await endCanceled(workshop, live, outcome ?? undefined);
  else if (outcome?.status === "blocked" && !live.leaving.aborted) {
    return await unblocked(workshop, live, outcome);
  } else live.rest();
  return true;
}

/** Asks what only a person can know. */
async function unblocked({ runtime }: Workshop, live: LiveTask, outcome: RunOutcome): Promise<boolean> {
  const verdict = live.onlyWaited ? NOT_DONE : await live.ask(wasItDone(outcome), live.leaving);
  if (live.leaving.aborted) return false;
  const assumption = assumptionOf(verdict);
  if (assumption === null) await live.end("rejected", outcome);
  else {
    const { endedAt = 0 } = (await runtime.show(live.record.id))!.record;
    await live.note({ said: { assumption, endedAt } });
  }
  return assumption === null;
}

const NOT_DONE: Verdict = { allowed: true, reason: "it waited for a permission", content: { done: false } };

/** Codes of what a person sets right, or a new disk. */
const FOR_A_PERSON = /^(no_model$|config_|store_)/;

/** A run that could not be begun, or whose end is not known. What a person can set right waits for the next process. */
async function over(workshop: Workshop, live: LiveTask, fault: Fault): Promise<boolean> {
  const { code, message } = fault;
  if (live.record.canceled) await live.end("canceled");
  else if (live.leaving.aborted || FOR_A_PERSON.test(code)) live.rest();
  else if (code === "run_locked") return await waited(workshop, live);
  else await live.end("failed", { status: "failed", answer: "", reason: message, spent: NOTHING_SPENT });
  return true;
}

/** Another process works on it, and may end it, cancel it, or die; who has to leave meanwhile is let out at the turnstile. */
async function waited({ clock }: Workshop, live: LiveTask): Promise<boolean> {
  await clock.sleep(LOCKED_MS, live.leaving).catch(() => {});
  return await live.refresh();
}

const NOTHING_SPENT = { turns: 0, inputTokens: 0, outputTokens: 0, nanoUsd: 0 };
