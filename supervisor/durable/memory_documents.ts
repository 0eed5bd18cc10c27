/**
 * Documents that are gone with their process: for tests, and for services nobody wants to keep.
 *
 * @module
 */
import type { Document } from "../../protocols/messages/documents.ts";
import type { DocumentsPort, OwnedDocuments } from "./documents.ts";

type Filter = Parameters<DocumentsPort["count"]>[0];
type Place = Pick<Document, "updatedAt" | "id">;

/** Documents in memory. They are copied, as a file would: nothing handed in or out is shared. */
export function memoryDocuments(): OwnedDocuments {
  const kept = new Map<string, Document>();
  const name = ({ kind, id }: { kind: string; id: string }) => JSON.stringify([kind, id]);
  const chosen = (filter: Filter) => [...kept.values()].filter((document) => fits(document, filter));
  return {
    put(document) {
      kept.set(name(document), copy({ ...document, value: document.value ?? null }));
      return Promise.resolve(null);
    },
    get(request) {
      const document = kept.get(name(request));
      return Promise.resolve(document === undefined ? null : copy(document));
    },
    list({ limit, before, ...filter }) {
      const behind = chosen(filter).filter((it) => before === undefined || lastFirst(before, it) < 0);
      return Promise.resolve(copy(behind.sort(lastFirst).slice(0, limit)));
    },
    count: (filter) => Promise.resolve(chosen(filter).length),
    remove: (request) => Promise.resolve(kept.delete(name(request))),
    close: () => kept.clear(),
  };
}

function fits(document: Document, { kind, owner, group, state, since }: Filter): boolean {
  return document.kind === kind && (owner === undefined || document.owner === owner) &&
    (group === undefined || document.group === group) && (state === undefined || document.state === state) &&
    (since === undefined || document.updatedAt >= since);
}

function lastFirst(a: Place, b: Place): number {
  if (a.updatedAt !== b.updatedAt) return b.updatedAt - a.updatedAt;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}

/** As a file would give it back. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
