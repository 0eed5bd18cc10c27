/**
 * Files kept on disk under the hash of their content. Nothing is believed: what is read is hashed again, and what is
 * not what its name says is removed.
 *
 * @module
 */
import { replaceFile } from "../files/replace_file.ts";

const HASH = /^[0-9a-f]{64}$/;

/** SHA-256 of bytes, 64 lower-case hexadecimal digits. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();
}

/** A folder of such files. */
export class WheelCache {
  /** `folder` is absolute; it is made when something is first kept. */
  constructor(private readonly folder: string) {}

  /**
   * The content with that hash; undefined when it is not there. Damaged content is removed and not there.
   * @throws what Deno throws when the folder cannot be read.
   */
  async read(sha256: string): Promise<Uint8Array | undefined> {
    const path = this.#path(sha256);
    let bytes;
    try {
      bytes = await Deno.readFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    if (await sha256Of(bytes) === sha256) return bytes;
    await Deno.remove(path);
    return undefined;
  }

  /**
   * Keeps content whose hash the caller has checked. `token` names the temporary file and must be unique.
   * @throws what Deno throws when it cannot be written.
   */
  keep(sha256: string, bytes: Uint8Array, token: string): void {
    Deno.mkdirSync(this.folder, { recursive: true });
    replaceFile(this.#path(sha256), bytes, token);
  }

  #path(sha256: string): string {
    if (!HASH.test(sha256)) throw new TypeError(`not a SHA-256 hash: ${sha256}`);
    return `${this.folder}/${sha256}`;
  }
}
