/**
 * What a package says it needs: `numpy[extra] >=1.23,<3 ; python_version >= "3.9"`.
 *
 * @see https://peps.python.org/pep-0508/
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { type MarkerWords, parseMarker } from "./marker.ts";
import { normalizeName } from "./names.ts";
import { parseSpecifiers, type Specifier } from "./specifier.ts";

/** One requirement that holds here. */
export interface Requirement {
  /** Normalized. */
  readonly name: string;
  /** Normalized. */
  readonly extras: readonly string[];
  readonly specifiers: readonly Specifier[];
}

const REQUIREMENT =
  /^\s*(?<name>[a-z0-9][a-z0-9._-]*)\s*(?:\[(?<extras>[^\]]*)\])?\s*(?:@\s*(?<url>\S+)|\(?(?<versions>[^;()@]*)\)?)\s*(?:;(?<marker>.*))?$/i;

/**
 * Reads a requirement; undefined when its marker does not hold, neither plainly nor for one of `extras`.
 * @throws {Fault} code `bad_requirement` when it cannot be read, or names an address instead of a version.
 */
export function requirementFor(
  text: string,
  words: MarkerWords,
  extras: readonly string[],
): Requirement | undefined {
  const found = REQUIREMENT.exec(text)?.groups;
  if (found === undefined) {
    throw new Fault("bad_requirement", `Cannot read the requirement ${JSON.stringify(text)}`);
  }
  if (found.marker !== undefined) {
    const holds = parseMarker(found.marker);
    if (!["", ...extras].some((extra) => holds(words, extra))) return undefined;
  }
  if (found.url !== undefined) {
    throw new Fault("bad_requirement", `Cannot install ${found.name} from an address; only from the index`);
  }
  return {
    name: normalizeName(found.name!),
    extras: (found.extras ?? "").split(",").map((one) => one.trim()).filter((one) => one !== "")
      .map(normalizeName),
    specifiers: parseSpecifiers(found.versions ?? ""),
  };
}
