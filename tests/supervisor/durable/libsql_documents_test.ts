import assert from "node:assert/strict";
import { Documents } from "../../../protocols/messages/documents.ts";
import { documentStore } from "../../../supervisor/durable/document_store.ts";
import { documentsOver } from "../../../supervisor/durable/documents.ts";
import { libsqlDocuments, listing } from "../../../supervisor/durable/libsql_documents.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { aDocument } from "../../contracts/documents_contract.ts";
import { onStage } from "../stage.ts";

async function inFile(check: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await check(`${folder}/documents.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("documents outlive the handle they were put through", () =>
  inFile(async (path) => {
    const first = await libsqlDocuments({ path });
    await first.put(aDocument("a", { state: "working" }));
    first.close();
    const second = await libsqlDocuments({ path });
    const found = await second.list({ kind: "task", state: "working", limit: 9 });
    second.close();
    assert.deepEqual(found, [aDocument("a", { state: "working" })]);
  }));

Deno.test("a store of documents answers as an actor", () =>
  inFile((path) =>
    onStage(async ({ system }) => {
      const children = [child("documents", documentStore, { path })];
      const root = await system.start("root", { children });
      const documents = documentsOver(root.ref(Documents, "documents"));
      const group = aDocument("a", { group: "g" });
      await documents.put(group);
      assert.deepEqual(await documents.get({ kind: "task", id: "a" }), group);
      assert.deepEqual(await documents.list({ kind: "task", limit: 1 }), [group]);
      assert.equal(await documents.count({ kind: "task", group: "g" }), 1);
      assert.equal(await documents.remove({ kind: "task", id: "a" }), true);
      await assert.rejects(documents.list({ kind: "task", limit: 1001 }), { code: "bad_request" });
    })
  ));

const before = { updatedAt: 5, id: "a" };

/** Which index a list is read from; in its order, so nothing is sorted. */
const PLANS: readonly (readonly [filter: Record<string, unknown>, index: string])[] = [
  [{}, "of_kind (kind=?"],
  [{ since: 1 }, "of_kind (kind=? AND updated_at>?"],
  [{ owner: "ann" }, "of_owner (kind=? AND owner=?"],
  [{ owner: "ann", since: 1 }, "of_owner (kind=? AND owner=? AND updated_at>?"],
  [{ owner: "ann", state: "working" }, "of_owner_in_state (kind=? AND owner=? AND state=?"],
  [{ state: "working" }, "in_state (kind=? AND state=?"],
  [{ group: "g" }, "in_group (kind=? AND grouped=?"],
  [{ group: "g", owner: "ann", state: "working" }, "in_group (kind=? AND grouped=?"],
];

Deno.test("every list is read from one index, in its order", () =>
  inFile(async (path) => {
    (await libsqlDocuments({ path })).close();
    const { createClient } = await import("@libsql/client");
    const client = createClient({ url: `file:${path}` });
    for (const [filter, index] of PLANS) {
      for (const place of [{}, { before }]) {
        const { sql, args } = listing({ kind: "task", limit: 9, ...filter, ...place });
        const { rows } = await client.execute({ sql: `EXPLAIN QUERY PLAN ${sql}`, args });
        const plan = rows.map(({ detail }) => String(detail)).join("; ");
        assert.ok(
          plan.startsWith(`SEARCH documents USING INDEX ${index}`),
          `${JSON.stringify(filter)}: ${plan}`,
        );
        assert.doesNotMatch(plan, /TEMP B-TREE/);
      }
    }
    client.close();
  }));

Deno.test("a full store refuses a document and keeps what it has", () =>
  inFile(async (path) => {
    const small = await libsqlDocuments({ path, maxBytes: 64 * 1024 });
    await small.put(aDocument("a"));
    await assert.rejects(small.put(aDocument("b", { value: "x".repeat(100_000) })), { code: "store_full" });
    assert.deepEqual(await small.get({ kind: "task", id: "a" }), aDocument("a"));
    small.close();
  }));
