/**
 * Runs a program of the corpus and says what did not hold. What it says of itself does not count: only what can be
 * seen from outside does.
 *
 * @module
 */
import type { Bait } from "./bait.ts";
import type { Expected, Field, Program, Step } from "./programs.ts";
import type { Answer, Call, Subject } from "./subject.ts";

/** Milliseconds after its limit by which a call must have been answered. */
export const LATE_MS = 1_000;
/** Characters of a whole answer, whatever was printed. */
const LONGEST = 1_000_000;
/** What a program prints as its value or to stdout when it has got somewhere it must not be. */
const BREACH = "BREACH";
/** Kinds of errors the tool may answer with. */
const KINDS = ["exception", "timeout", "memory", "stopped", "denied"];
/** For calls that are no test of a limit. */
const CALM_MS = 5_000;

/** A program's run. */
export interface Verdict {
  /** Empty when all held. */
  readonly broken: readonly string[];
  /** Milliseconds from the first call of the program to the last answer. */
  readonly tookMs: number;
  /** Milliseconds the latest call of its open session was answered after its limit; negative where all were in time. */
  readonly latestMs: number;
  /** Whether a fresh interpreter did not answer as it should: what follows would be judged for this program. */
  readonly spoiled: boolean;
}

/** Programs run one after the other. */
export interface Lane {
  judge(program: Program): Promise<Verdict>;
}

/** Makes room for the next program of a session that lasts, and keeps a name. */
const KEEP = `
for name in [name for name in globals() if not name.startswith("__")]:
    del globals()[name]
import gc, os, shutil
gc.collect()
for folder in filter(os.path.isdir, ("/tmp", "/workspace")):
    os.chdir(folder)
    for name in os.listdir(folder):
        os.remove(name) if os.path.islink(name) or not os.path.isdir(name) else shutil.rmtree(name)
corpus_kept = 6 * 7`;
/** What must then be there. */
const KEPT = "corpus_kept";

let sessions = 0;

/**
 * Programs whose session must survive share one, in which a name is kept, and the next call is one of a session that
 * has nothing to do with it. The others have one of their own, which has answered before: that was the call of a fresh
 * interpreter after the program before.
 */
export function hostileLane(subject: Subject, bait: Bait, secret: string): Lane {
  const lasting = `corpus-${++sessions}`, bystander = `corpus-${++sessions}`;
  let ready: string | undefined;
  const open = async () => await firstCall(subject, ready = `corpus-${++sessions}`);
  return {
    async judge(program) {
      const started = performance.now();
      if (program.survives) await answered(subject.run(KEEP, { session: lasting, timeoutMs: CALM_MS }));
      else if (ready === undefined && !program.sessionless) await open();
      const session = program.sessionless ? undefined : program.survives ? lasting : ready;
      const { broken, latestMs } = await callAll(subject, program, bait, secret, session);
      const after = session === undefined ? [] : await sessionAfter(subject, program, session);
      const fresh = program.survives
        ? await firstCall(subject, bystander)
        : session !== undefined
        ? await open()
        : program.steps.at(-1)!.where === "a fresh interpreter"
        ? [] // its last call was just that
        : await firstCall(subject, session);
      broken.push(...after, ...fresh, ...bait.touched());
      return { broken, latestMs, tookMs: performance.now() - started, spoiled: fresh.length > 0 };
    },
  };
}

/** All programs share one session: they have nothing to hide from each other. */
export function ordinaryLane(subject: Subject, bait: Bait, secret: string): Lane {
  const session = `corpus-${++sessions}`;
  return {
    async judge(program) {
      const started = performance.now();
      const { broken, latestMs } = await callAll(subject, program, bait, secret, session);
      return { broken, latestMs, tookMs: performance.now() - started, spoiled: false };
    },
  };
}

async function callAll(
  subject: Subject,
  { steps }: Program,
  bait: Bait,
  secret: string,
  session: string | undefined,
): Promise<{ broken: string[]; latestMs: number }> {
  const broken: string[] = [];
  let latestMs = -Infinity;
  for (const step of steps) {
    const began = performance.now();
    const call: Call = { ...place(step, session), timeoutMs: step.limitMs };
    const answer = await answered(subject.run(bait.place(step.code), call));
    // Only where an interpreter is there already: starting one is no part of what the program does.
    if (call.session === session && session !== undefined) {
      latestMs = Math.max(latestMs, performance.now() - began - step.limitMs);
    }
    broken.push(...complaints(answer, step, secret));
  }
  return { broken, latestMs };
}

