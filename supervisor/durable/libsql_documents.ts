/**
 * Documents in a libSQL file of their own, as durable as the journal beside it.
 *
 * Every list is read from one index in its order, however many documents there are: what a list is filtered by decides
 * which, and a plus before the other columns keeps the planner, which has no statistics, from choosing another one.
 *
 * @module
 */
import type { InValue, Row } from "@libsql/client";
import type { Document } from "../../protocols/messages/documents.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { DocumentsPort, OwnedDocuments } from "./documents.ts";
import { type Database, openDatabase, type Schema } from "./libsql_database.ts";

/** Where the documents are. */
export interface LibsqlDocumentsOptions {
  /** Absolute path of the file, created when absent; its folder must exist. */
  path: string;
  /** Upper bound of the file in bytes; beyond it writes fail with `store_full`. Default none. */
  maxBytes?: number;
}

const SCHEMA: Schema = {
  version: 1,
  statements: [
    `CREATE TABLE IF NOT EXISTS documents (
      kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL, grouped TEXT, state TEXT,
      updated_at REAL NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, id))`,
    "CREATE INDEX IF NOT EXISTS of_kind ON documents (kind, updated_at, id)",
    "CREATE INDEX IF NOT EXISTS of_owner ON documents (kind, owner, updated_at, id)",
    "CREATE INDEX IF NOT EXISTS of_owner_in_state ON documents (kind, owner, state, updated_at, id)",
    "CREATE INDEX IF NOT EXISTS in_state ON documents (kind, state, updated_at, id) WHERE state IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS in_group ON documents (kind, grouped, updated_at, id) WHERE grouped IS NOT NULL",
  ],
};

/**
 * Opens the file.
 * @throws {Fault} code `store_corrupt`, `store_readonly`, `store_full`, `store_busy`, `store_newer` (written by a
 * newer version), `store_foreign` (a database of something else) or `store_failed`; its calls too.
 */
export async function libsqlDocuments(options: LibsqlDocumentsOptions): Promise<OwnedDocuments> {
  const { path, maxBytes } = options;
  const db = await openDatabase(path, SCHEMA, maxBytes);
  return {
    put: (document) => put(db, document),
    get: (request) => get(db, path, request),
    list: (request) => list(db, path, request),
    count: (filter) => count(db, filter),
    remove: (request) => remove(db, request),
    close: () => db.close(),
  };
}

type Request<K extends keyof DocumentsPort> = Parameters<DocumentsPort[K]>[0];

async function put(db: Database, document: Document): Promise<null> {
  const { kind, id, owner, group, state, updatedAt, value } = document;
  await db.execute(
    `INSERT INTO documents (kind, id, owner, grouped, state, updated_at, value) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (kind, id) DO UPDATE SET owner = excluded.owner, grouped = excluded.grouped,
        state = excluded.state, updated_at = excluded.updated_at, value = excluded.value`,
    [kind, id, owner, group ?? null, state ?? null, updatedAt, JSON.stringify(value) ?? "null"],
  );
  return null;
}

async function get(db: Database, path: string, { kind, id }: Request<"get">): Promise<Document | null> {
  const { rows } = await db.execute("SELECT * FROM documents WHERE kind = ? AND id = ?", [kind, id]);
  return rows[0] === undefined ? null : toDocument(path, rows[0]);
}

async function list(db: Database, path: string, request: Request<"list">): Promise<Document[]> {
  const { sql, args } = listing(request);
  const { rows } = await db.execute(sql, args);
  return rows.map((row) => toDocument(path, row));
}

/** The statement of a list. */
export function listing({ limit, before, ...filter }: Request<"list">): { sql: string; args: InValue[] } {
  const { where, args } = condition(filter);
  const behind = before === undefined ? "" : " AND (updated_at, id) < (?, ?)";
  return {
    sql: `SELECT * FROM documents WHERE ${where}${behind} ORDER BY updated_at DESC, id DESC LIMIT ?`,
    args: [...args, ...(before === undefined ? [] : [before.updatedAt, before.id]), limit],
  };
}

async function count(db: Database, filter: Request<"count">): Promise<number> {
  const { where, args } = condition(filter);
  const { rows } = await db.execute(`SELECT count(*) AS documents FROM documents WHERE ${where}`, args);
  return Number(rows[0]?.documents);
}

async function remove(db: Database, { kind, id }: Request<"remove">): Promise<boolean> {
  const { rowsAffected } = await db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", [kind, id]);
  return rowsAffected === 1;
}

function condition(
  { kind, owner, group, state, since }: Request<"count">,
): { where: string; args: InValue[] } {
  const plus = group === undefined ? "" : "+";
  const parts: [string, InValue | undefined][] = [
    ["kind = ?", kind],
    ["grouped = ?", group],
    [`${plus}owner = ?`, owner],
    [`${plus}state = ?`, state],
    ["updated_at >= ?", since],
  ];
  const given = parts.filter((part): part is [string, InValue] => part[1] !== undefined);
  return { where: given.map(([sql]) => sql).join(" AND "), args: given.map(([, arg]) => arg) };
}

function toDocument(path: string, row: Row): Document {
  return {
    kind: String(row.kind),
    id: String(row.id),
    owner: String(row.owner),
    ...(row.grouped === null ? {} : { group: String(row.grouped) }),
    ...(row.state === null ? {} : { state: String(row.state) }),
    updatedAt: Number(row.updated_at),
    value: parse(path, row.value),
  };
}

/** Only this module wrote the column, so text that is no JSON is damage. */
function parse(path: string, column: unknown): unknown {
  try {
    return JSON.parse(String(column));
  } catch (cause) {
    throw new Fault("store_corrupt", `Cannot use store "${path}": a document in it is damaged`, { cause });
  }
}
