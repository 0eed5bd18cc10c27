/**
 * The actor that makes the snapshot sandboxes start from. It runs no foreign code.
 *
 * @module
 */
import { protocol } from "../../protocols/messages/protocol.ts";
import { type ActorDefinition, defineActor, next } from "../../supervisor/actor/define.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import {
  compilePython,
  findSnapshot,
  keepSnapshot,
  pyodideDirectory,
  readStandardLibrary,
} from "./assets.ts";
import { makeSnapshot } from "./make_image.ts";

/** Its protocol. */
export const SnapshotMaker = protocol("snapshot-maker", (z) => ({
  /** Call. Makes the snapshot if there is none: that takes seconds. */
  make: {
    request: z.object({}),
    reply: z.object({ path: z.string(), sha256: z.string() }),
  },
}));

/** What it needs: to read Pyodide, to read and write the cache. */
export const snapshotMakerGrant = (cache: string): Permissions => ({
  read: [pyodideDirectory(), cache],
  write: [cache],
});

/** Memory of the interpreter that is put into the snapshot, in MiB. */
const MEMORY_MB = 512;

/** Options: the cache folder. */
export const snapshotMaker: ActorDefinition<typeof SnapshotMaker, { cache: string }> = defineActor({
  module: import.meta.url,
  protocol: SnapshotMaker,
  init: ({ cache }: { cache: string }) => cache,
  handle: {
    async make(cache, _request, { newId }) {
      const found = await findSnapshot(cache);
      if (found !== null) return next(cache, found);
      const parts = { module: await compilePython(MEMORY_MB), stdlib: readStandardLibrary() };
      return next(cache, await keepSnapshot(cache, await makeSnapshot(parts), newId()));
    },
  },
});

if (import.meta.main) serve(snapshotMaker);
