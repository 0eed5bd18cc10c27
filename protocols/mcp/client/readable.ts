/**
 * JSON of a server's, so that whoever reads it sees all there is.
 *
 * @module
 */
import { visible } from "./bounds.ts";

/** Levels that are read. */
const DEPTH = 64;
/** Keys of a schema whose texts are for readers; what the others say is compared, and changing it would break a tool. */
const FOR_READERS: ReadonlySet<string> = new Set(["title", "description", "$comment"]);

/** A schema whose titles and descriptions are visible. @throws {RangeError} beyond {@linkcode DEPTH} levels. */
export function readableSchema(schema: object): Record<string, unknown> {
  return mapped(schema, (text, key) => FOR_READERS.has(key) ? visible(text) : text) as Record<
    string,
    unknown
  >;
}

/** A form for a person, in which every text is visible. @throws {RangeError} beyond {@linkcode DEPTH} levels. */
export function readableForm(form: object): Record<string, unknown> {
  return mapped(form, visible) as Record<string, unknown>;
}

function mapped(value: unknown, text: (text: string, key: string) => string, key = "", depth = 0): unknown {
  if (depth > DEPTH) throw new RangeError(`Cannot read JSON of more than ${DEPTH} levels`);
  if (typeof value === "string") return text(value, key);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapped(item, text, "", depth + 1));
  const entries = Object.entries(value).map((
    [key, inner],
  ) => [text(key, ""), mapped(inner, text, key, depth + 1)]);
  return Object.fromEntries(entries);
}
