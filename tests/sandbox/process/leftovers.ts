/**
 * Sees which processes a test left behind.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A `sleep` nobody else has: its number of seconds is the name to find it by, whatever it does to its environment. */
export function longSleep(): string {
  return `sleep 9${crypto.getRandomValues(new Uint32Array(1))[0]}`;
}

/** Asserts that no process is left of which `mark` is part of the command line, and none that this one started. */
export function assertNoneLeft(mark: string): void {
  const left = processes().filter(({ parent, line }) => parent === Deno.pid || line.includes(mark));
  assert.deepEqual(left.map(({ line }) => line), []);
}

/** How many processes have `mark` in their command line. */
export function runningWith(mark: string): number {
  return processes().filter(({ line }) => line.includes(mark)).length;
}

function processes(): { parent: number; line: string }[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z") return [];
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      return [{ parent: Number(parent), line }];
    } catch {
      return []; // it ended while we looked
    }
  });
}
