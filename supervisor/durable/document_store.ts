/**
 * The actor that has the file of documents open.
 *
 * @module
 */
import { Documents } from "../../protocols/messages/documents.ts";
import { type ActorDefinition, defineActor, next } from "../actor/define.ts";
import { serve } from "../actor/serve.ts";
import { libsqlDocuments, type LibsqlDocumentsOptions } from "./libsql_documents.ts";
import { storeGrant } from "./store.ts";

/** Keeps documents in a libSQL file. Fails to start as {@linkcode libsqlDocuments} does. */
export const documentStore: ActorDefinition<typeof Documents, LibsqlDocumentsOptions> = defineActor({
  module: import.meta.url,
  protocol: Documents,
  grant: storeGrant(),
  init: (options: LibsqlDocumentsOptions) => libsqlDocuments(options),
  handle: {
    put: async (documents, request) => next(documents, await documents.put(request)),
    get: async (documents, request) => next(documents, await documents.get(request)),
    list: async (documents, request) => next(documents, await documents.list(request)),
    count: async (documents, request) => next(documents, await documents.count(request)),
    remove: async (documents, request) => next(documents, await documents.remove(request)),
  },
  terminate: (documents) => documents.close(),
});

if (import.meta.main) serve(documentStore);