function place({ where }: Step, session: string | undefined): { session?: string } {
  if (session === undefined || where === "a fresh interpreter") return {};
  return { session: where === "another session" ? `${session}-other` : session };
}

/** The session answers, and has what it kept where it must have survived. */
async function sessionAfter(subject: Subject, { survives }: Program, session: string): Promise<string[]> {
  const code = survives ? KEPT : "6 * 7";
  const same = await answered(subject.run(code, { session, timeoutMs: CALM_MS }));
  if (typeof same === "string") return [`the session's next call: ${same}`];
  return survives && same.value !== "42" ? [`the session did not go on: ${JSON.stringify(same)}`] : [];
}

/** The first call of a session, or one without: it is as if nothing had been. */
async function firstCall(subject: Subject, session: string | undefined): Promise<string[]> {
  const call = session === undefined ? {} : { session };
  const fresh = await answered(subject.run("6 * 7", { ...call, timeoutMs: CALM_MS }));
  if (typeof fresh === "string") return [`the next call of all: ${fresh}`];
  const { stdout, stderr, value, error } = fresh;
  const right = value === "42" && stdout === "" && stderr === "" && error === undefined;
  return right
    ? []
    : [`the next call of all was not answered correctly: ${JSON.stringify(fresh).slice(0, 300)}`];
}

async function answered(running: Promise<Answer>): Promise<Answer | string> {
  try {
    return await running;
  } catch (error) {
    return `no answer: ${(error as Error).message}`;
  }
}

function complaints(answer: Answer | string, step: Step, secret: string): string[] {
  if (typeof answer === "string") return [answer];
  const text = JSON.stringify(answer);
  const broken: string[] = [];
  if (text.includes(secret)) broken.push("it got the secret");
  if (`${answer.stdout}${answer.value}`.includes(BREACH)) {
    broken.push(`it got through: ${answer.stdout.slice(0, 300)}${answer.value?.slice(0, 300) ?? ""}`);
  }
  if (text.length > LONGEST) broken.push(`its answer has ${text.length} characters`);
  if (!wellFormed(answer)) return [...broken, `it is no answer: ${text.slice(0, 300)}`];
  const kind = answer.error?.kind ?? "none";
  if (step.error !== undefined && !step.error.includes(kind)) {
    broken.push(`it ended with "${kind}": ${(answer.error?.message ?? text).slice(0, 300)}`);
  }
  return [...broken, ...step.expected.filter((one) => !meets(answer, one)).map((one) => said(answer, one))];
}

/** Typed as the tool says, with nothing else in it: a forged or damaged reply would show here. */
function wellFormed(answer: Answer): boolean {
  const { stdout, stderr, value, files = [], files_omitted = 0, error, ...more } = answer;
  const texts = [stdout, stderr, ...(error === undefined ? [] : [error.message, error.traceback])];
  return texts.every((one) => typeof one === "string") && (value === null || typeof value === "string") &&
    Array.isArray(files) && typeof files_omitted === "number" &&
    (error === undefined || KINDS.includes(error.kind)) &&
    Object.keys(more).length === 0;
}

function meets(answer: Answer, { field, is, not }: Expected): boolean {
  const text = textOf(answer, field);
  const same = is instanceof RegExp ? is.test(text ?? "") : (text ?? null) === is;
  return same !== not;
}

function said(answer: Answer, { field, is, not }: Expected): string {
  const text = JSON.stringify(textOf(answer, field) ?? null);
  const error = answer.error === undefined || field === "message" || field === "traceback"
    ? ""
    : ` (${answer.error.message.slice(0, 300)})`;
  return `${field} is ${text.slice(0, 600)} and ${not ? "must not" : "should"} be ${is}${error}`;
}

function textOf(answer: Answer, field: Field): string | null | undefined {
  return field === "message" || field === "traceback" ? answer.error?.[field] : answer[field];
}
