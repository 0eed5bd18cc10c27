/**
 * The file that says which wheel stands for which package, so that the same bytes are used every time. JSON, written by
 * the installer, to be kept with a project's sources.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { makeGuard } from "../../supervisor/actor/guard.ts";
import type { Target } from "./target.ts";

/** One package as it was found when it was first used. */
export interface LockedPackage {
  readonly version: string;
  /** Name of the file: a wheel, or a zip archive of shared libraries from the Pyodide distribution. */
  readonly file: string;
  /** Where it is fetched from. */
  readonly url: string;
  /** Of the file, 64 lower-case hexadecimal digits. Another file is refused. */
  readonly sha256: string;
  /** Of the file, in bytes. */
  readonly size: number;
  /** Names of the packages it needs. */
  readonly depends: readonly string[];
  /** What `import` can name. */
  readonly imports: readonly string[];
  /** Paths of its native code within the file. */
  readonly native: readonly string[];
}

/** Packages by normalized name. */
export type PackageLock = ReadonlyMap<string, LockedPackage>;

const TEXTS = { type: "array", items: { type: "string" } };
const NAME = "^[a-z0-9]+(-[a-z0-9]+)*$";
const guard = makeGuard({
  type: "object",
  properties: {
    version: { const: 1 },
    python: { type: "string" },
    platform: { type: "string" },
    packages: {
      type: "object",
      propertyNames: { type: "string", pattern: NAME },
      additionalProperties: {
        type: "object",
        properties: {
          version: { type: "string" },
          file: { type: "string", pattern: "^[^/\\\\]+\\.(whl|zip)$" },
          url: { type: "string", pattern: "^https?://" },
          sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
          size: { type: "integer", minimum: 1 },
          depends: { type: "array", items: { type: "string", pattern: NAME } },
          imports: TEXTS,
          native: TEXTS,
        },
        required: ["version", "file", "url", "sha256", "size", "depends", "imports", "native"],
      },
    },
  },
  required: ["version", "python", "platform", "packages"],
});

/**
 * Reads the text of a lock file; `path` names it in errors.
 * @throws {Fault} code `bad_lock` when it is damaged or was made for another Python.
 */
export function parseLock(text: string, target: Target, path: string): PackageLock {
  const unusable = (reason: string) =>
    new Fault("bad_lock", `Cannot use ${path}: ${reason}. Correct it, or delete it to choose packages anew`);
  let data;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw unusable(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const wrong = guard(data);
  if (wrong !== undefined) throw unusable(wrong);
  const { python, platform, packages } = data;
  if (python !== minorOf(target) || platform !== target.platform) {
    const here = `Python ${minorOf(target)} (${target.platform})`;
    throw unusable(`it is for Python ${python} (${platform}) and this is ${here}`);
  }
  return new Map(Object.entries(packages as Record<string, LockedPackage>));
}

/** The text of a lock file, the same for the same packages. */
export function formatLock(lock: PackageLock, target: Target): string {
  const packages = Object.fromEntries([...lock].sort(([a], [b]) => a < b ? -1 : 1));
  const file = { version: 1, python: minorOf(target), platform: target.platform, packages };
  return JSON.stringify(file, null, 2) + "\n";
}

/** The names and all they need, each once, what is needed first. Names without an entry are in it too. */
export function closureOf(names: Iterable<string>, lock: PackageLock): string[] {
  const seen = new Set<string>();
  const ordered: string[] = [];
  for (const name of names) visit(name);
  return ordered;

  function visit(name: string): void {
    if (seen.has(name)) return;
    seen.add(name);
    for (const needed of lock.get(name)?.depends ?? []) visit(needed);
    ordered.push(name);
  }
}

function minorOf({ python }: Target): string {
  return python.split(".").slice(0, 2).join(".");
}
