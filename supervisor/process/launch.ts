/**
 * How an actor's own process is started, as data: made on the main thread, used by the worker that stands
 * for the process.
 *
 * @module
 */
import type { Grant, Permissions } from "../actor/grant.ts";
import type { WorkerKind } from "../worker/spawner.ts";

/** First argument of this program when it is to be an actor's process (in a compiled binary). */
export const PROCESS_COMMAND = "__actor";

/** An actor's process. */
export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The actor's module and permissions, in the only worker of that process. */
  readonly module: string;
  readonly grant: Grant;
}

/** What the process of that actor needs from this one: where packages are cached, nothing else. */
const PASSED_ON = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "TMPDIR"];

/** The worker that stands for a process of `module`; it may start this very program and nothing else. */
export function processKind(module: string, grant: Grant, heapMb: number): WorkerKind {
  const host = new URL("./host.ts", import.meta.url).href;
  const command = Deno.execPath();
  const v8 = `--max-old-space-size=${heapMb}`;
  const env: Record<string, string> = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  for (const name of PASSED_ON) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  if (Deno.build.standalone) env.DENO_V8_FLAGS = v8;
  const child = new URL("./child.ts", import.meta.url).href;
  const args = Deno.build.standalone ? [PROCESS_COMMAND] : [
    "run",
    "--no-prompt",
    "--quiet",
    `--v8-flags=${v8}`,
    ...flags(grant === "none" ? {} : grant),
    child,
  ];
  return { module: host, grant: { run: [command] }, process: { command, args, env, module, grant } };
}

/** The process may do what its worker may, and read the worker's code to start it; then it gives all up. */
function flags(grant: Permissions): string[] {
  return Object.entries({ ...grant, read: true as const }).flatMap(([kind, value]) => {
    if (value === true) return [`--allow-${kind}`];
    return value.length === 0 ? [] : [`--allow-${kind}=${value.map(escapeComma).join(",")}`];
  });
}

/** Deno splits lists at commas and reads two as one. */
function escapeComma(value: string): string {
  return value.replaceAll(",", ",,");
}
