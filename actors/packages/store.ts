/**
 * Files of packages by their hash: from the cache, or fetched and then kept there.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { fileFault } from "../../sandbox/files/file_fault.ts";
import { sha256Of, WheelCache } from "../../sandbox/packages/cache.ts";
import type { Context } from "../../supervisor/actor/define.ts";
import { download, type DownloadPolicy } from "./download.ts";

/** One file that is known by its hash. */
export interface StoredFile {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly url: string;
  readonly sha256: string;
  /** In bytes, where it is known. */
  readonly size?: number;
}

/** What fetching needs of a handler's context. */
export type FetchContext = Pick<Context, "clock" | "signal" | "newId" | "log">;

/** See the module's words. */
export class FileStore {
  readonly #cache: WheelCache;

  /** `maxFileBytes` bounds each file, `folder` is the cache's, `lock` names the lock file in errors. */
  constructor(
    folder: string,
    private readonly policy: DownloadPolicy,
    private readonly maxFileBytes: number,
    private readonly lock: string,
  ) {
    this.#cache = new WheelCache(folder);
  }

  /**
   * The content of a file, which has that hash. `locked` says where the hash is from, for the error.
   * @throws {Fault} code `hash_mismatch`, and those of {@linkcode download}.
   */
  async bytes(wanted: StoredFile, locked: boolean, context: FetchContext): Promise<Uint8Array> {
    const cached = await this.#cached(wanted);
    if (cached !== undefined) return cached;
    const what = `${wanted.name} ${wanted.version}`;
    const maxBytes = this.maxFileBytes;
    if ((wanted.size ?? 0) > maxBytes) {
      const reason = `it has ${wanted.size} bytes, more than ${maxBytes}`;
      throw new Fault("too_large", `Cannot fetch ${what}: ${reason}`);
    }
    const { bytes, url } = await download({ url: wanted.url, what, maxBytes }, this.policy, context);
    const sha256 = await sha256Of(bytes);
    if (sha256 !== wanted.sha256) throw this.#mismatch(wanted, sha256, new URL(url).host, locked);
    this.#keep(sha256, bytes, context);
    return bytes;
  }

  async #cached({ name, sha256 }: StoredFile): Promise<Uint8Array | undefined> {
    try {
      return await this.#cache.read(sha256);
    } catch (error) {
      throw fileFault("read", `${name} in the cache of packages`, error);
    }
  }

  /** A cache that cannot be written costs time, not the package. */
  #keep(sha256: string, bytes: Uint8Array, { newId, log }: FetchContext): void {
    try {
      this.#cache.keep(sha256, bytes, newId());
    } catch (error) {
      log.warn(
        `Cannot keep a package in the cache: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #mismatch(
    { name, version, file, sha256 }: StoredFile,
    actual: string,
    host: string,
    locked: boolean,
  ): Fault {
    const source = locked ? `the lock file ${this.lock}` : "the package index";
    const advice = locked ? `. If the new file is right, remove "${name}" from the lock file` : "";
    return new Fault(
      "hash_mismatch",
      `Cannot use ${name} ${version}: ${file} from ${host} has the SHA-256 hash ${actual}, but ${source} says ` +
        `${sha256}${advice}`,
    );
  }
}
