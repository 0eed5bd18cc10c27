/**
 * Whether a call only reads, and only in the workspace.
 *
 * @module
 */
import type { Field, Scope } from "./field.ts";
import { mayBeOption, parseOptions } from "./options.ts";
import { pathsOf, placeOf } from "./paths.ts";
import { gitTrouble } from "./reading_git.ts";
import { type Reader, READERS } from "./reading_programs.ts";
import type { Call } from "./script.ts";

/** What {@linkcode readOnly} answers: the files it counts on being in the workspace, or why it is not allowed. */
export type Reading = { readonly files: readonly string[] } | { readonly trouble: string };

/** Folders of the system's programs. */
const SYSTEM = /^\/(?:usr\/(?:local\/)?)?s?bin\/(?=[^/]+$)/;
/** What `find` may be told, with the number of arguments each takes. */
const FIND: ReadonlyMap<string, number> = new Map(
  ("( 0,) 0,! 0,-not 0,-a 0,-and 0,-o 0,-or 0,-print 0,-print0 0,-ls 0,-prune 0,-quit 0,-true 0,-false 0,-empty 0," +
    "-depth 0,-xdev 0,-mount 0,-readable 0,-writable 0,-executable 0,-daystart 0,-name 1,-iname 1,-path 1,-ipath 1," +
    "-wholename 1,-regex 1,-iregex 1,-regextype 1,-type 1,-size 1,-mtime 1,-mmin 1,-atime 1,-ctime 1,-maxdepth 1," +
    "-mindepth 1,-perm 1,-user 1,-group 1,-links 1,-newermt 1,-printf 1")
    .split(",").map((entry) => [entry.split(" ")[0]!, Number(entry.split(" ")[1])]),
);
/** What `sed -n` may be told: to print lines. */
const SED_PRINTS = /^(?:\d+|\$)(?:,(?:\d+|\$))?p(?:;(?:\d+|\$)(?:,(?:\d+|\$))?p)*$/;
/** Variables programs are told of that change nothing but how they write. */
const HARMLESS = /^(?:LC_[A-Z]+|LANG|LANGUAGE|NO_COLOR|COLUMNS|FORCE_COLOR)=[\w.@:-]*$/;

/** Judges one call; never by what its program may be told by files of settings. */
export function readOnly(call: Call, scope: Scope): Reading {
  const files = new Set<string>();
  const trouble = troubleOf(call, (field) => {
    const place = placeOf(field, scope);
    if (place === "inside" || place === "whole") {
      if (!field.certain) return `it cannot be known where ${field.text} leads`;
      if (!field.stream) { for (const path of pathsOf(field, scope)) files.add(path); }
      return undefined;
    }
    return place === "outside"
      ? `${field.text} is outside the workspace`
      : `it cannot be known where ${field.text} leads`;
  });
  return trouble === undefined ? { files: [...files] } : { trouble };
}

/** The name of a program of the system, however it is called; undefined for a program of one's own. */
export function systemName({ text, certain, glob }: Field): string | undefined {
  if (!certain || glob) return undefined;
  const name = text.replace(SYSTEM, "");
  return name.includes("/") ? undefined : name;
}

type Trouble = string | undefined;
type FileCheck = (field: Field) => Trouble;

function troubleOf(call: Call, file: FileCheck): Trouble {
  const name = systemName(call.program);
  if (name === undefined) return `${call.program.text} is a program of its own`;
  const { args } = call;
  // What a pattern for file names matches is told, whatever the program does with it.
  for (const field of args) if (field.glob && file(field) !== undefined) return file(field);
  switch (name) {
    case "<":
      return first(args, file);
    case "=":
      return assignmentTrouble(call);
    case "true":
    case "false":
    case ":":
      return first(args, plainText);
    case "echo":
      return first(args, plainText);
    case "test":
    case "[":
      return first(
        args,
        (field) =>
          !field.certain || /^-[vRot]$/.test(field.text)
            ? `${field.text} is not known to be harmless`
            : undefined,
      );
    case "command":
      return args.length === 2 && /^-[vV]$/.test(args[0]!.text) && args[1]!.certain
        ? undefined
        : "it runs another program";
    case "find":
      return findTrouble(args, file);
    case "sed":
      return sedTrouble(args, file);
    case "git":
      return gitTrouble(args, file);
    default: {
      const reader = READERS.get(name);
      return reader === undefined ? `no rule covers ${name}` : readerTrouble(name, reader, args, file);
    }
  }
}

