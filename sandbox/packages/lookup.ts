/**
 * Which packages code may use, and which package an `import` means.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Distribution } from "./distribution.ts";
import { closureOf, type PackageLock } from "./lock_file.ts";
import { normalizeName } from "./names.ts";

/** What is known of packages before anything is fetched. */
export interface Known {
  /** Names from the configuration, normalized. */
  readonly allow: readonly string[];
  /** What was installed before. */
  readonly lock: PackageLock;
  /** For the names that packages of the distribution are imported by. */
  readonly distribution: Pick<Distribution, "packages">;
}

/** An import nothing allowed provides. */
export interface Denied {
  /** As imported. */
  readonly import: string;
  /** The package that most likely provides it. */
  readonly package: string;
}

/** What imports come to. */
export interface Found {
  /** Allowed packages that provide them, each once, sorted. */
  readonly packages: readonly string[];
  /** The others. */
  readonly denied: readonly Denied[];
}

/** All that may be installed: what is allowed, and what the lock says that it needs. */
export function allowedPackages({ allow, lock }: Pick<Known, "allow" | "lock">): ReadonlySet<string> {
  return new Set(closureOf(allow, lock));
}

/** Finds the packages of imported names; of "os.path" the first part counts. Leave out what Python finds itself. */
export function packagesFor(importNames: readonly string[], known: Known): Found {
  const allowed = allowedPackages(known);
  const packages = new Set<string>();
  const denied: Denied[] = [];
  for (const name of new Set(importNames.map((one) => one.split(".")[0]!))) {
    const providers = [...allowed].filter((one) => provides(one, name, known));
    for (const provider of providers) packages.add(provider);
    if (providers.length === 0) denied.push({ import: name, package: likelyPackage(name, known) });
  }
  return { packages: [...packages].sort(), denied };
}

/** The refusal of a package, with the lines of configuration that would allow it. */
export function notAllowed(name: string, { allow }: Pick<Known, "allow">): Fault {
  const names = [...new Set([...allow, name])].sort().map((one) => JSON.stringify(one)).join(", ");
  return new Fault(
    "not_allowed",
    `Cannot use the Python package ${name}: it is not allowed. To allow it, put into the configuration:\n` +
      `[python.packages]\nallow = [${names}]`,
  );
}

/** Why an import was denied, for whoever wrote it. */
export function reasonOf({ import: importName, package: name }: Denied, known: Known): string {
  if (!allowedPackages(known).has(name)) return notAllowed(name, known).message;
  const imports = known.lock.get(name)?.imports.join(", ");
  const instead = imports ? `; it is imported as ${imports}` : "";
  return `Cannot import ${importName}: the package ${name} has no module of that name${instead}`;
}

function provides(name: string, importName: string, { lock, distribution }: Known): boolean {
  const locked = lock.get(name);
  if (locked !== undefined) return locked.imports.includes(importName);
  return (distribution.packages.get(name)?.imports.includes(importName) ?? false) ||
    name === plainName(importName);
}

function likelyPackage(importName: string, { lock, distribution }: Known): string {
  const named = plainName(importName);
  if (distribution.packages.get(named)?.imports.includes(importName)) return named;
  for (const packages of [lock, distribution.packages]) {
    for (const [name, { imports }] of packages) if (imports.includes(importName)) return name;
  }
  return named;
}

/** Most packages are imported by their own name. Python's names may hold letters that names of packages may not. */
function plainName(importName: string): string {
  try {
    return normalizeName(importName.replace(/^_+|_+$/g, ""));
  } catch (error) {
    if (error instanceof Fault && error.code === "bad_name") return importName;
    throw error;
  }
}
