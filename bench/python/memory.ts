/**
 * Where the memory of a program and of what it started goes.
 *
 * @module
 */

/** Mebibytes in use, shared pages divided among those who share them. */
export interface MemoryUse {
  /** All of it. */
  total: number;
  /** The program's own code and constants: Deno's. */
  program: number;
  /** Blocks of at least 8 MiB: the memory of Python, the standard library, the heap of JavaScript. */
  large: number;
  /** All other memory of its own. */
  small: number;
  /** Files and libraries. */
  files: number;
}

/** From this many kibibytes on a block is large. */
const LARGE_KB = 8 * 1_024;

/** Of all processes below this one, without it. */
export function memoryBelow(): MemoryUse {
  const use: MemoryUse = { total: 0, program: 0, large: 0, small: 0, files: 0 };
  for (const pid of descendants()) {
    for (const { name, rssKb, pssKb } of mappings(pid)) {
      const kind = name.endsWith("/deno") || name.endsWith("/troupe")
        ? "program"
        : name.startsWith("/")
        ? "files"
        : rssKb >= LARGE_KB
        ? "large"
        : "small";
      use[kind] += pssKb / 1_024;
      use.total += pssKb / 1_024;
    }
  }
  return use;
}

function descendants(): number[] {
  const parents = new Map<number, number>();
  for (const { name } of Deno.readDirSync("/proc")) {
    const parent = Number(name) > 0 ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const found = [Deno.pid];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found.slice(1);
}

function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === "" ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function mappings(pid: number): { name: string; rssKb: number; pssKb: number }[] {
  const all: { name: string; rssKb: number; pssKb: number }[] = [];
  for (const line of read(`/proc/${pid}/smaps`).split("\n")) {
    const head = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)$/.exec(line);
    if (head !== null) all.push({ name: head[1]!, rssKb: 0, pssKb: 0 });
    const field = /^(Rss|Pss): +(\d+) kB/.exec(line);
    if (field !== null) all.at(-1)![field[1] === "Rss" ? "rssKb" : "pssKb"] = Number(field[2]);
  }
  return all;
}

/** Empty when the process has just ended. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
