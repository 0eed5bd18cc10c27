/**
 * What every store of documents keeps to. Run against each implementation.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Document } from "../../protocols/messages/documents.ts";
import type { DocumentsPort, OwnedDocuments } from "../../supervisor/durable/documents.ts";

/** A document as a task is kept. */
export function aDocument(id: string, more: Partial<Document> = {}): Document {
  return { kind: "task", id, owner: "ann", updatedAt: 1_000, value: { text: "sort it" }, ...more };
}

type Filter = Parameters<DocumentsPort["count"]>[0];

/** Filters, and which of the documents of {@linkcode fill} they choose, last changed first. */
const CHOSEN: readonly { filter: Filter; ids: readonly string[] }[] = [
  { filter: { kind: "task" }, ids: ["f", "e", "d", "c", "b", "a"] },
  { filter: { kind: "task", owner: "ann" }, ids: ["f", "d", "c", "a"] },
  { filter: { kind: "task", owner: "nobody" }, ids: [] },
  { filter: { kind: "task", group: "g" }, ids: ["e", "d", "a"] },
  { filter: { kind: "task", owner: "ann", group: "g" }, ids: ["d", "a"] },
  { filter: { kind: "task", state: "working" }, ids: ["e", "b", "a"] },
  { filter: { kind: "task", owner: "ann", state: "working" }, ids: ["a"] },
  { filter: { kind: "task", group: "g", state: "working" }, ids: ["e", "a"] },
  { filter: { kind: "task", owner: "bob", group: "g", state: "working" }, ids: ["e"] },
  { filter: { kind: "task", since: 3 }, ids: ["f", "e", "d", "c"] },
  { filter: { kind: "task", owner: "ann", since: 4 }, ids: ["f"] },
  { filter: { kind: "note" }, ids: ["a"] },
];

async function fill(documents: DocumentsPort): Promise<void> {
  await documents.put(aDocument("d", { updatedAt: 3, group: "g" }));
  await documents.put(aDocument("a", { updatedAt: 1, group: "g", state: "working" }));
  await documents.put(aDocument("c", { updatedAt: 3, state: "completed" }));
  await documents.put(aDocument("b", { updatedAt: 2.5, owner: "bob", state: "working" }));
  await documents.put(aDocument("f", { updatedAt: 4, state: "" }));
  await documents.put(aDocument("e", { updatedAt: 3, owner: "bob", group: "g", state: "working" }));
  await documents.put(aDocument("a", { kind: "note", owner: "bob", updatedAt: 9 }));
}

/** Registers the suite; `make` gives a fresh and empty store. */
export function documentsContract(name: string, make: () => Promise<OwnedDocuments>): void {
  const rule = (sentence: string, check: (documents: OwnedDocuments) => Promise<void>) =>
    Deno.test(`${name}: ${sentence}`, async () => {
      const documents = await make();
      try {
        await check(documents);
      } finally {
        documents.close();
      }
    });

  rule("an unknown document is null, and removing it says so", async (documents) => {
    assert.equal(await documents.get({ kind: "task", id: "a" }), null);
    assert.equal(await documents.remove({ kind: "task", id: "a" }), false);
    assert.equal(await documents.count({ kind: "task" }), 0);
    assert.deepEqual(await documents.list({ kind: "task", limit: 1 }), []);
  });

  rule("a document comes back as it was put, of one kind and not of another", async (documents) => {
    const value = { nested: [1.5, null, "é\u0000\u2028", { "": true }] };
    const full = aDocument("a/b %?", { group: "g", state: "working", updatedAt: 1_732_000_000_123, value });
    await documents.put(full);
    await documents.put(aDocument("plain", { value: null }));
    assert.deepEqual(await documents.get({ kind: "task", id: "a/b %?" }), full);
    assert.deepEqual(await documents.get({ kind: "task", id: "plain" }), aDocument("plain", { value: null }));
    assert.equal(await documents.get({ kind: "note", id: "a/b %?" }), null);
  });

  rule("putting it again replaces all of it; the same again changes nothing", async (documents) => {
    await documents.put(aDocument("a", { group: "g", state: "working" }));
    const later = aDocument("a", { owner: "bob", updatedAt: 2_000, value: 7 });
    for (const _ of [1, 2]) await documents.put(later);
    assert.deepEqual(await documents.get({ kind: "task", id: "a" }), later);
    assert.equal(await documents.count({ kind: "task", group: "g" }), 0);
    assert.equal(await documents.count({ kind: "task", owner: "bob" }), 1);
  });

  rule("lists choose by every filter alone and together, last changed first", async (documents) => {
    await fill(documents);
    for (const { filter, ids } of CHOSEN) {
      const listed = await documents.list({ ...filter, limit: 1000 });
      assert.deepEqual(listed.map(({ id }) => id), ids, JSON.stringify(filter));
      assert.equal(await documents.count(filter), ids.length, JSON.stringify(filter));
    }
  });

  rule("pages follow on each other without a gap or a repetition, whatever they hold", async (documents) => {
    await fill(documents);
    for (const { filter, ids } of CHOSEN) {
      const seen: Document[] = [];
      while (true) {
        const last = seen.at(-1);
        const place = last && { before: { updatedAt: last.updatedAt, id: last.id } };
        const page = await documents.list({ ...filter, ...place, limit: 1 });
        if (page.length === 0) break;
        seen.push(...page);
      }
      assert.deepEqual(seen.map(({ id }) => id), ids, JSON.stringify(filter));
    }
  });

  rule("a removed document is gone from everywhere, the others stay", async (documents) => {
    await fill(documents);
    assert.equal(await documents.remove({ kind: "task", id: "a" }), true);
    assert.equal(await documents.remove({ kind: "task", id: "a" }), false);
    assert.equal(await documents.get({ kind: "task", id: "a" }), null);
    assert.equal(await documents.count({ kind: "task" }), 5);
    assert.equal(await documents.count({ kind: "task", group: "g", state: "working" }), 1);
    assert.equal(await documents.count({ kind: "note" }), 1);
  });

  rule("what was handed in is kept as it was then", async (documents) => {
    const value = { words: ["a"] };
    await documents.put(aDocument("a", { value }));
    value.words.push("b");
    const first = (await documents.get({ kind: "task", id: "a" }))!;
    assert.deepEqual(first.value, { words: ["a"] });
    (first.value as typeof value).words.pop();
    assert.deepEqual((await documents.get({ kind: "task", id: "a" }))!.value, { words: ["a"] });
  });
}
