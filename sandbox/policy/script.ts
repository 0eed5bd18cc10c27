/**
 * What a shell script calls: each program with its arguments, each redirection and each assignment.
 *
 * Redirections and assignments are calls of the made-up programs `>` (writes a file), `<` (reads one), `=` (gives a
 * variable a value) and `((` (calculates with names), so that rules speak of them like of any other.
 *
 * @module
 */
import type { Assignment, Command, CommandArgument, Redirection } from "unbash";
import { type Field, literal, type Scope, unknown } from "./field.ts";
import { pathsOf, placeOf } from "./paths.ts";
import { type Acts, type Trouble, walk } from "./walk.ts";
import { fieldOf, fieldsOf, Misunderstood } from "./words.ts";

/** One thing a script does. */
export interface Call {
  /** The program as written and decoded, or `>`, `<`, `=`, `((`. */
  readonly program: Field;
  readonly args: readonly Field[];
  /** What it reads from its standard input, when that stands in the script. */
  readonly input?: string;
  /** Whether the program is one of the made-up ones. */
  readonly madeUp?: boolean;
  /** An assignment that no program is told of. */
  readonly local?: boolean;
}

/** What {@linkcode readScript} answers. */
export interface Script {
  readonly calls: readonly Call[];
  readonly troubles: readonly Trouble[];
  /** With the folders and variables the script leaves behind. */
  readonly scope: Scope;
}

