/** The store, with an accident at one of its writes. */
import { Journal } from "../../protocols/messages/journal.ts";
import { protocol } from "../../protocols/messages/protocol.ts";
import { type Context, defineActor, later, next } from "../../supervisor/actor/define.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { JournalPort, OwnedJournal } from "../../supervisor/durable/journal.ts";
import { libsqlJournal } from "../../supervisor/durable/libsql_journal.ts";
import { storeGrant } from "../../supervisor/durable/store.ts";

export interface MortalOptions {
  path: string;
  /** The write at which the accident happens: 1, 2, ... */
  at: number;
  /** Whether that write is safe by then. */
  when: "before" | "after";
  /** `kill` ends this process with SIGKILL; `pause` emits `{ paused }` and waits for `proceed`. */
  how: "kill" | "pause";
}

/** The journal's protocol and one more message. */
export const Mortal = protocol(
  "journal",
  (z) => ({ ...Journal.messages(z), proceed: { request: z.object({}) } }),
);

export function mortalGrant(): Permissions {
  return { ...storeGrant(), run: true };
}

interface State {
  journal: OwnedJournal;
  options: MortalOptions;
  writes: number;
  gate: PromiseWithResolvers<void>;
}

type Write = "open" | "intent" | "receipt" | "record" | "end" | "reopen";

function write<K extends Write>(name: K) {
  return (state: State, request: Parameters<JournalPort[K]>[0], context: Context) => {
    const mine = ++state.writes === state.options.at;
    return later(state, perform());
    async function perform(): Promise<null> {
      if (mine && state.options.when === "before") await accident(state, context);
      await state.journal[name](request as never);
      if (mine && state.options.when === "after") await accident(state, context);
      return null;
    }
  };
}

async function accident({ options, gate }: State, context: Context): Promise<void> {
  if (options.how === "kill") Deno.kill(Deno.pid, "SIGKILL");
  context.events.emit({ paused: options.at });
  await gate.promise;
}

export const mortalStore = defineActor({
  module: import.meta.url,
  protocol: Mortal,
  init: async (options: MortalOptions): Promise<State> => ({
    journal: await libsqlJournal({ path: options.path }),
    options,
    writes: 0,
    gate: Promise.withResolvers(),
  }),
  handle: {
    open: write("open"),
    intent: write("intent"),
    receipt: write("receipt"),
    record: write("record"),
    end: write("end"),
    reopen: write("reopen"),
    read: async (state, request) => next(state, await state.journal.read(request)),
    list: async (state, request) => next(state, await state.journal.list(request)),
    proceed(state) {
      state.gate.resolve();
      return next(state);
    },
  },
  terminate: ({ journal }) => journal.close(),
});
if (import.meta.main) serve(mortalStore);
