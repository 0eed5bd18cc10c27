/**
 * How an actor's own process is started, as data: made on the main thread, used by the worker that stands
 * for the process.
 *
 * @module
 */
import type { ActorDefinition } from "../actor/define.ts";
import type { Grant, Permissions } from "../actor/grant.ts";
import type { ChildSettings } from "../tree/spec.ts";

/** First argument of a compiled program that is to be an actor's process: its main module then calls `runChild`. */
export const PROCESS_COMMAND = "__actor";

/** An actor's process. */
export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The actor's module and permissions, in the only worker of that process. */
  readonly module: string;
  readonly grant: Grant;
  /** MiB of resident memory it may grow by, where V8 cannot be told of a heap limit. */
  readonly growthMb?: number;
  /** MiB of resident memory it may have. */
  readonly memoryMb?: number;
  /** Bytes of a line it may write. */
  readonly lineBytes: number;
  /** URL of the module that makes what its worker starts with. */
  readonly provider?: string;
  readonly provisions?: unknown;
}

/** Memory a process needs for a heap of one MiB: its garbage, its code and its buffers count as well. */
const GROWTH = 2;

/** Where a compiled binary pretends that its modules are: below the temporary folder of the process that asks. */
const EMBEDDED = /^file:\/\/(.*)\/deno-compile-[^/]*\//;

/** What the process of that actor needs from this one: where packages are cached, nothing else. */
const PASSED_ON = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "TMPDIR"];

/** The worker that stands for a process; it may start this very program and nothing else. */
export const PROCESS_HOST: string = new URL("./host.ts", import.meta.url).href;

/** How the process of an actor is started. */
export function processSpec(
  { module, provider }: Pick<ActorDefinition, "module" | "provider">,
  grant: Grant,
  { heapMb, memoryMb, lineBytes, provisions }: ChildSettings,
): ProcessSpec {
  const how = Deno.build.standalone ? ofBinary(heapMb) : ofSource(grant, heapMb);
  return { command: Deno.execPath(), module, grant, memoryMb, lineBytes, provider, provisions, ...how };
}

type How = Pick<ProcessSpec, "args" | "env" | "growthMb">;

function ofSource(grant: Grant, heapMb: number): How {
  const args = [
    "run",
    "--no-prompt",
    "--quiet",
    `--v8-flags=--max-old-space-size=${heapMb}`,
    ...flags(grant === "none" ? {} : grant),
    new URL("./child.ts", import.meta.url).href,
  ];
  return { args, env: environment() };
}

/** What a binary embeds is to have the same names there as here. */
function ofBinary(heapMb: number): How {
  const env = environment();
  const [, temporary] = EMBEDDED.exec(import.meta.url) ?? [];
  if (temporary !== undefined) env.TMPDIR = decodeURIComponent(temporary);
  return { args: [PROCESS_COMMAND], env, growthMb: heapMb * GROWTH };
}

/** Freed buffers go back to the system at once, or a process that loaded something large keeps its size (glibc). */
const ALWAYS = {
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_ARENA_MAX: "2",
};

function environment(): Record<string, string> {
  const env: Record<string, string> = { ...ALWAYS };
  for (const name of PASSED_ON) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
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
