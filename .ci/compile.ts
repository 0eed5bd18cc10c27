/**
 * Makes `dist/troupe`, or the file named: the program, its workers and its packages in one.
 *
 *   deno task compile [<file>]
 *
 * Environment: `DENORT_BIN` is a base runtime to use instead of downloading one, and `DENO_CLI` the Deno that goes
 * with it when that is not the one running. Exit status: 0 made, 3 there is no base runtime, 1 all else.
 *
 * @module
 */
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The modules of the program. */
const MODULES = "{supervisor,sandbox,actors,workspace,protocols}/**/*.ts";

/** How a module begins to act when it is started instead of imported, or what a process looks for in one it is named. */
const ENTRY = /^if \(.*\bimport\.meta\.main\)|^export (const|async function) provide\b/m;

/** In packages: type declarations, TypeScript sources, maps of it, and addons for a libc Deno does not run on. */
const NEVER_LOADED = /\.([cm]?ts|map)$|-musl\/.*\.node$/;

/** Exit status when there is no base runtime. */
export const NO_RUNTIME = 3;

/** A binary to make. Paths are from the root of the repository. */
export interface Binary {
  readonly main: string;
  /** Modules that are started instead of imported; `deno compile` does not find these by itself. */
  readonly entries: readonly string[];
  readonly out: string;
}

/** What became of it. */
export interface Compiled {
  /** Exit status. */
  readonly status: number;
  /** For people. */
  readonly message: string;
}

/** The modules of the program, as paths from the root. */
export function programModules(): string[] {
  return globSync(MODULES, { cwd: ROOT }).sort();
}

/** Those that are started instead of imported. */
export function workerEntries(): string[] {
  return programModules().filter((module) => ENTRY.test(Deno.readTextFileSync(join(ROOT, module))));
}

/** Makes a binary. Its code is not type-checked: `deno task check` does that. */
export async function compile({ main, entries, out }: Binary): Promise<Compiled> {
  const cli = Deno.env.get("DENO_CLI") ?? Deno.execPath();
  // No prompts, all permissions: each worker is given its own. No code cache: the runtime would look for one in
  // the temporary folder, under a name that others there can take first.
  const flags = [
    "--no-check",
    "--no-prompt",
    "-A",
    "--no-code-cache",
    ...await optional(cli, "--exclude-unused-npm"),
  ];
  const { success, stderr } = await deno(cli, [
    "compile",
    ...flags,
    ...entries.flatMap((entry) => ["--include", entry]),
    ...(await neverLoaded()).flatMap((file) => ["--exclude", file]),
    "--output",
    out,
    main,
  ]);
  if (success) {
    return { status: 0, message: `${out}: ${(Deno.statSync(resolve(ROOT, out)).size / 1e6).toFixed(0)} MB` };
  }
  if (!stderr.includes("base binary")) return { status: 1, message: stderr };
  const reason = /^ *\d+: (error .*)$/m.exec(stderr)?.[1] ?? stderr;
  return {
    status: NO_RUNTIME,
    message:
      `Cannot make ${out}: there is no base runtime of Deno ${Deno.version.deno} to make it with (${reason}); ` +
      "set DENORT_BIN to a denort of that version",
  };
}

/** Of every package, what only compilers and debuggers read: half of them all. */
async function neverLoaded(): Promise<string[]> {
  const { success, stdout, stderr } = await deno(Deno.execPath(), ["info", "--json", "main.ts"]);
  if (!success) throw new Error(`Cannot find the packages of the program: ${stderr}`);
  const { npmPackages } = JSON.parse(stdout) as { npmPackages: Record<string, { localPath: string }> };
  return Object.values(npmPackages)
    .flatMap(({ localPath }) => globSync("**", { cwd: localPath }).map((file) => join(localPath, file)))
    .filter((file) => NEVER_LOADED.test(file));
}

/** A flag, if that Deno knows it. */
async function optional(cli: string, flag: string): Promise<string[]> {
  const { stdout } = await deno(cli, ["compile", "--help"]);
  return stdout.includes(flag) ? [flag] : [];
}

async function deno(
  cli: string,
  args: readonly string[],
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const env = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const { success, stdout, stderr } = await new Deno.Command(cli, { args: [...args], env, cwd: ROOT })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, stdout: text(stdout), stderr: text(stderr) };
}

if (import.meta.main) {
  const [out = "dist/troupe"] = Deno.args;
  const { status, message } = await compile({ main: "main.ts", entries: workerEntries(), out });
  Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
  Deno.exit(status);
}
