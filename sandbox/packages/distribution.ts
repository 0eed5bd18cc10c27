/**
 * The list of packages that are built for one release of Pyodide, as it comes with Pyodide itself.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { makeGuard } from "../../supervisor/actor/guard.ts";
import { normalizeName } from "./names.ts";
import type { Target } from "./target.ts";

/** One package of the distribution. */
export interface DistributedPackage {
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
  /** Normalized names. */
  readonly depends: readonly string[];
  readonly imports: readonly string[];
}

/** One release. */
export interface Distribution {
  /** The Python it is. */
  readonly target: Target;
  /** By normalized name. */
  readonly packages: ReadonlyMap<string, DistributedPackage>;
}

const TEXTS = { type: "array", items: { type: "string" } };
const guard = makeGuard({
  type: "object",
  properties: {
    info: {
      type: "object",
      properties: {
        abi_version: { type: "string", pattern: "^[0-9_]+$" },
        arch: { type: "string", pattern: "^[a-z0-9]+$" },
        python: { type: "string", pattern: "^3\\.[0-9]+\\.[0-9]+$" },
      },
      required: ["abi_version", "arch", "python"],
    },
    packages: {
      type: "object",
      additionalProperties: {
        type: "object",
        properties: {
          version: { type: "string" },
          file_name: { type: "string", pattern: "^[^/\\\\]+$" },
          sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
          depends: TEXTS,
          imports: TEXTS,
        },
        required: ["version", "file_name", "sha256", "depends", "imports"],
      },
    },
  },
  required: ["info", "packages"],
});

/**
 * Reads a `pyodide-lock.json`. Test suites packed apart from their packages are left out.
 * @throws {Fault} code `bad_distribution`.
 */
export function parseDistribution(text: string): Distribution {
  const data = JSON.parse(text);
  const wrong = guard(data);
  if (wrong !== undefined) throw new Fault("bad_distribution", `Cannot use pyodide-lock.json: ${wrong}`);
  const { abi_version, arch, python } = data.info;
  const packages = new Map<string, DistributedPackage>();
  for (const [name, entry] of Object.entries(data.packages as Record<string, Entry>)) {
    if (entry.file_name.endsWith("-tests.zip")) continue;
    packages.set(normalizeName(name), {
      version: entry.version,
      file: entry.file_name,
      sha256: entry.sha256,
      depends: entry.depends.map(normalizeName),
      imports: entry.imports,
    });
  }
  return { target: { python, platform: `pyemscripten_${abi_version}_${arch}` }, packages };
}

interface Entry {
  version: string;
  file_name: string;
  sha256: string;
  depends: string[];
  imports: string[];
}
