/**
 * Where packages can be had: from the lock, the index and the Pyodide distribution.
 *
 * What has native code is taken from the distribution where it has it, because it was built for exactly this Python; all else
 * from the index, and from the distribution only what the index has not.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { readDirectory, unpack } from "../../sandbox/packages/archive.ts";
import { sha256Of } from "../../sandbox/packages/cache.ts";
import type { Distribution } from "../../sandbox/packages/distribution.ts";
import { INDEX_PAGE_TYPE, parseIndexPage } from "../../sandbox/packages/index_page.ts";
import type { PackageLock } from "../../sandbox/packages/lock_file.ts";
import { type Requirement, requirementFor } from "../../sandbox/packages/requirement.ts";
import type { Candidate, Catalog } from "../../sandbox/packages/resolve.ts";
import { markerWords } from "../../sandbox/packages/target.ts";
import { parseMetadata } from "../../sandbox/packages/wheel.ts";
import { download, type DownloadPolicy } from "./download.ts";
import type { FetchContext, FileStore } from "./store.ts";

/** Pages of popular packages have some megabytes. */
const MOST_PAGE_BYTES = 32 * 1024 * 1024;
const MOST_METADATA_BYTES = 1024 * 1024;

/** What a catalog is made of. */
export interface CatalogParts {
  readonly lock: PackageLock;
  readonly distribution: Distribution;
  /** Undefined when nothing of the distribution is to be used. */
  readonly distributionUrl: string | undefined;
  readonly index: string;
  readonly policy: DownloadPolicy;
  readonly store: FileStore;
}

/** See the module's words. */
export class PackageCatalog implements Catalog {
  readonly #found = new Map<string, Promise<readonly Candidate[]>>();
  readonly #requires = new Map<string, Promise<readonly string[]>>();

  /** For one installation: what it asks the index it asks once. */
  constructor(private readonly parts: CatalogParts, private readonly context: FetchContext) {}

  /** See {@linkcode Catalog}. */
  candidates(name: string): Promise<readonly Candidate[]> {
    return remember(this.#found, name, () => this.#candidates(name));
  }

  /** See {@linkcode Catalog}. */
  async requirements(candidate: Candidate, extras: readonly string[]): Promise<readonly Requirement[]> {
    if (candidate.file.endsWith(".zip")) return (candidate.depends ?? []).map(anyVersion);
    const lines = await remember(this.#requires, candidate.sha256, () => this.#requiresOf(candidate));
    const words = markerWords(this.parts.distribution.target);
    const required = lines.map((line) => requirementFor(line, words, extras)).filter((one) =>
      one !== undefined
    );
    if (candidate.depends === undefined) return required;
    // Its makers know what it needs here, the package itself only which versions.
    return candidate.depends.flatMap((name) => {
      const said = required.filter((one) => one.name === name);
      return said.length > 0 ? said : [anyVersion(name)];
    });
  }

  async #candidates(name: string): Promise<readonly Candidate[]> {
    const distributed = this.#distributed(name);
    const locked = this.#locked(name);
    if (locked !== undefined) return [locked.sha256 === distributed?.sha256 ? distributed : locked];
    if (distributed?.file.endsWith(".zip")) return [distributed];
    const indexed = await this.#indexed(name, distributed === undefined);
    if (distributed === undefined) return indexed;
    if (distributed.file.endsWith("-any.whl")) return indexed.length > 0 ? indexed : [distributed];
    return [distributed, ...indexed.filter(({ version }) => version !== distributed.version)];
  }

  #locked(name: string): Candidate | undefined {
    const entry = this.parts.lock.get(name);
    if (entry === undefined) return undefined;
    const { version, file, url, sha256, size } = entry;
    // Archives have no list of requirements in them.
    return { name, version, file, url, sha256, size, ...file.endsWith(".zip") && { depends: entry.depends } };
  }

  #distributed(name: string): Candidate | undefined {
    const { distribution: { packages }, distributionUrl } = this.parts;
    const entry = packages.get(name);
    if (entry === undefined || distributionUrl === undefined) return undefined;
    const { version, file, sha256, depends } = entry;
    return { name, version, file, url: new URL(file, distributionUrl).href, sha256, depends };
  }

  /** None is an error only when nobody else has it. */
  async #indexed(name: string, needed: boolean): Promise<readonly Candidate[]> {
    const { index, policy, distribution: { target } } = this.parts;
    let page;
    try {
      const what = `the index page of ${name}`;
      const wanted = { url: `${index}${name}/`, what, maxBytes: MOST_PAGE_BYTES, accept: INDEX_PAGE_TYPE };
      page = await download(wanted, policy, this.context);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "not_found") throw error;
      if (!needed) return [];
      throw new Fault("not_found", `Cannot install ${name}: the package index has no package of that name`);
    }
    const text = new TextDecoder().decode(page.bytes);
    const { candidates, files } = parseIndexPage(text, name, page.url, target);
    if (candidates.length === 0 && needed) {
      const here = `Python ${target.python} (pure Python, or ${target.platform})`;
      throw new Fault(
        "unresolved",
        `Cannot install ${name}: none of its ${files} files in the index fits ${here}`,
      );
    }
    return candidates;
  }

  async #requiresOf(candidate: Candidate): Promise<readonly string[]> {
    const { metadata } = candidate;
    const text = metadata === undefined ? undefined : await this.#metadataApart(candidate, metadata);
    return parseMetadata(text ?? await this.#metadataWithin(candidate)).requires;
  }

  async #metadataApart(candidate: Candidate, { sha256 }: { sha256?: string }): Promise<string> {
    const what = `the metadata of ${candidate.name} ${candidate.version}`;
    const wanted = { url: `${candidate.url}.metadata`, what, maxBytes: MOST_METADATA_BYTES };
    const { bytes } = await download(wanted, this.parts.policy, this.context);
    if (sha256 !== undefined && await sha256Of(bytes) !== sha256) {
      throw new Fault("hash_mismatch", `Cannot use ${what}: its hash is not the one the package index says`);
    }
    return new TextDecoder().decode(bytes);
  }

  async #metadataWithin(candidate: Candidate): Promise<string> {
    const locked = this.parts.lock.has(candidate.name);
    const bytes = await this.parts.store.bytes(candidate, locked, this.context);
    const member = readDirectory(bytes).find(({ path }) => /^[^/]+\.dist-info\/METADATA$/.test(path));
    if (member === undefined) {
      throw new Fault("bad_archive", `Cannot use ${candidate.file}: it has no METADATA`);
    }
    return new TextDecoder().decode(unpack(bytes, member));
  }
}

function anyVersion(name: string): Requirement {
  return { name, extras: [], specifiers: [] };
}

function remember<Value>(known: Map<string, Promise<Value>>, key: string, find: () => Promise<Value>) {
  let value = known.get(key);
  if (value === undefined) known.set(key, value = find());
  return value;
}
