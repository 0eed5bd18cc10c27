import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import { storeFault } from "../../../supervisor/durable/libsql_database.ts";
import { libsqlJournal } from "../../../supervisor/durable/libsql_journal.ts";
import { aRun } from "../../contracts/journal_contract.ts";

async function inFolder(check: (folder: string) => Promise<void>): Promise<void> {
  const outer = await Deno.makeTempDir();
  const folder = `${outer}/odd #?%41 é`;
  try {
    await Deno.mkdir(folder);
    await check(folder);
  } finally {
    await Deno.remove(outer, { recursive: true });
  }
}

async function sql(path: string, ...statements: string[]): Promise<void> {
  const { createClient } = await import("@libsql/client");
  const client = createClient({
    url: "file:" + path.split("/").map(encodeURIComponent).join("/"),
    timeout: 100,
  });
  for (const statement of statements) await client.execute(statement);
  client.close();
}

Deno.test("a journal outlives its process's handle on it, in a folder whose name means something in a URL", () =>
  inFolder(async (folder) => {
    const path = `${folder}/journal.db`;
    const first = await libsqlJournal({ path });
    await first.open(aRun("r"));
    await first.intent({ run: "r", seq: 0, kind: "think", intent: { lines: [] } });
    first.close();
    assert.ok((await Deno.stat(path)).isFile);
    const second = await libsqlJournal({ path });
    const { entries } = (await second.read({ run: "r" }))!;
    second.close();
    assert.deepEqual(entries, [{ seq: 0, kind: "think", intent: { lines: [] } }]);
  }));

Deno.test("what was answered outlives kill -9", () =>
  inFolder(async (folder) => {
    const path = `${folder}/journal.db`;
    const writer = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "-A", new URL("journal_writer.ts", import.meta.url).pathname, path],
      stdout: "piped",
    }).spawn();
    let answered = "";
    for await (const text of writer.stdout.pipeThrough(new TextDecoderStream())) {
      answered += text;
      if (answered.split("\n").length > 20) break;
    }
    writer.kill("SIGKILL");
    assert.equal((await writer.status).signal, "SIGKILL");
    const journal = await libsqlJournal({ path });
    const { entries } = (await journal.read({ run: "r" }))!;
    journal.close();
    const last = Number(answered.trimEnd().split("\n").at(-1));
    assert.ok(last >= 19, answered);
    for (let seq = 0; seq <= last; seq++) {
      assert.deepEqual(entries[seq], { seq, kind: "log", intent: { seq }, receipt: { value: "x" } });
    }
  }));

Deno.test("two journals on one file see each other's writes and refuse to overwrite them", () =>
  inFolder(async (folder) => {
    const path = `${folder}/journal.db`;
    const [first, second] = await Promise.all([libsqlJournal({ path }), libsqlJournal({ path })]);
    await first.open(aRun("r"));
    await first.intent({ run: "r", seq: 0, kind: "think", intent: 1 });
    await first.receipt({ run: "r", seq: 0, value: "first" });
    await assert.rejects(second.receipt({ run: "r", seq: 0, value: "second" }), { code: "journal_conflict" });
    first.close();
    second.close();
  }));

Deno.test("a file of a newer version is refused and left as it is", () =>
  inFolder(async (folder) => {
    const path = `${folder}/journal.db`;
    await sql(path, "CREATE TABLE runs (something TEXT)", "PRAGMA user_version = 2");
    await assert.rejects(libsqlJournal({ path }), (error: Fault) => {
      assert.equal(error.code, "store_newer");
      assert.match(error.message, /newer version \(schema 2, this one knows 1\)/);
      return true;
    });
    await sql(path, "SELECT something FROM runs");
  }));

Deno.test("a database of another program is refused and left as it is", () =>
  inFolder(async (folder) => {
    const path = `${folder}/photos.db`;
    await sql(path, "CREATE TABLE photos (name TEXT)");
    await assert.rejects(libsqlJournal({ path }), { code: "store_foreign" });
    await sql(path, "SELECT name FROM photos");
  }));

Deno.test("a file that is no database is refused as corrupt", () =>
  inFolder(async (folder) => {
    const path = `${folder}/journal.db`;
    await Deno.writeTextFile(path, "not a database, but long enough to look at\n".repeat(200));
    await assert.rejects(libsqlJournal({ path }), { code: "store_corrupt", retry: "never" });
    assert.match(await Deno.readTextFile(path), /^not a database/);
  }));

Deno.test("a damaged page is reported when it is read", () =>
  inFolder(async (folder) => {
    const path = `${folder}/journal.db`;
    const journal = await libsqlJournal({ path });
    await journal.open(aRun("r"));
    for (let seq = 0; seq < 40; seq++) {
      await journal.intent({ run: "r", seq, kind: "think", intent: "x".repeat(3_000) });
    }
    journal.close();
    await sql(path, "PRAGMA wal_checkpoint(TRUNCATE)");
    const bytes = await Deno.readFile(path);
    bytes.fill(0x5a, 4096 * 2);
    await Deno.writeFile(path, bytes);
    const damaged = await libsqlJournal({ path });
    await assert.rejects(damaged.read({ run: "r" }), { code: "store_corrupt" });
    damaged.close();
  }));

Deno.test("a missing folder is named", () =>
  inFolder(async (folder) => {
    const path = `${folder}/none/journal.db`;
    await assert.rejects(libsqlJournal({ path }), (error: Fault) => {
      assert.equal(error.code, "store_readonly");
      assert.ok(error.message.includes(path), error.message);
      assert.match(error.message, /folder is missing or may not be written to/);
      return true;
    });
  }));

Deno.test("a full store refuses a write, keeps what it has and goes on once there is room", () =>
  inFolder(async (folder) => {
    const path = `${folder}/journal.db`;
    const small = await libsqlJournal({ path, maxBytes: 64 * 1024 });
    await small.open(aRun("r"));
    const big = { run: "r", seq: 0, kind: "think", intent: "x".repeat(100_000) };
    await assert.rejects(small.intent(big), { code: "store_full", retry: "later" });
    assert.deepEqual((await small.read({ run: "r" }))!.entries, []);
    await small.intent({ ...big, intent: "small" });
    small.close();
    const roomy = await libsqlJournal({ path });
    await roomy.intent({ ...big, seq: 1 });
    assert.equal((await roomy.read({ run: "r" }))!.entries.length, 2);
    roomy.close();
  }));

const codes: [raw: number, code: string][] = [
  [5, "store_busy"],
  [517, "store_busy"],
  [8, "store_readonly"],
  [1032, "store_readonly"],
  [11, "store_corrupt"],
  [13, "store_full"],
  [14, "store_readonly"],
  [26, "store_corrupt"],
  [10, "store_failed"],
];

for (const [rawCode, code] of codes) {
  Deno.test(`SQLite's code ${rawCode} is ${code}`, () => {
    const error = Object.assign(new Error("SQLITE"), { rawCode });
    assert.equal(storeFault("use", "/x.db", error).code, code);
    const opening = new Error(
      `ConnectionFailed("Unable to open connection to local database /a: 1: ${rawCode & 0xff}")`,
    );
    assert.equal(storeFault("open", "/x.db", opening).code, code);
  });
}

Deno.test("a Fault stays itself, anything else is store_failed with its cause", () => {
  const fault = new Fault("store_newer", "m");
  assert.equal(storeFault("use", "/x.db", fault), fault);
  const cause = new TypeError("odd");
  const other = storeFault("use", "/x.db", cause);
  assert.deepEqual([other.code, other.cause, other.retry], ["store_failed", cause, "later"]);
});
