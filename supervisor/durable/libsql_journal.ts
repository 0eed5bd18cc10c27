/**
 * The journal in a libSQL file.
 *
 * WAL with `synchronous=FULL`: every write is fsynced before it is answered, so it outlives `kill -9` (for which
 * NORMAL would do) and a pulled plug (for which it would not). Measured: 2.7 ms a write against 0.1 ms, two writes
 * an effect, beside inferences of seconds. One connection, so that its settings hold for every statement.
 *
 * Each write is one conditional statement; only when it changed no row is what is recorded compared with
 * what was asked, so a repeated write costs a read and a conflicting one changes nothing.
 *
 * @module
 */
import type { Row } from "@libsql/client";
import { Fault } from "../../protocols/messages/fault.ts";
import type { RunRecord } from "../../protocols/messages/journal.ts";
import {
  assertReopenable,
  canonicalJson,
  journalConflict,
  type JournaledRun,
  type JournalPort,
  type OwnedJournal,
  unknownRun,
} from "./journal.ts";
import { type Database, openDatabase, type Schema } from "./libsql_database.ts";

/** Where the journal is. */
export interface LibsqlJournalOptions {
  /** Absolute path of the file, created when absent; its folder must exist. */
  path: string;
  /** Upper bound of the file in bytes; beyond it writes fail with `store_full`. Default none. */
  maxBytes?: number;
}

const SCHEMA: Schema = {
  version: 1,
  statements: [
    `CREATE TABLE IF NOT EXISTS runs (
      run TEXT PRIMARY KEY, parent TEXT, started_at REAL NOT NULL, record TEXT NOT NULL,
      limits TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT, ended_at REAL)`,
    "CREATE INDEX IF NOT EXISTS runs_newest ON runs (parent, started_at DESC)",
    `CREATE TABLE IF NOT EXISTS entries (
      run TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, intent TEXT NOT NULL, receipt TEXT,
      PRIMARY KEY (run, seq)) WITHOUT ROWID`,
  ],
};

/**
 * Opens the journal.
 * @throws {Fault} code `store_corrupt`, `store_readonly`, `store_full`, `store_busy`, `store_newer` (written by a
 * newer version), `store_foreign` (a database of something else) or `store_failed`; its calls too.
 */
export async function libsqlJournal({ path, maxBytes }: LibsqlJournalOptions): Promise<OwnedJournal> {
  const db = await openDatabase(path, SCHEMA, maxBytes);
  return {
    open: (record) => open(db, record),
    intent: (request) => intent(db, path, request),
    receipt: (request) => receipt(db, request),
    record: (request) => record(db, path, request),
    read: ({ run }) => read(db, path, run),
    end: (request) => end(db, path, request),
    reopen: (request) => reopen(db, request),
    list: (request) => list(db, path, request),
    close: () => db.close(),
  };
}

type Request<K extends keyof JournalPort> = Parameters<JournalPort[K]>[0];

