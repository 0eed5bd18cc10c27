/**
 * Decodes the words of a shell command as bash would, as far as that can be known without running it.
 *
 * A word becomes one field, or several when braces are expanded. Parts that depend on the run (variables without a
 * known value, substitutions, arithmetic) make it uncertain: nothing is allowed because of such a field, but what is
 * known of it can still make a command denied.
 *
 * @module
 */
import type { Word, WordPart } from "unbash";
import type { Field, Scope } from "./field.ts";

/** Why a word is beyond what is understood; it denies the command. */
export class Misunderstood extends Error {
  override readonly name = "Misunderstood";
}

/** Fields that braces may make of one word. */
const MAX_FIELDS = 64;

/** A stretch of a word. Tildes and globs count only where it is bare. */
interface Piece {
  text: string;
  bare: boolean;
  /** Whether the text is what the run will have. */
  certain: boolean;
  /** Whether not even a guess can be made of the text. */
  unknown?: boolean;
  /** Whether an unknown value stays one argument. */
  single?: boolean;
  glob?: boolean;
  stream?: boolean;
}

/**
 * The fields of a word.
 * @throws {Misunderstood} for extended globs and braces too intricate to expand.
 */
export function fieldsOf(word: Word, scope: Scope): Field[] {
  if (word.parts === undefined) return [fieldFrom([bare(word.text, word.value)], scope)];
  let alternatives: Piece[][] = [[]];
  for (const part of word.parts) {
    const choices = piecesOf(part, word, scope);
    if (alternatives.length * choices.length > MAX_FIELDS) {
      throw new Misunderstood(`${word.text} has too many braces`);
    }
    alternatives = alternatives.flatMap((before) => choices.map((pieces) => [...before, ...pieces]));
  }
  return alternatives.map((pieces) => fieldFrom(pieces, scope));
}

/** The one field a word makes where bash expands no braces: values of assignments, targets of redirections. */
export function fieldOf(word: Word, scope: Scope): Field {
  const [only, ...more] = fieldsOf(word, scope);
  if (only === undefined || more.length > 0) throw new Misunderstood(`${word.text} stands for several names`);
  return only;
}

/** What a part may be: several alternatives for braces, else one. */
function piecesOf(part: WordPart, word: Word, scope: Scope): Piece[][] {
  switch (part.type) {
    case "Literal":
      return [[bare(part.text, part.value, word.text)]];
    case "SingleQuoted":
    case "AnsiCQuoted":
      return [[{ text: part.value, bare: false, certain: true }]];
    case "DoubleQuoted":
      return [[
        { text: "", bare: false, certain: true },
        ...part.parts.flatMap((inner) => quoted(inner, scope)),
      ]];
    case "LocaleString":
      return [
        part.parts.flatMap((inner) => quoted(inner, scope)).map((piece) => ({ ...piece, certain: false })),
      ];
    case "Glob":
      if (part.parts?.some(({ type }) => type !== "Literal")) {
        throw new Misunderstood(`${word.text} has a pattern of quotes or substitutions`);
      }
      return [[{ text: part.text, bare: true, certain: true, glob: true }]];
    case "BraceExpansion":
      return expandBraces(part.text).map((text) => [bare(text, text, "", true)]);
    case "ExtendedGlob":
      throw new Misunderstood(
        `${word.text} is an extended glob, which bash reads differently by its settings`,
      );
    case "ProcessSubstitution":
      return [[{ text: part.text, bare: false, certain: true, stream: true }]];
    default:
      return [[expansion(part, scope, false)]];
  }
}

/** A part within double quotes. */
function quoted(part: WordPart, scope: Scope): Piece {
  return part.type === "Literal"
    ? { text: part.value, bare: false, certain: true }
    : expansion(part, scope, true);
}

