/**
 * Rules of the exec policy: what a person writes down about programs, and when a rule covers a call.
 *
 * @module
 */
import { schema } from "../../protocols/messages/protocol.ts";
import type { Field, Scope } from "./field.ts";
import { mayBeOption } from "./options.ts";
import { pathsOf, piecesOf, placeOf, resolve, within } from "./paths.ts";
import { systemName } from "./reading.ts";
import type { Call } from "./script.ts";

/** What is done with a command. */
export type PolicyVerdict = "allow" | "ask" | "deny";

/** One rule. `*` in names and patterns is any text, `|` divides alternatives. */
export interface PolicyRule {
  /** What is done with a call it covers. */
  readonly verdict: PolicyVerdict;
  /** What it is called in answers. Default: its verdict, program and arguments. */
  readonly name?: string;
  /**
   * The programs it is about. `>` stands for writing a file by redirection, `<` for reading one, `=` for giving a
   * variable a value.
   */
  readonly program: string | readonly string[];
  /**
   * Patterns of arguments. A rule that allows names all of them in order, `...` for any number. One that asks or denies
   * names those that must all be there, anywhere; `-r` is found in `-fr`, and `--force` in `--forc` and `--force=x`.
   */
  readonly args?: readonly string[];
  /**
   * Where arguments lead. A rule that allows covers a call if all do, others if one does. `inside`: the workspace.
   * `outside`: elsewhere. `whole`: the workspace itself, all in it, or elsewhere. Or folders and files: absolute or
   * beginning with `~`, each with all that is in it.
   */
  readonly paths?: "inside" | "outside" | "whole" | readonly string[];
  /** With `allow`: also when the program runs others or code that are not known. Default false. */
  readonly trusted?: boolean;
  /** Why, for people and models. */
  readonly reason?: string;
}

/** Checks a {@linkcode PolicyRule}. */
export const PolicyRule = schema((z) => {
  const text = z.string().min(1).max(1_000);
  return z.strictObject({
    verdict: z.enum(["allow", "ask", "deny"]),
    name: text.optional(),
    program: z.union([text, z.array(text).min(1)]),
    args: z.array(text).optional(),
    paths: z.union([z.enum(["inside", "outside", "whole"]), z.array(text.regex(/^[/~]/)).min(1)]).optional(),
    trusted: z.boolean().optional(),
    reason: text.optional(),
  });
});

/** What a rule is called. */
export function ruleName({ name, verdict, program, args }: PolicyRule): string {
  return name ?? [verdict, [program].flat().join("|"), ...args ?? []].join(" ");
}

/** Whether `rule` covers `call`. A rule that allows needs to know all of it; others take what is known. */
export function covers(rule: PolicyRule, call: Call, scope: Scope): boolean {
  const names = rule.verdict === "allow" ? allowedNames(call) : deniedNames(call);
  if (![rule.program].flat().some((pattern) => names.some((name) => like(pattern, name)))) return false;
  return rule.verdict === "allow" ? allows(rule, call, scope) : forbids(rule, call, scope);
}

function allows({ args, paths }: PolicyRule, call: Call, scope: Scope): boolean {
  const safe = call.args.every((field) => field.certain && !(field.glob && mayBeOption(field)));
  if (!safe || (args !== undefined && !inOrder(args, call.args))) return false;
  return paths === undefined ||
    call.args.flatMap(piecesOf).every((field) => leads(field, paths, scope, true));
}

function forbids({ args = [], paths }: PolicyRule, call: Call, scope: Scope): boolean {
  if (!args.every((pattern) => call.args.some(({ text }) => found(pattern, text)))) return false;
  return paths === undefined ||
    call.args.flatMap(piecesOf).some((field) => !/^-/.test(field.text) && leads(field, paths, scope, false));
}

/** As written, and without the folder when it is one of the system's. */
function allowedNames({ program }: Call): string[] {
  const name = systemName(program);
  return program.certain && !program.glob ? [program.text, ...name === undefined ? [] : [name]] : [];
}

/** As written, and without any folder. */
function deniedNames({ program: { text } }: Call): string[] {
  return [text, text.slice(text.lastIndexOf("/") + 1)];
}

function leads(field: Field, paths: NonNullable<PolicyRule["paths"]>, scope: Scope, all: boolean): boolean {
  const place = placeOf(field, scope);
  if (paths === "inside") return place === "inside" || (place === "whole" && field.certain);
  if (paths === "outside") return place === "outside";
  if (paths === "whole") return place === "whole" || place === "outside";
  if (field.unknownAt === 0 || field.text === "") return false;
  const known = {
    ...field,
    text: field.unknownAt === undefined ? field.text : field.text.slice(0, field.unknownAt),
  };
  const homeless = known.text.startsWith("~") ? [known.text] : pathsOf(known, scope);
  const folders = paths.flatMap((path) =>
    path.startsWith("~") ? [path, inHome(path, scope)] : [resolve("/", path)]
  );
  const isIn = (path: string) =>
    path !== "/dev/null" && folders.some((folder) => folder !== undefined && within(folder, path));
  return all ? homeless.every(isIn) : homeless.some(isIn);
}

function inHome(path: string, { home }: Scope): string | undefined {
  return home === undefined ? undefined : resolve(home, `.${path.slice(1)}`);
}

function inOrder(patterns: readonly string[], args: readonly Field[]): boolean {
  const [pattern, ...more] = patterns;
  if (pattern === undefined) return args.length === 0;
  if (pattern === "...") return args.some((_, at) => inOrder(more, args.slice(at))) || inOrder(more, []);
  return args.length > 0 && like(pattern, args[0]!.text) && inOrder(more, args.slice(1));
}

/** Whether an argument is what a pattern of a rule that asks or denies speaks of. */
function found(pattern: string, text: string): boolean {
  return pattern.split("|").some((one) => {
    if (/^-[A-Za-z]$/.test(one) && /^-[A-Za-z0-9]/.test(text)) return text.slice(1).includes(one[1]!);
    const name = text.replace(/=[^]*$/, "");
    return (/^--\w/.test(one) && name.length > 3 && one.startsWith(name)) || matches(one, text);
  });
}

function like(pattern: string, text: string): boolean {
  return pattern === text || pattern.split("|").some((one) => matches(one, text));
}

/** Compares with `*` as any text, without going back over it more than once. */
function matches(pattern: string, text: string): boolean {
  const [start = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return start === text;
  if (!text.startsWith(start)) return false;
  const end = rest.pop()!;
  let at = start.length;
  for (const part of rest) {
    const next = text.indexOf(part, at);
    if (next < 0) return false;
    at = next + part.length;
  }
  return text.length - at >= end.length && text.endsWith(end);
}
