/**
 * The programs of the corpus, read from the Python files beside this module.
 *
 * ```py
 * # What the programs of this file have in common.
 *
 * # --- the name of a program, a sentence about what it tries or does
 * #: survives
 * #: error none timeout
 * import js
 * # ... in another session
 * #: value 42
 * 6 * 7
 * ```
 *
 * A line `# --- name` begins a program. A line `# ... in the same session`, `# ... in another session` or
 * `# ... in a fresh interpreter` begins its next call. Lines `#: ...` directly below say what must hold:
 *
 * | line | meaning |
 * | --- | --- |
 * | `#: value 42` | the field `value`; also `stdout`, `stderr`, `message`, `traceback` |
 * | `#: stdout "a\n"` | a text in quotes is JSON, one in slashes a regular expression, `null` nothing, all else is itself |
 * | `#: not traceback /lib/` | it must not be so |
 * | `#: error none timeout` | one of these kinds, or none |
 * | `#: limit 2000` | milliseconds the call may take; else {@linkcode LIMIT_MS} or {@linkcode RUNAWAY_MS} |
 * | `#: survives` | the session and its names are there afterwards |
 * | `#: sessionless` | its calls name no session: one after it may get the same process again |
 * | `#: spare naive` | not run by the naive baseline: it would harm the machine or take minutes there |
 *
 * `@folder@`, `@port@` and `@pid@` in code are replaced by the bait's.
 *
 * @module
 */

/** Milliseconds a call may take that does not say. */
export const LIMIT_MS = 5_000;
/** The same where a timeout is among the ends that are allowed: those are to be soon over. */
export const RUNAWAY_MS = 500;

/** A field of an answer that a program may expect something of. */
export type Field = "stdout" | "stderr" | "value" | "message" | "traceback";

/** What one field must be, or must not be. */
export interface Expected {
  readonly field: Field;
  readonly not: boolean;
  /** An exact text, null where nothing may be, or what the text must match. */
  readonly is: string | RegExp | null;
}

/** In which interpreter a call runs. */
export type Where = "the same session" | "another session" | "a fresh interpreter";

/** One call of a program. */
export interface Step {
  readonly where: Where;
  readonly code: string;
  readonly limitMs: number;
  readonly expected: readonly Expected[];
  /** Allowed kinds of errors, "none" among them; undefined where any end will do. */
  readonly error: readonly string[] | undefined;
}

/** A program of the corpus. */
export interface Program {
  /** Unique within the corpus. */
  readonly name: string;
  /** Name of its file: "bridge", "cpu". */
  readonly group: string;
  readonly steps: readonly Step[];
  /** Whether its session must be as it was, names included. */
  readonly survives: boolean;
  /** Whether its calls name no session. */
  readonly sessionless: boolean;
  readonly spareNaive: boolean;
}

/** Programs that must not get anywhere, or those that must work: by group, in the order of the files' names. */
export function readPrograms(side: "hostile" | "ordinary"): Map<string, Program[]> {
  const folder = new URL(`${side}/`, import.meta.url);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".py"));
  return new Map(
    files.sort().map((file) => {
      const group = file.slice(0, -".py".length);
      return [group, parsePrograms(group, Deno.readTextFileSync(new URL(file, folder)))];
    }),
  );
}

/** @throws {Error} a line that is not understood: a forgotten expectation is worse than none. */
export function parsePrograms(group: string, text: string): Program[] {
  const [, ...sections] = text.split(/^# --- /m);
  return sections.map((section) => parseProgram(group, section));
}

function parseProgram(group: string, section: string): Program {
  const name = section.slice(0, section.indexOf("\n")).trim();
  const [first, ...rest] = section.slice(section.indexOf("\n") + 1).split(/^# \.\.\. in /m);
  const parts: [Where, string][] = [["the same session", first!]];
  for (const part of rest) {
    parts.push([part.slice(0, part.indexOf("\n")).trim() as Where, part.slice(part.indexOf("\n") + 1)]);
  }
  try {
    const notes = new Set<string>();
    const steps = parts.map(([where, part]) => parseStep(where, part, notes));
    const [survives, sessionless, spareNaive] = NOTES.map((note) => notes.has(note)) as [
      boolean,
      boolean,
      boolean,
    ];
    return { name, group, steps, survives, sessionless, spareNaive };
  } catch (error) {
    throw new Error(`Cannot read program "${name}" of ${group}.py: ${(error as Error).message}`);
  }
}

const NOTES = ["survives", "sessionless", "spare naive"];
const WHERE: readonly Where[] = ["the same session", "another session", "a fresh interpreter"];

function parseStep(where: Where, part: string, notes: Set<string>): Step {
  if (!WHERE.includes(where)) throw new Error(`"${where}" is no place to run`);
  const lines = part.trimEnd().split("\n");
  const first = lines.findIndex((line) => !line.startsWith("#:"));
  const start = first < 0 ? lines.length : first;
  const step = { limitMs: 0, expected: [] as Expected[], error: undefined as string[] | undefined };
  for (const line of lines.slice(0, start)) {
    const [key = "", rest = ""] = split(line.slice("#:".length).trim());
    if (key === "limit") step.limitMs = Number(rest);
    else if (key === "error") step.error = rest.split(/\s+/);
    else if (NOTES.includes(`${key} ${rest}`.trim())) notes.add(`${key} ${rest}`.trim());
    else step.expected.push(key === "not" ? expected(rest, true) : expected(`${key} ${rest}`, false));
  }
  step.limitMs ||= step.error?.includes("timeout") ? RUNAWAY_MS : LIMIT_MS;
  return { where, code: lines.slice(start).join("\n"), ...step };
}

const FIELDS: readonly string[] = ["stdout", "stderr", "value", "message", "traceback"];

function expected(text: string, not: boolean): Expected {
  const [field = "", is = ""] = split(text);
  if (!FIELDS.includes(field)) throw new Error(`nothing is known of "${field}"`);
  return { field: field as Field, not, is: pattern(is) };
}

function pattern(text: string): Expected["is"] {
  if (text === "null") return null;
  if (/^".*"$/.test(text)) return JSON.parse(text);
  return /^\/.*\/$/.test(text) ? new RegExp(text.slice(1, -1), "s") : text;
}

function split(text: string): string[] {
  return /^(\S*)\s*(.*)$/s.exec(text)!.slice(1);
}