/** What depends on the run: the value of a variable when one is known, else unknown. */
function expansion(part: WordPart, scope: Scope, single: boolean): Piece {
  const value = variableOf(part, scope);
  if (value === undefined) {
    const list = /^\$(?:@|\{@|\*|\{\w+\[@)/.test(part.text);
    const number = part.type === "ArithmeticExpansion" || /^\$[?#$]$/.test(part.text);
    return {
      text: part.text,
      bare: false,
      certain: false,
      unknown: true,
      single: number || (single && !list),
    };
  }
  const fixed = value.certain && (single || !/[\s*?[]/.test(value.text));
  return { text: value.text, bare: false, certain: fixed, single, glob: !single && /[*?[]/.test(value.text) };
}

/** The value of `$NAME`, `${NAME}` and `${NAME:-literal}`; certain for home and folder nobody assigns to. */
function variableOf(part: WordPart, scope: Scope): { text: string; certain: boolean } | undefined {
  if (part.type === "SimpleExpansion") return lookUp(part.text.slice(1), scope);
  if (part.type !== "ParameterExpansion" || part.prefix !== undefined || part.index !== undefined) {
    return undefined;
  }
  const value = lookUp(part.parameter, scope);
  const { operation } = part;
  if (operation === undefined) return value;
  if (operation.type !== "Default" || /\?/.test(operation.operator)) return undefined;
  if (value !== undefined && !/\+/.test(operation.operator)) return { ...value, certain: false };
  const field = fieldOf(operation.operand, scope);
  return field.unknownAt === undefined ? { text: field.text, certain: false } : undefined;
}

function lookUp(name: string, scope: Scope): { text: string; certain: boolean } | undefined {
  const given = scope.variables.get(name);
  if (given !== undefined) return { text: given, certain: false };
  if (scope.variables.has(name)) return undefined;
  if (name === "HOME") return { text: scope.home ?? "~", certain: scope.home !== undefined };
  if (name !== "PWD") return undefined;
  return { text: scope.folders[0]!, certain: scope.folders.length === 1 && !scope.lost };
}

/** Bare text: its source, its value, and the whole word it stands in. */
function bare(source: string, value: string, word = source, fromBraces = false): Piece {
  const open = source.replace(/\\[^]/g, "");
  if (!fromBraces && /\{/.test(open) && /,|\.\./.test(word)) {
    throw new Misunderstood(`${word} has braces that may be expanded`);
  }
  if (source.startsWith("\\~")) return { text: value, bare: false, certain: true };
  // A tilde after "=" or ":" is expanded in some places and not in others.
  return { text: value, bare: true, certain: !/[=:]~/.test(open), glob: fromBraces && /[*?]/.test(open) };
}

/** `{a,b}` and `{1..9}` of plain characters. */
function expandBraces(text: string): string[] {
  const range = /^\{(-?\d{1,6})\.\.(-?\d{1,6})\}$/.exec(text);
  if (range !== null && !/^-?0\d/.test(range[1]!) && !/^-?0\d/.test(range[2]!)) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    const step = from <= to ? 1 : -1;
    if (Math.abs(to - from) >= MAX_FIELDS) throw new Misunderstood(`${text} makes too many words`);
    return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => String(from + index * step));
  }
  if (!/^\{[\w.\/~*?:=+@%^-]*(?:,[\w.\/~*?:=+@%^-]*)+\}$/.test(text)) {
    throw new Misunderstood(`${text} has braces too intricate to expand`);
  }
  return text.slice(1, -1).split(",");
}

/** Puts pieces together: the tilde first, then globs. */
function fieldFrom(pieces: readonly Piece[], scope: Scope): Field {
  const [first, ...more] = pieces;
  const all = first === undefined ? [] : [...tilde(first, more, scope), ...more];
  let text = "", unknownAt: number | undefined;
  for (const piece of all) {
    if (piece.unknown && unknownAt === undefined) unknownAt = text.length;
    text += piece.text;
  }
  const certain = all.every((piece) => piece.certain);
  return {
    text,
    certain,
    glob: all.some(({ glob }) => glob),
    single: all.every((piece) => piece.certain || piece.single === true),
    ...(unknownAt === undefined ? {} : { unknownAt }),
    ...(all.length === 1 && all[0]!.stream ? { stream: true } : {}),
  };
}

/** `~` and `~/` at the start of a word are home; other users' homes are unknown. */
function tilde(first: Piece, more: readonly Piece[], { home, variables }: Scope): Piece[] {
  if (!first.bare || !first.text.startsWith("~")) return [first];
  const name = /^~([^/]*)/.exec(first.text)![1]!;
  const ended = first.text.length > name.length + 1 || more.length === 0;
  const after = first.text.slice(1);
  const folder = variables.get("HOME") ?? home;
  if (name !== "" || !ended || folder === undefined) return [{ ...first, certain: false }];
  return [{ text: folder, bare: false, certain: !variables.has("HOME") }, { ...first, text: after }];
}