function first(fields: readonly Field[], check: FileCheck): Trouble {
  for (const field of fields) {
    const trouble = check(field);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

/** Text may be unknown as long as it is one argument: else it would be taken for a pattern of file names. */
function plainText(field: Field): Trouble {
  return field.certain || field.single ? undefined : `it cannot be known what ${field.text} is`;
}

function assignmentTrouble({ args, local }: Call): Trouble {
  const [{ text, certain }] = args as [Field];
  if (local && /^[a-z_][a-z0-9_]*=/.test(text)) return undefined;
  return certain && HARMLESS.test(text) ? undefined : `${text} may change what programs do`;
}

function readerTrouble(name: string, reader: Reader, args: readonly Field[], file: FileCheck): Trouble {
  if (/^(?:test|printf)$/.test(name) && args[0]?.text.startsWith("-v")) return "-v sets a variable";
  const checked = reader.harmless ? args.map(asName) : args;
  const { options, operands, strange } = parseOptions(checked, reader);
  if (strange !== undefined) return `${strange.text} is no option of ${name} known to only read`;
  if (operands.length > (reader.operands === "none" ? 0 : reader.most ?? Infinity)) {
    return `${name} has more arguments than it reads`;
  }
  for (const { name, value } of options) {
    const trouble = value === undefined
      ? undefined
      : reader.fileOptions?.includes(name)
      ? file(value)
      : value.certain
      ? undefined
      : `it cannot be known what ${value.text} is`;
    if (trouble !== undefined) return trouble;
  }
  if (reader.operands === "files") return first(operands, file);
  if (reader.operands === "text") {
    return first(
      operands,
      (field) =>
        reader.like === undefined || (field.certain && reader.like.test(field.text))
          ? plainText(field)
          : `${field.text} is not known to be harmless`,
    );
  }
  const given = options.some(({ name }) => reader.patternOptions?.includes(name));
  const [pattern, ...rest] = given ? [undefined, ...operands] : operands;
  return (pattern === undefined ? undefined : plainText(pattern)) ?? first(rest as Field[], file);
}

/** A pattern for file names is no option where options do no harm. */
function asName(field: Field): Field {
  return field.glob && field.certain && !field.text.startsWith("-") && mayBeOption(field)
    ? { ...field, text: `./${field.text}` }
    : field;
}

function findTrouble(args: readonly Field[], file: FileCheck): Trouble {
  const start = args.findIndex(({ text }) => /^[-(!]/.test(text));
  const folders = start < 0 ? args : args.slice(0, start);
  for (const field of folders) {
    const trouble = mayBeOption(field) ? `${field.text} may be an option` : file(field);
    if (trouble !== undefined) return trouble;
  }
  const tests = start < 0 ? [] : args.slice(start);
  for (let at = 0; at < tests.length; at++) {
    const { text, certain } = tests[at]!;
    const takes = certain ? FIND.get(text) : undefined;
    if (takes === undefined && text !== "-newer") return `find ${text} is not known to only read`;
    const values = tests.slice(at + 1, at + 1 + (takes ?? 1));
    const trouble = text === "-newer"
      ? first(values, file)
      : first(values, (value) => value.certain ? undefined : `it cannot be known what ${value.text} is`);
    if (trouble !== undefined) return trouble;
    at += values.length;
  }
  return undefined;
}

function sedTrouble(args: readonly Field[], file: FileCheck): Trouble {
  const { options, operands, strange } = parseOptions(args, { short: "nE" });
  const [script, ...files] = operands;
  if (strange !== undefined || options.length === 0) return "sed may write or run what its script says";
  if (script === undefined || !script.certain || !SED_PRINTS.test(script.text)) {
    return "sed may write or run what its script says";
  }
  return first(files, file);
}
