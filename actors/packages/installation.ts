/**
 * Installing packages: what is locked is fetched as it is locked, what is allowed and not locked is chosen and locked.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { DeniedImport, Wheel } from "../../protocols/messages/packages.ts";
import { fileFault } from "../../sandbox/files/file_fault.ts";
import { replaceFile } from "../../sandbox/files/replace_file.ts";
import { readDirectory } from "../../sandbox/packages/archive.ts";
import { type Distribution, parseDistribution } from "../../sandbox/packages/distribution.ts";
import {
  closureOf,
  formatLock,
  type LockedPackage,
  type PackageLock,
  parseLock,
} from "../../sandbox/packages/lock_file.ts";
import {
  allowedPackages,
  type Known,
  notAllowed,
  packagesFor,
  reasonOf,
} from "../../sandbox/packages/lookup.ts";
import { normalizeName } from "../../sandbox/packages/names.ts";
import { type Chosen, resolvePackages } from "../../sandbox/packages/resolve.ts";
import { inspectWheel, nativeOf } from "../../sandbox/packages/wheel.ts";
import { type CatalogParts, PackageCatalog } from "./catalog.ts";
import { distributionOf, type PackageOptions, sourcesOf, temporaryLock } from "./package_options.ts";
import { type FetchContext, FileStore } from "./store.ts";

/** See the module's words. One at a time. */
export class Installation {
  readonly #allow: readonly string[];
  readonly #distribution: Distribution;
  readonly #parts: Omit<CatalogParts, "lock">;
  /** The last of what was asked: the lock file is read and written by one at a time. */
  #busy: Promise<unknown> = Promise.resolve();

