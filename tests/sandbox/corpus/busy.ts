/**
 * How busy this program is, its child processes included.
 *
 * @module
 */

/** Clock ticks a second in /proc/<pid>/stat: 100 on every Linux that matters. */
const TICKS = 100;

/** CPUs used on average for `ms` milliseconds from now, by this process and all below it. */
export async function busyCpus(ms: number): Promise<number> {
  const before = ticksBelow(Deno.pid);
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = ticksBelow(Deno.pid);
  let used = 0;
  for (const [pid, ticks] of after) used += ticks - (before.get(pid) ?? 0);
  return used / TICKS / (ms / 1000);
}

/** User and system time of a process and of those it started, by process. */
function ticksBelow(root: number): Map<number, number> {
  const all = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => pid > 0);
  const stats = new Map(all.flatMap((pid) => {
    const stat = statOf(pid);
    return stat === undefined ? [] : [[pid, stat]];
  }));
  const below = new Map<number, number>();
  const visit = (pid: number) => {
    below.set(pid, stats.get(pid)!.ticks);
    for (const [child, { parent }] of stats) if (parent === pid) visit(child);
  };
  visit(root);
  return below;
}

function statOf(pid: number): { parent: number; ticks: number } | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined; // It has just ended.
  }
}
