/**
 * Asking the person at the terminal whether a tool may do something.
 *
 * The terminal stays in its usual mode, so that Ctrl-C means what it always does. Only what is typed after a question
 * is on the screen answers it. No two questions stand there at once.
 *
 * @module
 */
import type { Question, Verdict } from "../messages/approval.ts";
import { harmless } from "./harmless.ts";
import { outputOf } from "./options.ts";
import type { Renderer } from "./pieces.ts";
import type { Stage } from "./stage.ts";
import { TypedLines } from "./typed_lines.ts";

/** Milliseconds within which nobody reads a question and answers it: what comes sooner was typed before. */
const TYPED_AHEAD_MS = 100;

const CHOICES = "[y]es / [n]o / [a]lways for this run";

/** Whether a person watches and can type. */
export function canAsk({ options, outside }: Pick<Stage, "options" | "outside">): boolean {
  const { json, quiet } = outputOf(options);
  return !json && !quiet && outside.stdinTerminal && outside.stderr.terminal;
}

/** Puts the questions of one run. */
export class Prompt {
  readonly #stage: Pick<Stage, "outside" | "screen">;
  readonly #renderer: Pick<Renderer, "breakLine" | "note">;
  readonly #lines: TypedLines;
  readonly #closing = new AbortController();
  /** What was allowed for the whole run: a tool and exactly what it wanted. */
  readonly #always = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #open = 0;

  constructor(stage: Pick<Stage, "outside" | "screen">, renderer: Pick<Renderer, "breakLine" | "note">) {
    this.#stage = stage;
    this.#renderer = renderer;
    this.#lines = new TypedLines(stage.outside);
  }

  /** Puts a question when those before it are answered; `withdrawn` takes it back. */
  ask(question: Question, withdrawn: AbortSignal): Promise<Verdict> {
    const over = AbortSignal.any([withdrawn, this.#closing.signal]);
    this.#open++;
    const verdict = this.#last.then(() => this.#put(question, over)).finally(() => this.#open--);
    this.#last = verdict.catch(() => {}); // who asked hears of it
    return verdict;
  }

  /** Resolves when no question is on the screen, which others may write on then. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /** Whether nothing is asked any more. */
  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Refuses what is open and all that is asked later. Answers whether anything was open. */
  close(): boolean {
    this.#closing.abort();
    return this.#open > 0;
  }

  async #put(question: Question, over: AbortSignal): Promise<Verdict> {
    const meant = JSON.stringify([question.tool, question.action]);
    if (over.aborted) return STOPPED;
    if (this.#always.has(meant)) return ALLOWED_BEFORE;
    const { screen, outside } = this.#stage;
    screen.waitFor(undefined);
    await screen.write([...this.#renderer.breakLine(), { to: "stderr", text: textOf(question) }]);
    const shownAt = outside.clock.now();
    while (true) {
      const line = await sooner(this.#lines.next(), over);
      if (line === OVER && this.isClosed) return STOPPED;
      if (line === OVER) {
        await this.#say("the question is withdrawn");
        return refused("nobody answered in time");
      }
      if (line === undefined) return refused("nobody can answer here");
      this.#lines.take();
      if (line.at < shownAt + TYPED_AHEAD_MS) {
        await this.#say(`"${line.text}" was typed before the question and is no answer to it; ${CHOICES}`);
        continue;
      }
      const verdict = ANSWERS.get(line.text.trim().toLowerCase());
      if (verdict === ALWAYS) this.#always.add(meant);
      if (verdict !== undefined) return verdict;
      await this.#say(`please answer ${CHOICES}`);
    }
  }

  async #say(line: string): Promise<void> {
    await this.#stage.screen.write(this.#renderer.note(line));
  }
}

const YES: Verdict = { allowed: true, reason: "a person allowed it" };
const NO: Verdict = refused("a person refused it");
const STOPPED: Verdict = refused("the run was stopped");
const ALWAYS: Verdict = { allowed: true, reason: "a person allowed it for this run" };
const ALLOWED_BEFORE: Verdict = { allowed: true, reason: "a person had allowed it for this run" };
const ANSWERS: ReadonlyMap<string, Verdict> = new Map([
  ["y", YES],
  ["yes", YES],
  ["n", NO],
  ["no", NO],
  ["a", ALWAYS],
  ["always", ALWAYS],
]);

const OVER = Symbol("over");

function refused(reason: string): Verdict {
  return { allowed: false, reason };
}

/** All of what is wanted is shown, however long: a person must not allow what they cannot see. */
function textOf({ tool, action, reason }: Question): string {
  return `${shown(tool)} asks: ${shown(reason)}\nAllow ${shown(tool)}: ${shown(action)} ? ${CHOICES}\n`;
}

/** On one line, with nothing in it hidden or changed. */
function shown(text: string): string {
  return harmless(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

async function sooner<T>(wanted: Promise<T>, over: AbortSignal): Promise<T | typeof OVER> {
  if (over.aborted) return OVER;
  const { promise, resolve } = Promise.withResolvers<typeof OVER>();
  const end = () => resolve(OVER);
  over.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([wanted, promise]);
  } finally {
    over.removeEventListener("abort", end);
  }
}