/** Files that are no files. */
const STREAMS = /^\/dev\/(?:null|stdin|stdout|stderr|fd\/\d+)$/;
/** Text that runs commands when bash takes it for a number or the name of a variable. */
const RUNS_AS_NUMBER = /\[[^]*(?:\$[({]|`)/;
const SETS_VARIABLES =
  /^(?:read|mapfile|readarray|getopts|printf|unset|let|local|declare|typeset|readonly|export)$/;

/** A call of a made-up program. */
export function madeUp(name: ">" | "<" | "=" | "((", arg: Field): Call {
  return { program: literal(name), args: [arg], madeUp: true };
}

/** Reads `source` as bash would, in the surroundings `outer`. */
export function readScript(source: string, outer: Scope): Script {
  const acts = walk(source);
  const troubles = [...acts.troubles];
  const attempt = <T>(text: string, act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof Misunderstood)) throw error;
      troubles.push({ text, reason: error.message });
      return undefined;
    }
  };
  const scope = attempt("", () => withFolders(acts, withVariables(acts, outer))) ?? outer;
  for (const [name, value] of scope.variables) {
    if (value !== undefined && RUNS_AS_NUMBER.test(value)) {
      troubles.push({ text: name, reason: "its value runs commands when it is taken for a number" });
    }
  }
  const calls = acts.acts.flatMap((act) => attempt(textOf(act), () => callsOf(act, acts, scope)) ?? []);
  for (const { program, args } of calls) {
    if (/^(?:test|\[|wait)$/.test(program.text) || SETS_VARIABLES.test(program.text)) {
      const bad = args.find(({ text }) => RUNS_AS_NUMBER.test(text));
      if (bad) troubles.push({ text: bad.text, reason: "it runs commands when it is taken for a number" });
    }
  }
  const sums = acts.sums.map((sum) => (madeUp("((", literal(sum))));
  return { calls: [...calls, ...sums], troubles, scope };
}

/** The variables with the last literal value each is given anywhere in the script. */
function withVariables({ acts, loops }: Acts, scope: Scope): Scope {
  const variables = new Map(scope.variables);
  const known = { ...scope, variables };
  for (const { name, words } of loops) {
    const fields = words?.flatMap((word) => fieldsOf(word, known)) ?? [];
    const worst = fields.find((field) => placeOf(field, known) === "outside") ?? fields[0];
    variables.set(name, worst?.unknownAt === undefined ? worst?.text : undefined);
  }
  for (const act of acts) {
    if (act.type === "Assignment") {
      const value = act.value.type === "Word" ? fieldOf(act.value, known) : undefined;
      const text = value?.unknownAt === undefined ? value?.text : undefined;
      const before = act.append ? variables.get(act.name) ?? "" : "";
      variables.set(act.name, text === undefined ? undefined : before + text);
    } else if (act.type === "Command" && SETS_VARIABLES.test(act.name?.value ?? "")) {
      for (const arg of act.args) if (arg.type === "Word") variables.set(arg.value, undefined);
    }
  }
  return known;
}

/** The folders `cd` may lead to, in any order. */
function withFolders({ acts }: Acts, scope: Scope): Scope {
  let { folders, lost } = scope;
  for (const act of acts) {
    if (act.type !== "Command" || act.name === undefined) continue;
    const words = [act.name, ...act.args].flatMap((arg) => arg.type === "Word" ? fieldsOf(arg, scope) : []);
    while (/^(?:command|builtin)$/.test(words[0]?.text ?? "")) words.shift();
    const name = words[0]?.text ?? "";
    if (name === "popd") lost = true;
    if (!/^(?:cd|pushd)$/.test(name)) continue;
    const target = words.slice(1).find(({ text }) => !/^-[LPe@]*$/.test(text) || text === "-") ??
      (scope.home === undefined ? unknown("", "~") : literal(scope.home));
    if (target.unknownAt !== undefined || !target.certain || target.glob || /^[-+]/.test(target.text)) {
      lost = true;
    }
    // In a loop or a function, going up may happen any number of times.
    if (/(?:^|\/)\.\.(?:\/|$)/.test(target.text)) lost = true;
    if (target.unknownAt === undefined) {
      folders = [...new Set([...folders, ...pathsOf(target, { ...scope, folders })])].slice(0, 16);
      if (folders.length === 16) lost = true;
    }
  }
  return { ...scope, folders, lost };
}

function callsOf(act: Command | Redirection | Assignment, { acts }: Acts, scope: Scope): Call[] {
  if (act.type === "Command") return act.name === undefined ? [] : [commandOf(act, scope)];
  if (act.type === "Assignment") {
    const alone = acts.some((one) =>
      one.type === "Command" && one.name === undefined && one.prefix.includes(act)
    );
    return [{ ...madeUp("=", assignmentOf(act, scope)), local: alone }];
  }
  if (act.type !== "Redirect") return [];
  if (act.target === undefined) throw new Misunderstood("a redirection leads nowhere");
  const target = fieldOf(act.target, scope);
  if (/^[<>]&$/.test(act.operator) && /^(?:\d+-?|-)$/.test(target.text) && target.certain) return [];
  if (act.operator === "<&") throw new Misunderstood(`${act.target.text} is no number of an open file`);
  if (target.stream || (target.certain && STREAMS.test(target.text))) return [];
  return [madeUp(act.operator === "<" ? "<" : ">", target)];
}

function commandOf(command: Command, scope: Scope): Call {
  const name = fieldsOf(command.name!, scope);
  const args = command.args.flatMap((arg) => argumentsOf(arg, scope));
  const input = inputOf(command, scope);
  return { program: name[0]!, args: [...name.slice(1), ...args], ...(input === undefined ? {} : { input }) };
}

function argumentsOf(arg: CommandArgument, scope: Scope): Field[] {
  return arg.type === "Word" ? fieldsOf(arg, scope) : [assignmentOf(arg, scope)];
}

function assignmentOf({ name, value }: Assignment, scope: Scope): Field {
  if (value.type === "ArrayValue") return unknown(`${name}=`, "(...)");
  const field = fieldOf(value, scope);
  const unknownAt = field.unknownAt === undefined ? undefined : field.unknownAt + name.length + 1;
  return { ...field, text: `${name}=${field.text}`, unknownAt, glob: false, single: true };
}

/** The text of a here-document or here-string without anything that depends on the run. */
function inputOf({ redirects }: Command, scope: Scope): string | undefined {
  for (const redirect of redirects) {
    if (redirect.type === "HereString" && redirect.target !== undefined) {
      const field = fieldOf(redirect.target, scope);
      return field.unknownAt === undefined ? field.text : undefined;
    }
    if (redirect.type !== "HereDoc") continue;
    const { body, delimiter } = redirect;
    if (delimiter?.quoted || body.parts === undefined) return body.text;
    if (body.parts.some(({ type }) => type !== "Literal")) return undefined;
    return body.parts.map((part) => part.type === "Literal" ? part.value : "").join("");
  }
  return undefined;
}

function textOf(act: Command | Redirection | Assignment): string {
  if (act.type === "Command") return act.name?.text ?? "";
  return act.type === "Assignment" ? act.text : act.operator;
}
