/**
 * What is known of one argument of a command, after quotes, escapes, braces and tildes are decoded.
 *
 * @module
 */

/** One argument, or the name of a program. */
export interface Field {
  /** Its text. Where that is not known, what stands in the source for it, or the likeliest value. */
  readonly text: string;
  /** Whether the program will get exactly this text (for a glob: names that match it). */
  readonly certain: boolean;
  /** Whether unquoted `*`, `?` or `[` make it a pattern for file names. */
  readonly glob: boolean;
  /** Whether it stays one argument whatever the unknown parts of it are. */
  readonly single: boolean;
  /** Where the first unknown character is; undefined when all of it is known or guessed. */
  readonly unknownAt?: number;
  /** Whether it is the other end of a pipe, as of `<(...)`. */
  readonly stream?: boolean;
}

/** What there is to know of a command's surroundings. */
export interface Scope {
  /** Absolute path of the workspace. */
  readonly workspace: string;
  /** What `~` is, when that is known. */
  readonly home: string | undefined;
  /** Absolute paths of the folders the command may be in, as far as they are known. */
  readonly folders: readonly string[];
  /** Whether it may also be in a folder that is not known. */
  readonly lost: boolean;
  /** The last literal value given to each variable; undefined for one given an unknown value. */
  readonly variables: ReadonlyMap<string, string | undefined>;
}

/** A field that is exactly this text. */
export function literal(text: string): Field {
  return { text, certain: true, glob: false, single: true };
}

/** A field of which nothing after `known` can be known; `shown` stands for the rest. */
export function unknown(known: string, shown: string): Field {
  return { text: known + shown, certain: false, glob: false, single: false, unknownAt: known.length };
}

/** The same field with the first `count` characters cut off. */
export function rest(field: Field, count: number): Field {
  const unknownAt = field.unknownAt === undefined ? undefined : Math.max(0, field.unknownAt - count);
  return { ...field, text: field.text.slice(count), unknownAt };
}
