/**
 * A folder for one test.
 *
 * @module
 */

/** Runs `body` with a new empty folder, by its real path, and removes it afterwards. */
export async function inFolder(body: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    await body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
