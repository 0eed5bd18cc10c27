/**
 * A form as a person fills it in at a terminal: fields that say what they want, and what they make of a typed line.
 *
 * @module
 */
import { oneLine } from "./harmless.ts";

/** What a line came to: a value, none where none is needed, or why it will not do. */
export type Entry =
  | { readonly value: unknown }
  | { readonly left: true }
  | { readonly wrong: string };

/** One thing to fill in. */
export interface Field {
  /** Its name in the form. */
  readonly name: string;
  /** What a person is asked, on one line that steers no terminal. */
  readonly prompt: string;
  /** Whether "no" is an answer here. */
  readonly takesNo: boolean;
  /** What a typed line comes to; an empty one takes the default, or leaves the field out. */
  read(line: string): Entry;
}

/** Fields of a form, or the name of one that has to be filled in and cannot be typed. */
export type Fields = readonly Field[] | { readonly untypable: string };

type Schema = Readonly<Record<string, unknown>>;

/** How values of a kind are asked for and read. */
interface Kind {
  /** What is wanted, in a few words. */
  readonly wants: string;
  readonly takesNo?: boolean;
  read(text: string): Entry;
}

interface Choice {
  readonly value: string;
  readonly title: string;
}

/** Fields that are asked for; a form is short. */
const FIELDS = 50;

/** The fields of a JSON Schema of an object. What need not be filled in and cannot be typed is left out. */
export function fieldsOf({ properties, required }: Schema): Fields {
  const wanted: ReadonlySet<unknown> = new Set(Array.isArray(required) ? required : []);
  const fields: Field[] = [];
  for (const [name, schema] of Object.entries(asSchema(properties)).slice(0, FIELDS)) {
    const field = fieldOf(name, asSchema(schema), wanted.has(name));
    if (field !== undefined) fields.push(field);
    else if (wanted.has(name)) return { untypable: oneLine(name) };
  }
  const missing = [...wanted].find((name) => !fields.some((field) => field.name === name));
  return missing === undefined ? fields : { untypable: oneLine(String(missing)) };
}

function fieldOf(name: string, schema: Schema, required: boolean): Field | undefined {
  const kind = kindOf(schema);
  if (kind === undefined) return undefined;
  const preset = defaultOf(schema, kind);
  const empty: Entry = preset ?? (required ? { wrong: "something has to be given" } : { left: true });
  const about = [textAt(schema, "description"), kind.wants, presetText(preset, required)].filter((part) =>
    part
  );
  return {
    name,
    prompt: `${oneLine(textAt(schema, "title") || name)}: ${oneLine(about.join("; "))}`,
    takesNo: kind.takesNo ?? false,
    read: (line) => line.trim() === "" ? empty : kind.read(line.trim()),
  };
}

function presetText(preset: { value: unknown } | undefined, required: boolean): string {
  if (preset === undefined) return required ? "" : "may be left out";
  const { value } = preset;
  return `default ${typeof value === "string" ? value : JSON.stringify(value)}`;
}

/** A default that the field itself would take. */
function defaultOf(schema: Schema, kind: Kind): { value: unknown } | undefined {
  const { default: value } = schema;
  const typed = Array.isArray(value) ? value.join(",") : String(value);
  const read = value === undefined || value === "" ? undefined : kind.read(typed);
  return read !== undefined && "value" in read ? read : undefined;
}

function kindOf(schema: Schema): Kind | undefined {
  const choices = choicesOf(schema);
  if (choices !== undefined) return oneOf(choices);
  switch (schema.type) {
    case "string":
      return text(schema);
    case "number":
    case "integer":
      return number(schema);
    case "boolean":
      return YES_OR_NO;
    case "array": {
      const items = choicesOf(asSchema(schema.items));
      return items === undefined ? undefined : severalOf(items, schema);
    }
    default:
      return undefined;
  }
}

const YES_OR_NO: Kind = {
  wants: "[y]es or [n]o",
  takesNo: true,
  read(typed) {
    const word = typed.toLowerCase();
    if (["y", "yes", "true"].includes(word)) return { value: true };
    return ["n", "no", "false"].includes(word) ? { value: false } : { wrong: "please answer yes or no" };
  },
};

