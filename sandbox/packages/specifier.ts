/**
 * Which versions a requirement accepts: ">=1.2,<2,!=1.5.*".
 *
 * @see https://peps.python.org/pep-0440/#version-specifiers
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { compareReleases, compareVersions, isPreRelease, parseVersion, type Version } from "./version.ts";

/** One condition on a version. */
export interface Specifier {
  readonly operator: "==" | "!=" | "<=" | ">=" | "<" | ">" | "~=" | "===";
  /** As written. */
  readonly text: string;
  /** Undefined for `===`, which compares texts. */
  readonly version?: Version;
  /** Whether it was written "1.2.*". */
  readonly prefix: boolean;
}

/**
 * Reads conditions set apart by commas; none for an empty text.
 * @throws {Fault} code `bad_requirement`.
 */
export function parseSpecifiers(text: string): Specifier[] {
  return text.split(",").map((one) => one.trim()).filter((one) => one !== "").map(parseSpecifier);
}

/** Whether a version passes all conditions. Pre-releases pass where a condition names one, or all of them with `pre`. */
export function satisfies(text: string, specifiers: readonly Specifier[], pre = false): boolean {
  const version = parseVersion(text);
  if (version === undefined) return false;
  const namesPre = specifiers.some((one) => one.version === undefined || isPreRelease(one.version));
  if (isPreRelease(version) && !namesPre && !pre) return false;
  return specifiers.every((one) => passes(text, version, one));
}

/** Conditions as written, "" for none. */
export function showSpecifiers(specifiers: readonly Specifier[]): string {
  return specifiers.map(({ operator, text }) => operator + text).join(",");
}

function parseSpecifier(text: string): Specifier {
  const found = /^(===|==|!=|<=|>=|~=|<|>)\s*(\S+)$/.exec(text);
  const operator = found?.[1] as Specifier["operator"] | undefined;
  const written = found?.[2] ?? "";
  const prefix = written.endsWith(".*");
  const version = parseVersion(prefix ? written.slice(0, -2) : written);
  const understood = operator === "===" ||
    version !== undefined && (!prefix || operator === "==" || operator === "!=") &&
      (operator !== "~=" || version.release.length > 1);
  if (operator === undefined || !understood) {
    throw new Fault("bad_requirement", `Cannot read the version condition ${JSON.stringify(text)}`);
  }
  return { operator, text: written, version: operator === "===" ? undefined : version, prefix };
}

function passes(text: string, candidate: Version, { operator, text: written, version, prefix }: Specifier) {
  if (version === undefined) return text.toLowerCase() === written.toLowerCase();
  // What follows a "+" only matters where the condition has it too.
  const { local: _, ...shown } = candidate;
  const sign = compareVersions(version.local === undefined ? shown : candidate, version);
  const sameRelease = compareReleases(candidate.release, version.release) === 0;
  switch (operator) {
    case "==":
      return prefix ? startsWith(candidate, version) : sign === 0;
    case "!=":
      return prefix ? !startsWith(candidate, version) : sign !== 0;
    case "<=":
      return sign <= 0;
    case ">=":
      return sign >= 0;
    case "<":
      return sign < 0 && !(isPreRelease(candidate) && !isPreRelease(version) && sameRelease);
    case ">":
      return sign > 0 && !(candidate.post !== undefined && version.post === undefined && sameRelease);
    default:
      return sign >= 0 && startsWith(candidate, { ...version, release: version.release.slice(0, -1) });
  }
}

function startsWith(candidate: Version, { epoch, release }: Version): boolean {
  return candidate.epoch === epoch && release.every((part, at) => (candidate.release[at] ?? 0) === part);
}
