/**
 * Takes secrets out of texts and of plain data, by their value.
 *
 * @module
 */
import type { Fingerprint } from "./fingerprint.ts";

/** A secret in a text: from `start` to before `end`. */
export interface Found {
  /** Its first character. */
  readonly start: number;
  /** The first character after it. */
  readonly end: number;
  /** Of the secret. */
  readonly name: string;
}

/** Replaces each secret it has a fingerprint of by `[secret:NAME]`. What has none in it stays the same value. */
export class Redactor {
  /** The longest form of a secret, in characters; 0 where there is none. */
  readonly longest: number;
  readonly #byLength: ReadonlyMap<number, readonly Fingerprint[]>;

  /** Knows these secrets. */
  constructor(known: readonly Fingerprint[]) {
    this.#byLength = Map.groupBy(known, ({ length }) => length);
    this.longest = Math.max(0, ...this.#byLength.keys());
  }

  /** A text without secrets. */
  text(text: string): string {
    let [clean, from] = ["", 0];
    for (const { start, end, name } of this.find(text)) {
      clean += `${text.slice(from, start)}[secret:${name}]`;
      from = end;
    }
    return from === 0 ? text : clean + text.slice(from);
  }

  /** Plain data with no secrets in its texts and keys. */
  data<T>(value: T): T {
    return this.longest === 0 ? value : this.#clean(value) as T;
  }

  /** Where secrets are, in order; those that overlap are one. */
  find(text: string): Found[] {
    const all: Found[] = [];
    for (const [length, known] of this.#byLength) search(text, length, known, all);
    if (all.length < 2) return all;
    all.sort((one, other) => one.start - other.start || other.end - one.end);
    const merged: Found[] = [];
    for (const found of all) {
      const last = merged.at(-1);
      if (last === undefined || found.start >= last.end) merged.push(found);
      else merged[merged.length - 1] = { ...last, end: Math.max(last.end, found.end) };
    }
    return merged;
  }

  #clean(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      const clean = value.map((item) => this.#clean(item));
      return clean.some((item, at) => item !== value[at]) ? clean : value;
    }
    const entries = Object.entries(value);
    const clean = entries.map(([key, inner]): [string, unknown] => [this.text(key), this.#clean(inner)]);
    const changed = clean.some(([key, inner], at) => key !== entries[at]![0] || inner !== entries[at]![1]);
    return changed ? Object.fromEntries(clean) : value;
  }
}

/** Rolls over all windows of that length. */
function search(text: string, length: number, known: readonly Fingerprint[], found: Found[]): void {
  const [first] = known;
  if (first === undefined || text.length < length) return;
  const [a, b] = first.bases;
  const [topA, topB] = [power(a, length - 1), power(b, length - 1)];
  const wanted = new Map(known.map((fingerprint) => [fingerprint.hashes[0], fingerprint]));
  let [sumA, sumB] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    if (at >= length) {
      const gone = text.charCodeAt(at - length);
      sumA = sumA - Math.imul(gone, topA) | 0;
      sumB = sumB - Math.imul(gone, topB) | 0;
    }
    const code = text.charCodeAt(at);
    sumA = Math.imul(sumA, a) + code | 0;
    sumB = Math.imul(sumB, b) + code | 0;
    if (at < length - 1) continue;
    const match = wanted.get(sumA);
    if (match?.hashes[1] === sumB) found.push({ start: at + 1 - length, end: at + 1, name: match.name });
  }
}

function power(base: number, exponent: number): number {
  let product = 1;
  for (let times = 0; times < exponent; times++) product = Math.imul(product, base);
  return product;
}