function text(schema: Schema): Kind {
  const { minLength, maxLength, format } = schema;
  const form = FORMATS.get(String(format));
  return {
    wants: form?.wants ?? "",
    read(typed) {
      const value = /^"no"$/i.test(typed) ? typed.slice(1, -1) : typed;
      const { length } = [...value];
      if (typeof minLength === "number" && length < minLength) {
        return { wrong: `at least ${minLength} characters` };
      }
      if (typeof maxLength === "number" && length > maxLength) {
        return { wrong: `at most ${maxLength} characters` };
      }
      return form === undefined || form.fits(value) ? { value } : { wrong: `that is not ${form.wants}` };
    },
  };
}

const FORMATS: ReadonlyMap<string, { readonly wants: string; fits(text: string): boolean }> = new Map([
  ["email", { wants: "an e-mail address", fits: (text: string) => /^[^\s@]+@[^\s@]+$/.test(text) }],
  ["uri", { wants: "an address such as https://example.com", fits: (text: string) => URL.canParse(text) }],
  ["date", { wants: "a date such as 2026-01-31", fits: isDate }],
  ["date-time", {
    wants: "a time such as 2026-01-31T12:00:00Z",
    fits: (text: string) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)),
  }],
]);

function isDate(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function number({ type, minimum, maximum }: Schema): Kind {
  const whole = type === "integer";
  const wants = whole ? "a whole number" : "a number";
  return {
    wants,
    read(typed) {
      const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(typed) ? Number(typed) : NaN;
      if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) {
        return { wrong: `that is not ${wants}` };
      }
      if (typeof minimum === "number" && value < minimum) return { wrong: `at least ${minimum}` };
      if (typeof maximum === "number" && value > maximum) return { wrong: `at most ${maximum}` };
      return { value };
    },
  };
}

function oneOf(choices: readonly Choice[]): Kind {
  return {
    wants: `one of ${listed(choices)}`,
    takesNo: choices.some(({ value, title }) => [value, title].some((word) => word.toLowerCase() === "no")),
    read(typed) {
      const chosen = chosenFrom(choices, typed);
      return chosen === undefined ? { wrong: `please choose one of ${listed(choices)}` } : { value: chosen };
    },
  };
}

function severalOf(choices: readonly Choice[], { minItems, maxItems }: Schema): Kind {
  return {
    wants: `some of ${listed(choices)}, with commas between them`,
    read(typed) {
      const chosen = typed.split(",").map((one) => chosenFrom(choices, one.trim()));
      const value = [...new Set(chosen)];
      if (value.includes(undefined)) return { wrong: `please choose some of ${listed(choices)}` };
      if (typeof minItems === "number" && value.length < minItems) {
        return { wrong: `at least ${minItems} of them` };
      }
      if (typeof maxItems === "number" && value.length > maxItems) {
        return { wrong: `at most ${maxItems} of them` };
      }
      return { value };
    },
  };
}

/** As it is written, else without regard to case, else by its number in the list. */
function chosenFrom(choices: readonly Choice[], typed: string): string | undefined {
  const word = typed.toLowerCase();
  const found = choices.find(({ value, title }) => value === typed || title === typed) ??
    choices.find(({ value, title }) => value.toLowerCase() === word || title.toLowerCase() === word) ??
    (/^\d+$/.test(typed) ? choices[Number(typed) - 1] : undefined);
  return found?.value;
}

function listed(choices: readonly Choice[]): string {
  return choices.map(({ title }, at) => `${at + 1}) ${oneLine(title)}`).join(", ");
}

/** `enum`, with or without names, and `oneOf` or `anyOf` of constants. */
function choicesOf({ enum: values, enumNames, oneOf, anyOf }: Schema): Choice[] | undefined {
  if (Array.isArray(values)) {
    const names = Array.isArray(enumNames) ? enumNames : [];
    return values.map((value, at) => ({ value: String(value), title: String(names[at] ?? value) }));
  }
  const constants = [oneOf, anyOf].find((list) => Array.isArray(list)) as unknown[] | undefined;
  const choices = constants?.map(asSchema).filter((one) => typeof one.const === "string");
  return choices?.map((one) => ({
    value: String(one.const),
    title: textAt(one, "title") || String(one.const),
  }));
}

function textAt(schema: Schema, key: string): string {
  const found = schema[key];
  return typeof found === "string" ? found : "";
}

function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null ? value as Schema : {};
}
