/**
 * Conditions under which a requirement holds: `python_version >= "3.8" and extra == "test"`.
 *
 * @see https://peps.python.org/pep-0508/#environment-markers
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { normalizeName } from "./names.ts";
import { parseSpecifiers, satisfies } from "./specifier.ts";
import { parseVersion } from "./version.ts";

/** Values of the words markers may use: `python_version`, `sys_platform` and so on. */
export type MarkerWords = Readonly<Record<string, string>>;

/** Says whether a marker holds. `extra` is the one asked for, "" for none. */
export type Marker = (words: MarkerWords, extra: string) => boolean;

type Value = { readonly word: string } | { readonly text: string };

const TOKEN = /\s*(?:([()])|(===|==|!=|<=|>=|~=|<|>)|'([^']*)'|"([^"]*)"|([a-z_.]+))/giy;

/**
 * Reads a marker.
 * @throws {Fault} code `bad_requirement`.
 */
export function parseMarker(text: string): Marker {
  const tokens = tokensOf(text);
  let at = 0;
  const marker = either();
  if (at < tokens.length) throw unreadable(text);
  return marker;

  function either(): Marker {
    const parts = [both()];
    while (accept("or")) parts.push(both());
    return (words, extra) => parts.some((part) => part(words, extra));
  }

  function both(): Marker {
    const parts = [single()];
    while (accept("and")) parts.push(single());
    return (words, extra) => parts.every((part) => part(words, extra));
  }

  function single(): Marker {
    if (accept("(")) {
      const inner = either();
      if (!accept(")")) throw unreadable(text);
      return inner;
    }
    const left = value();
    const operator = accept("not") ? (accept("in") ? "not in" : undefined) : tokens[at++]?.name;
    const right = value();
    if (operator === undefined) throw unreadable(text);
    return (words, extra) => compare(left, operator, right, { ...words, extra });
  }

  function value(): Value {
    const token = tokens[at++];
    if (token?.text !== undefined) return { text: token.text };
    if (token?.name === undefined || !/^[a-z]/i.test(token.name)) throw unreadable(text);
    return { word: token.name };
  }

  function accept(name: string): boolean {
    const found = tokens[at]?.name === name;
    if (found) at++;
    return found;
  }
}

interface Token {
  /** Of what is not in quotes. */
  name?: string;
  text?: string;
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = source.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const found = TOKEN.exec(source);
    if (found === null) throw unreadable(source);
    const text = found[3] ?? found[4];
    tokens.push(text === undefined ? { name: found[1] ?? found[2] ?? found[5]! } : { text });
  }
  return tokens;
}

function compare(left: Value, operator: string, right: Value, words: MarkerWords): boolean {
  const isExtra = [left, right].some((side) => "word" in side && side.word === "extra");
  const valueOf = (side: Value) => {
    const value = "text" in side ? side.text : words[side.word];
    if (value === undefined) {
      throw new Fault(
        "bad_requirement",
        `Cannot use an unknown marker word "${"word" in side && side.word}"`,
      );
    }
    return isExtra && value !== "" ? normalizeName(value) : value;
  };
  const [a, b] = [valueOf(left), valueOf(right)];
  if (operator === "in") return b.includes(a);
  if (operator === "not in") return !b.includes(a);
  if (!isExtra && parseVersion(a) !== undefined && parseVersion(b.replace(/\.\*$/, "")) !== undefined) {
    return satisfies(a, parseSpecifiers(operator + b));
  }
  return compareTexts(a, operator, b);
}

function compareTexts(a: string, operator: string, b: string): boolean {
  switch (operator) {
    case "==":
    case "===":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      throw new Fault("bad_requirement", `Cannot compare "${a}" ${operator} "${b}" in a marker`);
  }
}

function unreadable(text: string): Fault {
  return new Fault("bad_requirement", `Cannot read the marker ${JSON.stringify(text)}`);
}
