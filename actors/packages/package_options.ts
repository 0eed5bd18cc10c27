/**
 * What the installer of Python packages is told, and the permissions it needs for that.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";

/** What may be installed, and from where. Paths are absolute. */
export interface PackageOptions {
  /** Names of packages. What these need may be installed too; nothing else. */
  readonly allow: readonly string[];
  /** The lock file. Made when the first package is installed; its folder must exist. */
  readonly lock: string;
  /** Folder for files that were fetched; made when it is needed. */
  readonly cache: string;
  /** Folder with Pyodide's `pyodide-lock.json` and `package.json`. */
  readonly pyodide: string;
  /** Simple index in JSON. Default "https://pypi.org/simple/". */
  readonly index?: string;
  /**
   * Origins the index keeps files at, beside its own. Default that of the default index; none for another one.
   */
  readonly origins?: readonly string[];
  /**
   * Where the files of the Pyodide distribution lie; null uses none of them. Default the address of that release of
   * Pyodide at cdn.jsdelivr.net.
   */
  readonly distribution?: string | null;
  /** A larger file is refused. Default 64 MiB. */
  readonly maxFileBytes?: number;
  /** Milliseconds a server may be silent. Default 30 000. */
  readonly silenceMs?: number;
  /** Tries for each file. Default 3. */
  readonly attempts?: number;
}

/** Options with their defaults, except what needs Pyodide's version. */
export interface Sources {
  /** Ends with "/". */
  readonly index: string;
  /** Ends with "/"; undefined for the default, null for none. */
  readonly distribution: string | null | undefined;
  /** Everything may be fetched from these and from nowhere else. */
  readonly origins: ReadonlySet<string>;
}

const INDEX = "https://pypi.org/simple/";
const INDEX_FILES = "https://files.pythonhosted.org";
const DISTRIBUTION_ORIGIN = "https://cdn.jsdelivr.net";

/** Where the files of a release of Pyodide lie. */
export function distributionOf(version: string): string {
  return `${DISTRIBUTION_ORIGIN}/pyodide/v${version}/full/`;
}

/**
 * Where packages come from.
 * @throws {Fault} code `bad_options` for an address that is none or has a password in it.
 */
export function sourcesOf(options: PackageOptions): Sources {
  const index = addressOf(options.index ?? INDEX);
  const { distribution } = options;
  const files = options.origins ?? (options.index === undefined ? [INDEX_FILES] : []);
  const addresses = [index, ...files.map(addressOf)];
  if (distribution !== null) addresses.push(addressOf(distribution ?? DISTRIBUTION_ORIGIN));
  return {
    index,
    distribution: typeof distribution === "string" ? addressOf(distribution) : distribution,
    origins: new Set(addresses.map((address) => new URL(address).origin)),
  };
}

/**
 * The installer's permissions: its sources, its cache, the lock file and Pyodide's list.
 * @throws {Fault} code `bad_options`.
 */
export function packagesGrant(options: PackageOptions): Permissions {
  const { lock, cache, pyodide } = options;
  const net = [...sourcesOf(options).origins].map((origin) => {
    const { hostname, port, protocol } = new URL(origin);
    return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
  });
  const own = [cache, lock, temporaryLock(lock)];
  return { net, read: [...own, `${pyodide}/pyodide-lock.json`, `${pyodide}/package.json`], write: own };
}

/** The name a new lock file has until it replaces the old one. */
export function temporaryLock(lock: string): string {
  const slash = lock.lastIndexOf("/");
  return `${lock.slice(0, slash)}/.${lock.slice(slash + 1)}.tmp`;
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Fault(
      "bad_options",
      "Cannot install packages: an address of a package index is no http address",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new Fault(
      "bad_options",
      `Cannot install packages: the address of ${url.host} holds a name or a password; addresses are kept in the lock ` +
        "file and must hold no secrets",
    );
  }
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}
