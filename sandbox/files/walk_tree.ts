/**
 * What lies in a folder, in order and bounded.
 *
 * @module
 */

/** What a walk found. */
export interface Listing {
  /** Paths relative to the folder, sorted by UTF-16 code unit; folders end with "/". */
  paths: string[];
  /** All that were seen, kept in `paths` or not. */
  seen: number;
  /** False when the walk gave up counting. */
  complete: boolean;
  /** Folders that could not be opened. */
  unreadable: string[];
}

/**
 * Lists a folder, and with `recursive` all below it. Links are listed and not followed.
 * Keeps the first `keep` paths and stops after having seen `count`.
 * @throws what Deno throws when the folder itself cannot be read.
 */
export function walkTree(folder: string, recursive: boolean, keep: number, count: number): Listing {
  const listing: Listing = { paths: [], seen: 0, complete: true, unreadable: [] };
  visit(folder, "", Array.from(Deno.readDirSync(folder), nameOf));
  return listing;

  function visit(place: string, prefix: string, names: string[]): void {
    for (const name of names.sort(byCodeUnit)) {
      if (listing.seen >= count) {
        listing.complete = false;
        return;
      }
      if (listing.seen++ < keep) listing.paths.push(prefix + name);
      if (recursive && name.endsWith("/")) descend(`${place}/${name.slice(0, -1)}`, prefix + name);
    }
  }

  function descend(place: string, prefix: string): void {
    try {
      visit(place, prefix, Array.from(Deno.readDirSync(place), nameOf));
    } catch (error) {
      const fromSystem = error instanceof Error && "code" in error;
      if (!fromSystem) throw error;
      listing.unreadable.push(prefix);
    }
  }
}

/** With the slash in it, sorting each folder by name sorts the whole by path. */
function nameOf({ name, isDirectory }: Deno.DirEntry): string {
  return isDirectory ? name + "/" : name;
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
