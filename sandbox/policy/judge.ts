/**
 * Judges a shell command before it is run: every program in it, wherever it stands, by rules.
 *
 * The strictest verdict over all parts is the command's. For one part a rule that denies goes before one that asks, and
 * that before one that allows. What is not understood is denied; what is understood and not covered by a rule is
 * asked. Nothing is looked up: the verdict depends on the command and the policy alone.
 *
 * @module
 */
import { DESTRUCTIVE } from "./destructive.ts";
import type { Field, Scope } from "./field.ts";
import { pathsOf, resolve } from "./paths.ts";
import { readOnly, systemName } from "./reading.ts";
import { covers, type PolicyRule, type PolicyVerdict, ruleName } from "./rules.ts";
import { type Call, readScript } from "./script.ts";
import { unfold, type Unfolded } from "./unfold.ts";

/** By what a command is judged. */
export interface Policy {
  /** Rules of one's own, beside those that hold by default. */
  readonly rules: readonly PolicyRule[];
  /** Absolute path of the workspace. */
  readonly workspace: string;
  /** The folder the command starts in: absolute or relative to the workspace, no link. Default: the workspace. */
  readonly cwd?: string;
  /** What `HOME` will be. Default: not known. */
  readonly home?: string;
}

/** The verdict on one thing a command does. */
export interface Part {
  /** The program, or `>`, `<`, `=`, `((`; empty for what is not understood. */
  readonly program: string;
  /** Its arguments, without quotes; what cannot be known is shown as written. */
  readonly args: readonly string[];
  /** What is done with it. */
  readonly verdict: PolicyVerdict;
  /** Name of the rule that decided: `reading`, `runs`, `default`, `not understood`, or one of the policy's. */
  readonly rule: string;
  /** Why. */
  readonly reason: string;
}

/** The verdict on a command. */
export interface Judgement {
  /** The strictest of its parts. */
  readonly verdict: PolicyVerdict;
  /** That of the first part with this verdict. */
  readonly rule: string;
  /** Why, for people and models. */
  readonly reason: string;
  /** Every program that would run, and every file written or read by redirection. */
  readonly parts: readonly Part[];
  /** The programs that would run, as written. Commands only shells have (`cd`, `export`) are among them. */
  readonly programs: readonly string[];
  /** Absolute paths that allowed parts count on being in the workspace; a link there may lead elsewhere. */
  readonly files: readonly string[];
}

/** Scripts and programs run by others within one another. */
const MAX_DEPTH = 16;
/** Calls in one command with those within others, and scripts by their length. */
const MAX_WORK = 3_000;
/** Characters of a script that count as a call. */
const CALL_LENGTH = 50;
const STRICTEST = ["deny", "ask", "allow"] as const;

/** Judges `command`, a script for `bash`. Runs nothing and reads nothing. */
export function judge(command: string, policy: Policy): Judgement {
  const workspace = resolve("/", policy.workspace);
  const scope: Scope = {
    workspace,
    home: policy.home,
    folders: [resolve(workspace, policy.cwd ?? ".")],
    lost: false,
    variables: new Map(),
  };
  const work = { done: 0 };
  const judging = new Judging([...policy.rules, ...DESTRUCTIVE], work);
  judging.script(command, scope, 0);
  if (work.done > MAX_WORK) judging.misunderstood("", "it has too many parts");
  const { parts, programs, files } = judging;
  const verdict = STRICTEST.find((one) => parts.some((part) => part.verdict === one)) ?? "deny";
  const { rule, reason } = parts.find((part) => part.verdict === verdict) ??
    { rule: "not understood", reason: "Cannot judge the command: there is nothing in it" };
  return { verdict, rule, reason, parts, programs: [...programs], files: [...files] };
}

class Judging {
  readonly parts: Part[] = [];
  readonly programs = new Set<string>();
  readonly files = new Set<string>();
  readonly #rules: readonly PolicyRule[];
  /** Shared with the judging of what is only guessed, which could else grow without bounds. */
  readonly #work: { done: number };

  constructor(rules: readonly PolicyRule[], work: { done: number }) {
    this.#rules = rules;
    this.#work = work;
  }