  /**
   * Reads what Pyodide says of itself.
   * @throws {Fault} code `bad_options`, `bad_name`, `bad_distribution`; and what Deno throws.
   */
  constructor(private readonly options: PackageOptions) {
    const { lock, cache, pyodide, attempts = 3, silenceMs = 30_000, maxFileBytes = 64 * 1024 * 1024 } =
      options;
    const { index, origins, distribution } = sourcesOf(options);
    this.#allow = [...new Set(options.allow.map(normalizeName))].sort();
    this.#distribution = parseDistribution(Deno.readTextFileSync(`${pyodide}/pyodide-lock.json`));
    const { version } = JSON.parse(Deno.readTextFileSync(`${pyodide}/package.json`));
    const policy = { origins, attempts, silenceMs };
    this.#parts = {
      index,
      policy,
      distribution: this.#distribution,
      distributionUrl: distribution === undefined ? distributionOf(version) : distribution ?? undefined,
      store: new FileStore(cache, policy, maxFileBytes, nameOf(lock)),
    };
  }

  /** See the message of the same name. */
  wheels(names: readonly string[], context: FetchContext): Promise<Wheel[]> {
    return this.#alone(async () => {
      const lock = this.#readLock();
      const allowed = allowedPackages({ allow: this.#allow, lock });
      const wanted = names.map(normalizeName);
      for (const name of wanted) if (!allowed.has(name)) throw notAllowed(name, { allow: this.#allow });
      return await this.#installed(wanted, lock, context);
    });
  }

  /** See the message of the same name. */
  provide(
    imports: readonly string[],
    context: FetchContext,
  ): Promise<{ wheels: Wheel[]; denied: DeniedImport[] }> {
    return this.#alone(async () => {
      let found = packagesFor(imports, this.#known(this.#readLock()));
      if (found.denied.length > 0) {
        await this.#lockAllowed(context);
        found = packagesFor(imports, this.#known(this.#readLock()));
      }
      const wheels = await this.#installed(found.packages, this.#readLock(), context);
      const known = this.#known(this.#readLock());
      const denied = found.denied.map((one) => ({ import: one.import, message: reasonOf(one, known) }));
      return { wheels, denied };
    });
  }

  /**
   * The content of a locked file.
   * @throws {Fault} code `not_found` when no package of the lock has that hash; and as `wheels`.
   */
  bytes(sha256: string, context: FetchContext): Promise<Uint8Array> {
    return this.#alone(() => {
      const lock = this.#readLock();
      const name = [...allowedPackages({ allow: this.#allow, lock })].find((one) =>
        lock.get(one)?.sha256 === sha256
      );
      const entry = name === undefined ? undefined : lock.get(name);
      if (name === undefined || entry === undefined) {
        throw new Fault(
          "not_found",
          `Cannot give the file ${sha256}: it belongs to no package that is installed`,
        );
      }
      return this.#parts.store.bytes({ name, ...entry }, true, context);
    });
  }

  async #alone<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = this.#busy.then(act);
    this.#busy = result.catch(() => undefined);
    return await result;
  }

  #known(lock: PackageLock): Known {
    return { allow: this.#allow, lock, distribution: this.#distribution };
  }

  /**
   * An import nobody is known for may belong to an allowed package that was never looked into. One that cannot be had
   * is no reason to fail: the import then stays unknown.
   */
  async #lockAllowed(context: FetchContext): Promise<void> {
    for (const name of this.#allow) {
      if (this.#readLock().has(name)) continue;
      try {
        await this.#installed([name], this.#readLock(), context);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        context.log.warn(error.message);
      }
    }
  }

  /** All that is needed is locked and in the cache afterwards. */
  async #installed(names: readonly string[], before: PackageLock, context: FetchContext): Promise<Wheel[]> {
    const complete = closureOf(names, before).every((name) => before.has(name));
    const lock = complete ? before : await this.#lockAnew(names, before, context);
    const wheels: Wheel[] = [];
    for (const name of closureOf(names, lock)) {
      const entry = lock.get(name)!;
      await this.#parts.store.bytes({ name, ...entry }, true, context);
      const { version, file, sha256, size, imports, native } = entry;
      wheels.push({ name, version, file, sha256, size, imports: [...imports], native: [...native] });
    }
    return wheels;
  }

  /** Chooses what is missing, looks into it, and only then writes it down. */
  async #lockAnew(
    names: readonly string[],
    before: PackageLock,
    context: FetchContext,
  ): Promise<PackageLock> {
    const catalog = new PackageCatalog({ ...this.#parts, lock: before }, context);
    const lock = new Map(before);
    for (const [name, chosen] of await resolvePackages(names, catalog)) {
      lock.set(name, await this.#lockedFrom(chosen, before.get(name), context));
    }
    this.#writeLock(lock);
    return lock;
  }

  async #lockedFrom(
    { candidate, depends }: Chosen,
    former: LockedPackage | undefined,
    context: FetchContext,
  ): Promise<LockedPackage> {
    // What was needed once stays: extras of another package may have asked for it.
    if (former !== undefined) {
      return { ...former, depends: [...new Set([...former.depends, ...depends])].sort() };
    }
    const bytes = await this.#parts.store.bytes(candidate, false, context);
    const { version, file, url, sha256 } = candidate;
    const { imports, native } = file.endsWith(".zip")
      ? { imports: [], native: nativeOf(readDirectory(bytes)) }
      : await inspectWheel(bytes, candidate);
    return { version, file, url, sha256, size: bytes.length, depends, imports, native };
  }

  #readLock(): PackageLock {
    const { lock } = this.options;
    let text;
    try {
      text = Deno.readTextFileSync(lock);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return new Map();
      throw fileFault("read", nameOf(lock), error);
    }
    return parseLock(text, this.#distribution.target, nameOf(lock));
  }

  #writeLock(packages: PackageLock): void {
    const { lock } = this.options;
    try {
      Deno.removeSync(temporaryLock(lock)); // left by a process that was killed
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw fileFault("write", nameOf(lock), error);
    }
    const text = formatLock(packages, this.#distribution.target);
    try {
      replaceFile(lock, new TextEncoder().encode(text), nameOf(lock));
    } catch (error) {
      throw fileFault("write", nameOf(lock), error);
    }
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
