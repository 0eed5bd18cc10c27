/**
 * What an index says of one package: a page of the simple repository API in its JSON form.
 *
 * @see https://packaging.python.org/specifications/simple-repository-api/
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { makeGuard } from "../../supervisor/actor/guard.ts";
import type { Candidate } from "./resolve.ts";
import { parseSpecifiers, satisfies } from "./specifier.ts";
import { fitOf, parseWheelName, type Target } from "./target.ts";
import { compareVersions, parseVersion } from "./version.ts";

/** The media type to ask for. */
export const INDEX_PAGE_TYPE = "application/vnd.pypi.simple.v1+json";

/** What became of an index page. */
export interface IndexPage {
  /** Wheels that fit, the newest version first and one for each version. */
  readonly candidates: readonly Candidate[];
  /** Files of any kind that were listed. */
  readonly files: number;
}

const HASHES = {
  type: "object",
  properties: { sha256: { type: "string", pattern: "^[0-9a-f]{64}$" } },
};
const METADATA = { anyOf: [{ type: "boolean" }, HASHES] };
const guard = makeGuard({
  type: "object",
  properties: {
    meta: {
      type: "object",
      properties: { "api-version": { type: "string", pattern: "^1\\." } },
      required: ["api-version"],
    },
    files: {
      type: "array",
      items: {
        type: "object",
        properties: {
          filename: { type: "string" },
          url: { type: "string" },
          hashes: HASHES,
          size: { type: "integer", minimum: 0 },
          "requires-python": { anyOf: [{ type: "string" }, { type: "null" }] },
          yanked: { anyOf: [{ type: "boolean" }, { type: "string" }] },
          "core-metadata": METADATA,
          "data-dist-info-metadata": METADATA,
        },
        required: ["filename", "url", "hashes"],
      },
    },
  },
  required: ["meta", "files"],
});

interface PageFile {
  filename: string;
  url: string;
  hashes: { sha256?: string };
  size?: number;
  "requires-python"?: string | null;
  yanked?: boolean | string;
  "core-metadata"?: boolean | { sha256?: string };
  "data-dist-info-metadata"?: boolean | { sha256?: string };
}

/**
 * Reads the page of a package. Left out are yanked files, files for another Python or platform, and files without a SHA-256
 * hash. `address` is where the page came from: addresses in it may be relative.
 * @throws {Fault} code `bad_index`.
 */
export function parseIndexPage(text: string, name: string, address: string, target: Target): IndexPage {
  let page;
  try {
    page = JSON.parse(text);
  } catch (error) {
    throw bad(name, error instanceof Error ? error.message : String(error));
  }
  const wrong = guard(page);
  if (wrong !== undefined) throw bad(name, wrong);
  const best = new Map<string, { candidate: Candidate; fit: number; build: number }>();
  for (const file of page.files as PageFile[]) {
    const found = candidateOf(file, name, address, target);
    if (found === undefined) continue;
    const former = best.get(found.candidate.version);
    if (
      former === undefined || found.fit < former.fit || found.fit === former.fit && found.build > former.build
    ) {
      best.set(found.candidate.version, found);
    }
  }
  const candidates = [...best.values()].map(({ candidate }) => candidate).sort(newestFirst);
  return { candidates, files: page.files.length };
}

function candidateOf(file: PageFile, name: string, address: string, target: Target) {
  const wheel = parseWheelName(file.filename);
  const { sha256 } = file.hashes;
  const yanked = file.yanked !== undefined && file.yanked !== false;
  if (wheel === undefined || wheel.name !== name || sha256 === undefined || yanked) return undefined;
  const fit = fitOf(wheel, target);
  if (fit === undefined || !URL.canParse(file.url, address) || !acceptsPython(file, target)) return undefined;
  const metadata = file["core-metadata"] ?? file["data-dist-info-metadata"] ?? false;
  const candidate: Candidate = {
    name,
    version: wheel.version,
    file: file.filename,
    url: new URL(file.url, address).href.replace(/#.*$/, ""),
    sha256,
    ...file.size !== undefined && file.size > 0 && { size: file.size },
    ...metadata !== false && { metadata: typeof metadata === "object" ? metadata : {} },
  };
  return { candidate, fit, build: Number(/^\d+/.exec(wheel.build)?.[0] ?? 0) };
}

/** A condition nobody can read excludes nothing: old files have such. */
function acceptsPython(file: PageFile, { python }: Target): boolean {
  try {
    return satisfies(python, parseSpecifiers(file["requires-python"] ?? ""));
  } catch (error) {
    if (error instanceof Fault && error.code === "bad_requirement") return true;
    throw error;
  }
}

function newestFirst(a: Candidate, b: Candidate): number {
  return compareVersions(parseVersion(b.version)!, parseVersion(a.version)!);
}

function bad(name: string, reason: string): Fault {
  return new Fault("bad_index", `Cannot read what the package index says of ${name}: ${reason}`);
}