  script(source: string, scope: Scope, depth: number): void {
    this.#work.done += source.length / CALL_LENGTH;
    if (this.#work.done > MAX_WORK) return;
    const { calls, troubles, scope: inner } = readScript(source, scope);
    for (const { text, reason } of troubles) this.misunderstood(text, reason);
    if (calls.length === 0 && troubles.length === 0 && source.trim() !== "") {
      this.#add({ text: "" }, [], "allow", "reading", "it runs no program");
    }
    for (const call of calls) this.#call(call, inner, depth);
  }

  #call(call: Call, scope: Scope, depth: number): void {
    if (++this.#work.done > MAX_WORK) return;
    if (depth > MAX_DEPTH) return this.misunderstood("", "it has too many programs run by others");
    const { program, args } = call;
    if (!program.certain || program.glob || program.text === "") {
      return this.misunderstood(program.text, `it cannot be known which program ${program.text || '""'} is`);
    }
    if (!call.madeUp && /^(?:[<>=]|\(\()$/.test(program.text)) {
      return this.misunderstood(program.text, "it is no name for a program");
    }
    if (!call.madeUp) this.programs.add(program.text);
    const unfolded = unfold(call);
    const denied = this.#covering("deny", call, scope);
    if (denied !== undefined) this.#add(program, args, "deny", ruleName(denied), denied.reason);
    else if (unfolded?.deny !== undefined) this.#add(program, args, "deny", "not understood", unfolded.deny);
    else this.#undenied(call, scope, unfolded);
    if (unfolded !== undefined) this.#inside(unfolded, scope, depth);
  }

  /** What no rule denies. */
  #undenied(call: Call, scope: Scope, unfolded: Unfolded | undefined): void {
    const { program, args } = call;
    const asking = this.#covering("ask", call, scope);
    if (asking !== undefined) return this.#add(program, args, "ask", ruleName(asking), asking.reason);
    const allowing = this.#covering("allow", call, scope);
    if (allowing !== undefined && (unfolded?.ask === undefined || allowing.trusted)) {
      if (allowing.paths !== undefined) { for (const arg of args) this.#counts(arg, scope); }
      return this.#add(program, args, "allow", ruleName(allowing), allowing.reason);
    }
    if (unfolded?.ask !== undefined) return this.#add(program, args, "ask", "runs", unfolded.ask);
    if (unfolded !== undefined && systemName(program) !== undefined) {
      return this.#add(program, args, "allow", "runs", "it is judged by what it runs");
    }
    const reading = readOnly(call, scope);
    if ("trouble" in reading) return this.#add(program, args, "ask", "default", reading.trouble);
    for (const file of reading.files) this.files.add(file);
    this.#add(program, args, "allow", "reading", "it only reads, in the workspace");
  }

  #inside(
    { calls = [], scripts = [], guesses = [], hints = [] }: Unfolded,
    scope: Scope,
    depth: number,
  ): void {
    for (const call of calls) this.#call(call, scope, depth + 1);
    for (const text of scripts) this.script(text, scope, depth + 1);
    if (depth >= MAX_DEPTH) return;
    const guess = new Judging(this.#rules, this.#work);
    for (const call of guesses) guess.#call(call, scope, depth + 1);
    for (const text of hints) guess.script(text, scope, depth + 1);
    // What is only guessed denies when a rule says so, not because it is no sense as a command.
    this.parts.push(
      ...guess.parts.filter(({ verdict, rule }) => verdict === "deny" && rule !== "not understood"),
    );
  }

  #covering(verdict: PolicyVerdict, call: Call, scope: Scope): PolicyRule | undefined {
    return this.#rules.find((rule) => rule.verdict === verdict && covers(rule, call, scope));
  }

  #counts(field: Field, scope: Scope): void {
    for (const path of pathsOf(field, scope)) this.files.add(path);
  }

  misunderstood(text: string, reason: string): void {
    this.#add({ text }, [], "deny", "not understood", reason);
  }

  #add(
    program: { readonly text: string },
    args: readonly Field[],
    verdict: PolicyVerdict,
    rule: string,
    reason = "a rule says so",
  ): void {
    const what = [program.text, ...args.map(({ text }) => text)].join(" ").trim().slice(0, 120);
    const act = { allow: "Can run", ask: "Cannot simply run", deny: "Cannot run" }[verdict];
    this.parts.push({
      program: program.text,
      args: args.map(({ text }) => text),
      verdict,
      rule,
      reason: `${act} ${what || "the command"}: ${reason}`,
    });
  }
}