async function open(db: Database, record: RunRecord): Promise<null> {
  const { run, parent, startedAt, limits, status, outcome, endedAt } = record;
  await db.execute(
    `INSERT INTO runs (run, parent, started_at, record, limits, status, outcome, ended_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    [
      run,
      parent ?? null,
      startedAt,
      JSON.stringify(record),
      JSON.stringify(limits),
      status,
      outcome === undefined ? null : JSON.stringify(outcome),
      endedAt ?? null,
    ],
  );
  return null;
}

async function intent(
  db: Database,
  path: string,
  { run, seq, kind, intent }: Request<"intent">,
): Promise<null> {
  const text = JSON.stringify(intent) ?? "null";
  const { rowsAffected } = await db.execute(
    `INSERT INTO entries (run, seq, kind, intent) SELECT ?1, ?2, ?3, ?4
      WHERE EXISTS (SELECT 1 FROM runs WHERE run = ?1 AND outcome IS NULL)
        AND (?2 = 0 OR EXISTS (SELECT 1 FROM entries WHERE run = ?1 AND seq = ?2 - 1))
      ON CONFLICT DO NOTHING`,
    [run, seq, kind, text],
  );
  if (rowsAffected === 1) return null;
  const record = await find(db, run);
  const there = await db.execute("SELECT kind, intent FROM entries WHERE run = ? AND seq = ?", [run, seq]);
  const recorded = there.rows[0];
  if (recorded !== undefined) {
    const same = recorded.kind === kind &&
      canonicalJson(parse(path, recorded.intent)) === canonicalJson(intent);
    if (same) return null;
    throw journalConflict(`change intent ${seq}`, run, `a ${recorded.kind} is recorded there`);
  }
  const now = record.outcome === null ? `effect ${seq - 1} was not begun` : `it ended as ${record.status}`;
  throw journalConflict(`begin effect ${seq}`, run, now);
}

async function receipt(db: Database, { run, seq, value }: Request<"receipt">): Promise<null> {
  const text = JSON.stringify(value) ?? "null";
  const { rowsAffected } = await db.execute(
    "UPDATE entries SET receipt = ? WHERE run = ? AND seq = ? AND receipt IS NULL",
    [text, run, seq],
  );
  if (rowsAffected === 1) return null;
  await find(db, run);
  const there = await db.execute("SELECT receipt FROM entries WHERE run = ? AND seq = ?", [run, seq]);
  const recorded = there.rows[0];
  if (recorded === undefined) throw journalConflict(`end effect ${seq}`, run, "it was not begun");
  if (canonicalJson(JSON.parse(String(recorded.receipt))) === canonicalJson(value)) return null;
  throw journalConflict(`change receipt ${seq}`, run, "another one is recorded");
}

/** One statement, so one fsync; what is there already is compared one by one. */
async function record(
  db: Database,
  path: string,
  { run, seq, effects }: Request<"record">,
): Promise<null> {
  const text = (part: unknown) => JSON.stringify(part) ?? "null";
  const rows = effects.map(({ kind, intent, value }) => [kind, text(intent), text(value)]);
  const { rowsAffected } = await db.execute(
    `INSERT INTO entries (run, seq, kind, intent, receipt)
      SELECT ?1, ?2 + key, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?3)
      WHERE EXISTS (SELECT 1 FROM runs WHERE run = ?1 AND outcome IS NULL)
        AND (?2 = 0 OR EXISTS (SELECT 1 FROM entries WHERE run = ?1 AND seq = ?2 - 1))
      ON CONFLICT DO NOTHING`,
    [run, seq, JSON.stringify(rows)],
  );
  if (rowsAffected === rows.length) return null;
  for (const [at, { kind, intent: begun, value }] of effects.entries()) {
    await intent(db, path, { run, seq: seq + at, kind, intent: begun });
    await receipt(db, { run, seq: seq + at, value });
  }
  return null;
}

async function read(db: Database, path: string, run: string): Promise<JournaledRun | null> {
  const runs = await db.execute("SELECT * FROM runs WHERE run = ?", [run]);
  const row = runs.rows[0];
  if (row === undefined) return null;
  const entries = await db.execute(
    "SELECT seq, kind, intent, receipt FROM entries WHERE run = ? ORDER BY seq",
    [run],
  );
  return {
    record: toRecord(path, row),
    entries: entries.rows.map(({ seq, kind, intent, receipt }) => ({
      seq: Number(seq),
      kind: String(kind),
      intent: parse(path, intent),
      ...(receipt === null ? {} : { receipt: { value: parse(path, receipt) } }),
    })),
  };
}

async function end(db: Database, path: string, { run, outcome, endedAt }: Request<"end">): Promise<null> {
  const { rowsAffected } = await db.execute(
    "UPDATE runs SET status = ?, outcome = ?, ended_at = ? WHERE run = ? AND outcome IS NULL",
    [outcome.status, JSON.stringify(outcome), endedAt, run],
  );
  if (rowsAffected === 1) return null;
  const ended = await find(db, run);
  if (canonicalJson(parse(path, ended.outcome)) === canonicalJson(outcome)) return null;
  throw journalConflict("change the end", run, `it ended as ${ended.status}`);
}

async function reopen(db: Database, { run, limits }: Request<"reopen">): Promise<null> {
  const { status } = await find(db, run);
  assertReopenable(run, status as RunRecord["status"]);
  await db.execute(
    "UPDATE runs SET status = 'running', outcome = NULL, ended_at = NULL, limits = ? WHERE run = ?",
    [JSON.stringify(limits), run],
  );
  return null;
}

async function list(
  db: Database,
  path: string,
  { limit, parent }: Request<"list">,
): Promise<RunRecord[]> {
  const { rows } = await db.execute(
    "SELECT * FROM runs WHERE parent IS ? ORDER BY started_at DESC, rowid DESC LIMIT ?",
    [parent ?? null, limit],
  );
  return rows.map((row) => toRecord(path, row));
}

async function find(db: Database, run: string): Promise<Row> {
  const { rows } = await db.execute("SELECT status, outcome FROM runs WHERE run = ?", [run]);
  if (rows[0] === undefined) throw unknownRun(run);
  return rows[0];
}

/** What was said when it was opened, and on top of it what changed since. */
function toRecord(path: string, row: Row): RunRecord {
  const { outcome: _outcome, endedAt: _endedAt, ...opened } = parse(path, row.record) as RunRecord;
  return {
    ...opened,
    limits: parse(path, row.limits) as RunRecord["limits"],
    status: row.status as RunRecord["status"],
    ...(row.outcome === null ? {} : {
      outcome: parse(path, row.outcome) as RunRecord["outcome"],
      endedAt: Number(row.ended_at),
    }),
  };
}

/** Only this module wrote the column, so text that is no JSON is damage. */
function parse(path: string, column: unknown): unknown {
  try {
    return JSON.parse(String(column));
  } catch (cause) {
    throw new Fault("store_corrupt", `Cannot use store "${path}": a record in it is damaged`, { cause });
  }
}
