/**
 * Asking the person at the terminal whether a tool may do something, or for what it needs to know.
 *
 * The terminal stays in its usual mode, so that Ctrl-C means what it always does. Only what is typed after a question
 * is on the screen answers it. No two questions stand there at once.
 *
 * @module
 */
import type { Question, Verdict } from "../messages/approval.ts";
import { type Field, fieldsOf } from "./form.ts";
import { harmless } from "./harmless.ts";
import { outputOf } from "./options.ts";
import type { Renderer } from "./pieces.ts";
import type { Stage } from "./stage.ts";
import { TypedLines } from "./typed_lines.ts";

/** Milliseconds within which nobody reads a question and answers it: what comes sooner was typed before. */
const TYPED_AHEAD_MS = 100;

const CHOICES = "[y]es / [n]o / [a]lways for this run";
const DECLINE = 'type no or press Ctrl-D to decline; "no" with its quotes is an answer';

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
    if (over.aborted) return STOPPED;
    return question.form === undefined
      ? await this.#decide(question, over)
      : await this.#fill(question, question.form, over);
  }

  async #decide(question: Question, over: AbortSignal): Promise<Verdict> {
    const meant = JSON.stringify([question.tool, question.action]);
    if (this.#always.has(meant)) return ALLOWED_BEFORE;
    const shownAt = await this.#show(textOf(question));
    while (true) {
      const typed = await this.#typed(shownAt, CHOICES, over);
      if (typeof typed !== "string") return typed;
      const verdict = ANSWERS.get(typed.trim().toLowerCase());
      if (verdict === ALWAYS) this.#always.add(meant);
      if (verdict !== undefined) return verdict;
      await this.#say(`please answer ${CHOICES}`);
    }
  }

  /** Field by field. */
  async #fill(question: Question, form: object, over: AbortSignal): Promise<Verdict> {
    const fields = fieldsOf({ ...form });
    if ("untypable" in fields) return refused(`"${fields.untypable}" cannot be filled in at a terminal`);
    if (fields.length === 0) {
      const verdict = await this.#decide(question, over);
      return verdict.allowed ? { ...verdict, content: {} } : verdict;
    }
    const { tool, action, reason } = question;
    await this.#show(`${shown(tool)} asks: ${shown(action)}\n(${shown(reason)}; ${DECLINE})\n`);
    const content: [name: string, value: unknown][] = [];
    for (const field of fields) {
      const entry = await this.#enter(field, over);
      if ("allowed" in entry) return entry;
      if ("value" in entry) content.push([field.name, entry.value]);
    }
    return { ...FILLED_IN, content: Object.fromEntries(content) };
  }

  /** Until it fits, or is left out, or declined. */
  async #enter(field: Field, over: AbortSignal): Promise<Verdict | { value: unknown } | { left: true }> {
    for (let prompt = field.prompt;;) {
      const shownAt = await this.#show(`${prompt}\n`);
      const typed = await this.#typed(shownAt, field.prompt, over);
      if (typeof typed !== "string") return typed;
      if (!field.takesNo && typed.trim().toLowerCase() === "no") return NO;
      const entry = field.read(typed);
      if (!("wrong" in entry)) return entry;
      prompt = `${entry.wrong}; ${field.prompt}`;
    }
  }

  /** Answers when it stood on the screen. */
  async #show(text: string): Promise<number> {
    const { screen, outside } = this.#stage;
    screen.waitFor(undefined);
    await screen.write([...this.#renderer.breakLine(), { to: "stderr", text }]);
    return outside.clock.now();
  }

  /** The next line typed after `shownAt`, or what it comes to that there is none. */
  async #typed(shownAt: number, wanted: string, over: AbortSignal): Promise<string | Verdict> {
    while (true) {
      const line = await sooner(this.#lines.next(), over);
      if (line === OVER && this.isClosed) return STOPPED;
      if (line === OVER) {
        await this.#say("the question is withdrawn");
        return refused("nobody answered in time");
      }
      if (line === undefined) return refused("nobody can answer here");
      this.#lines.take();
      if (line.at >= shownAt + TYPED_AHEAD_MS) return line.text;
      await this.#say(`"${line.text}" was typed before the question and is no answer to it; ${wanted}`);
    }
  }

  async #say(line: string): Promise<void> {
    await this.#stage.screen.write(this.#renderer.note(line));
  }
}

const YES: Verdict = { allowed: true, reason: "a person allowed it" };
const NO: Verdict = refused("a person refused it");
const FILLED_IN: Verdict = { allowed: true, reason: "a person filled it in" };
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
