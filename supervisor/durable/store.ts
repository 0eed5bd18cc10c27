/**
 * The store actor: the one worker that has the journal's file open.
 *
 * @module
 */
import { Journal } from "../../protocols/messages/journal.ts";
import { type ActorDefinition, defineActor, next } from "../actor/define.ts";
import type { Permissions } from "../actor/grant.ts";
import { serve } from "../actor/serve.ts";
import { libsqlJournal, type LibsqlJournalOptions } from "./libsql_journal.ts";

/**
 * What libSQL needs: its native addon and three facts it asks the system for. The addon opens the database itself, so
 * neither `read` nor `write` is asked for. Under `deno run` only the addons of its package may be loaded; a compiled
 * binary unpacks the addon to a place not known before, so there all of `ffi`.
 */
export function storeGrant(): Permissions {
  const addons = new URL("../../../", import.meta.resolve("@libsql/client")).pathname;
  return {
    ffi: Deno.build.standalone ? true : [decodeURIComponent(addons)],
    sys: ["cpus", "hostname", "networkInterfaces"],
  };
}

/** Keeps runs in a libSQL file. Fails to start as {@linkcode libsqlJournal} does. */
export const store: ActorDefinition<typeof Journal, LibsqlJournalOptions> = defineActor({
  module: import.meta.url,
  protocol: Journal,
  grant: storeGrant(),
  init: (options: LibsqlJournalOptions) => libsqlJournal(options),
  handle: {
    open: async (journal, request) => next(journal, await journal.open(request)),
    intent: async (journal, request) => next(journal, await journal.intent(request)),
    receipt: async (journal, request) => next(journal, await journal.receipt(request)),
    record: async (journal, request) => next(journal, await journal.record(request)),
    read: async (journal, request) => next(journal, await journal.read(request)),
    end: async (journal, request) => next(journal, await journal.end(request)),
    reopen: async (journal, request) => next(journal, await journal.reopen(request)),
    list: async (journal, request) => next(journal, await journal.list(request)),
  },
  terminate: (journal) => journal.close(),
});

if (import.meta.main) serve(store);
