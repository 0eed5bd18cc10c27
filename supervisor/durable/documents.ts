/**
 * A store of documents as the code that uses it sees it: the calls of the Documents protocol as plain async functions.
 *
 * @module
 */
import type { Documents } from "../../protocols/messages/documents.ts";
import type { CallNames, MessagesOf, ReplyOf, RequestOf } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Clock } from "../actor/define.ts";
import { patiently } from "./patience.ts";

/** What a store of documents answers, by name. */
export type DocumentsMessages = MessagesOf<typeof Documents>;

/** The calls of the Documents protocol; see there what each does. */
export type DocumentsPort = {
  readonly [K in CallNames<DocumentsMessages>]: (
    request: RequestOf<DocumentsMessages[K]>,
  ) => Promise<ReplyOf<DocumentsMessages[K]>>;
};

/** A store of documents together with what it holds open. */
export type OwnedDocuments = DocumentsPort & { close(): void };

/** The actor behind `ref` as a store of documents. */
export function documentsOver(ref: ActorRef<typeof Documents>): DocumentsPort {
  return {
    put: (request) => ref.call("put", request),
    get: (request) => ref.call("get", request),
    list: (request) => ref.call("list", request),
    count: (request) => ref.call("count", request),
    remove: (request) => ref.call("remove", request),
  };
}

/** The same store, asked again while its actor is being restarted: every call of it is harmless when repeated. */
export function patientDocuments(documents: DocumentsPort, clock: Clock): DocumentsPort {
  return {
    put: patiently(documents.put, clock),
    get: patiently(documents.get, clock),
    list: patiently(documents.list, clock),
    count: patiently(documents.count, clock),
    remove: patiently(documents.remove, clock),
  };
}
