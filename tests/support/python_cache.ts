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

/** The folder, whatever is in it. Git ignores it. */
export const PYTHON_CACHE = new URL("../../.troupe/cache", import.meta.url).pathname;

/** The folder, with a snapshot in it. Of several processes that ask at once, one makes it and the others wait. */
export async function pythonCache(): Promise<string> {
  if (await findSnapshot(PYTHON_CACHE) !== null) return PYTHON_CACHE;
  Deno.mkdirSync(PYTHON_CACHE, { recursive: true });
  using lock = Deno.openSync(`${PYTHON_CACHE}/lock`, { write: true, create: true });
  await lock.lock(true);
  try {
    if (await findSnapshot(PYTHON_CACHE) === null) await makeSnapshot();
  } finally {
    await lock.unlock();
  }
  return PYTHON_CACHE;
}

async function makeSnapshot(): Promise<void> {
  const system = new System();
  try {
    const settings = { grant: snapshotMakerGrant(PYTHON_CACHE) };
    const tree = await system.start("cache", {
      children: [child("maker", snapshotMaker, { cache: PYTHON_CACHE }, settings)],
    });
    await tree.ref(SnapshotMaker, "maker").call("make", {}, { timeoutMs: 120_000 });
  } finally {
    await system.close();
  }
}
