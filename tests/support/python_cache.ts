/**
 * The folder Python starts from in tests: what is in it takes seconds to make, so all test files of a run share it and
 * it stays there for the next run.
 *
 * @module
 */
import { findSnapshot } from "../../sandbox/python/assets.ts";
import { SnapshotMaker, snapshotMaker, snapshotMakerGrant } from "../../sandbox/python/snapshot_maker.ts";
import { System } from "../../supervisor/system.ts";
import { child } from "../../supervisor/tree/spec.ts";

/** Git ignores it. */
const CACHE = new URL("../../.troupe/cache", import.meta.url).pathname;

/** The folder, with a snapshot in it. Of several processes that ask at once, one makes it and the others wait. */
export async function pythonCache(): Promise<string> {
  if (await findSnapshot(CACHE) !== null) return CACHE;
  Deno.mkdirSync(CACHE, { recursive: true });
  using lock = Deno.openSync(`${CACHE}/lock`, { write: true, create: true });
  await lock.lock(true);
  try {
    if (await findSnapshot(CACHE) === null) await makeSnapshot();
  } finally {
    await lock.unlock();
  }
  return CACHE;
}

async function makeSnapshot(): Promise<void> {
  const system = new System();
  try {
    const settings = { grant: snapshotMakerGrant(CACHE) };
    const tree = await system.start("cache", {
      children: [child("maker", snapshotMaker, { cache: CACHE }, settings)],
    });
    await tree.ref(SnapshotMaker, "maker").call("make", {}, { timeoutMs: 120_000 });
  } finally {
    await system.close();
  }
}
