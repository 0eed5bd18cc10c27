/**
 * Tells a program's options from its operands, by a list of the options it is known to have.
 *
 * @module
 */
import { type Field, rest } from "./field.ts";

/** The options a program is known to have. */
export interface OptionList {
  /** Letters as for `getopts`: one followed by `:` takes a value. */
  readonly short?: string;
  /** Names without dashes, divided by blanks: `name=` takes a value, `name?` may have one after `=`. */
  readonly long?: string;
}

/** An option that was given. */
export interface Option {
  /** Its letter or its long name. */
  readonly name: string;
  /** What it was given, when it takes a value. */
  readonly value?: Field;
}

/** What an option list makes of arguments. */
export interface Parsed {
  /** Options, in order. */
  readonly options: readonly Option[];
  readonly operands: readonly Field[];
  /** The first argument that the list does not explain; nothing after it is read. */
  readonly strange?: Field;
}

/**
 * Reads `args`. With `upToOperand` everything from the first operand on is an operand, as for programs that
 * run another. Abbreviated names of options are strange: what they stand for depends on the program's version.
 */
export function parseOptions(args: readonly Field[], list: OptionList, upToOperand = false): Parsed {
  const options: Option[] = [], operands: Field[] = [];
  const waiting = [...args];
  for (let field = waiting.shift(); field !== undefined; field = waiting.shift()) {
    if (field.text === "--" && field.certain) return { options, operands: [...operands, ...waiting] };
    if (!mayBeOption(field)) {
      operands.push(field);
      if (upToOperand) return { options, operands: [...operands, ...waiting] };
      continue;
    }
    const found = readOption(field, waiting, list);
    if (found === undefined) return { options, operands, strange: field };
    options.push(...found);
  }
  return { options, operands };
}

/** Whether a program may take `field` for an option. */
export function mayBeOption(field: Field): boolean {
  const { text, unknownAt, glob } = field;
  return unknownAt === 0 || /^-./.test(text) || (glob && /^[*?[]/.test(text));
}

function readOption(field: Field, waiting: Field[], list: OptionList): Option[] | undefined {
  if (!field.certain || field.glob) return undefined;
  return field.text.startsWith("--") ? longOption(field, waiting, list) : shortOptions(field, waiting, list);
}

function longOption(field: Field, waiting: Field[], { long = "" }: OptionList): Option[] | undefined {
  const [, name = "", equals] = /^--([^=]*)(=?)/.exec(field.text)!;
  const kind = long.split(" ").find((known) => known.replace(/[=?]$/, "") === name && name !== "");
  if (kind === undefined || (equals === "=" && !/[=?]$/.test(kind))) return undefined;
  if (equals === "=") return [{ name, value: rest(field, name.length + 3) }];
  if (!kind.endsWith("=")) return [{ name }];
  const value = waiting.shift();
  return value === undefined ? undefined : [{ name, value }];
}

function shortOptions(field: Field, waiting: Field[], { short = "" }: OptionList): Option[] | undefined {
  const found: Option[] = [];
  for (let at = 1; at < field.text.length; at++) {
    const name = field.text[at]!;
    const known = name === ":" ? -1 : short.indexOf(name);
    if (known < 0) return undefined;
    if (short[known + 1] !== ":") {
      found.push({ name });
      continue;
    }
    const value = at + 1 < field.text.length ? rest(field, at + 1) : waiting.shift();
    return value === undefined ? undefined : [...found, { name, value }];
  }
  return found;
}
