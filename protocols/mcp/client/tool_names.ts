/**
 * What the tools of servers are called here: `<server>_<tool>`, in letters every model and every gateway takes.
 *
 * @module
 */

/** Characters of a name. */
const MOST = 64;

/** The name of a tool of a server; of one whose name is taken or must be cut, with a number at its end. */
export function toolName(server: string, tool: string, taken: ReadonlySet<string>): string {
  const plain = `${server}_${tool}`.replace(/[^\w-]/g, "_");
  for (let count = 1;; count++) {
    const end = count === 1 ? "" : `_${count}`;
    const name = plain.slice(0, MOST - end.length) + end;
    if (!taken.has(name)) return name;
  }
}
