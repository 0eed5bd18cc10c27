/**
 * A libSQL file: opening it, its schema and its version, and its failures as Faults.
 *
 * The package is loaded when a file is opened: its native addon needs permissions and 19 ms that whoever merely
 * imports this module should not pay for.
 *
 * @module
 */
import type { Client, InValue, ResultSet } from "@libsql/client";
import { Fault, type Retry } from "../../protocols/messages/fault.ts";

/** An open file. */
export interface Database {
  /** One statement. @throws {Fault} code as {@linkcode storeFault}. */
  execute(sql: string, args?: InValue[]): Promise<ResultSet>;
  /** Gives the file back. */
  close(): void;
}

/** A schema and its number; a file with a greater number is refused. */
export type Schema = {
  readonly version: number;
  readonly statements: readonly string[];
};

/**
 * Milliseconds to wait for another process's lock. Never 0: a statement that failed as busy keeps its lock until
 * garbage collection. @see https://github.com/tursodatabase/libsql-client-ts/issues/352
 */
const BUSY_TIMEOUT_MS = 5_000;

/** Opens a file and brings an empty one to `schema`. `path` is absolute. */
export async function openDatabase(path: string, schema: Schema, maxBytes?: number): Promise<Database> {
  const { createClient } = await import("@libsql/client");
  let client: Client | undefined;
  try {
    client = createClient({ url: fileUrl(path), timeout: BUSY_TIMEOUT_MS, concurrency: 1 });
    await prepare(client, path, schema, maxBytes);
  } catch (error) {
    client?.close();
    throw storeFault("open", path, error);
  }
  const opened = client;
  return {
    execute: (sql, args = []) =>
      opened.execute({ sql, args }).catch((error) => {
        throw storeFault("use", path, error);
      }),
    close: () => opened.close(),
  };
}

async function prepare(client: Client, path: string, schema: Schema, maxBytes?: number): Promise<void> {
  const { rows } = await client.execute(
    "SELECT (SELECT user_version FROM pragma_user_version) AS version, (SELECT count(*) FROM sqlite_master) AS tables",
  );
  const version = Number(rows[0]?.version);
  if (version > schema.version) {
    throw new Fault(
      "store_newer",
      `Cannot open store "${path}": it was written by a newer version (schema ${version}, this one knows ` +
        `${schema.version})`,
    );
  }
  if (version === 0 && Number(rows[0]?.tables) > 0) {
    throw new Fault("store_foreign", `Cannot open store "${path}": it is a database of another program`);
  }
  await client.execute("PRAGMA journal_mode = WAL");
  await client.execute("PRAGMA synchronous = FULL");
  if (maxBytes !== undefined) {
    const size = await client.execute("PRAGMA page_size");
    await client.execute(`PRAGMA max_page_count = ${Math.floor(maxBytes / Number(size.rows[0]?.page_size))}`);
  }
  if (version === schema.version) return;
  await client.batch([...schema.statements, `PRAGMA user_version = ${schema.version}`], "write");
}

interface Known {
  code: string;
  now: string;
  retry: Retry;
}

const KNOWN: Readonly<Record<number, Known>> = {
  5: {
    code: "store_busy",
    now: "another process is writing to it and did not finish in 5 s",
    retry: "later",
  },
  6: { code: "store_busy", now: "one of its tables is locked", retry: "later" },
  8: { code: "store_readonly", now: "it may not be written to", retry: "never" },
  11: { code: "store_corrupt", now: "the file is damaged; move it away or restore a copy", retry: "never" },
  13: { code: "store_full", now: "the disk, or its size limit, is full", retry: "later" },
  14: { code: "store_readonly", now: "its folder is missing or may not be written to", retry: "never" },
  26: { code: "store_corrupt", now: "the file is damaged or no database; move it away", retry: "never" },
};

/**
 * An error of libSQL as a Fault with code `store_busy`, `store_readonly`, `store_corrupt`, `store_full` or else
 * `store_failed`; a Fault stays itself.
 */
export function storeFault(act: string, path: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const known = KNOWN[primaryCode(error)];
  const { code, now, retry } = known ??
    { code: "store_failed", now: Fault.of(error).message, retry: "later" };
  return new Fault(code, `Cannot ${act} store "${path}": ${now}`, { retry, cause: error });
}

/** SQLite's primary result code, which a failed open carries only in its text; NaN when there is none. */
function primaryCode(error: unknown): number {
  const raw = typeof error === "object" && error !== null && "rawCode" in error ? error.rawCode : undefined;
  if (typeof raw === "number") return raw & 0xff;
  return Number(/Unable to open connection .*: (\d+)/.exec(Fault.of(error).message)?.[1]);
}

/** A path may hold what means something in a URL. */
function fileUrl(path: string): string {
  return "file:" + path.split("/").map(encodeURIComponent).join("/");
}
