/**
 * The configuration of this process: its folder, its environment, its source.
 *
 * @module
 */
import { type Config, loadConfig, readTextFile } from "./load.ts";
import type { FlagTexts } from "./schema.ts";

/**
 * Loads the configuration; `file` is one that a person named.
 * @throws {Fault} codes `config_...`.
 */
export function configHere(flags: FlagTexts, file?: string): Config {
  const env = Deno.env.toObject();
  return loadConfig({
    cwd: Deno.cwd(),
    home: env.HOME ?? env.USERPROFILE,
    env,
    readText: readTextFile,
    flags,
    file,
    sourceRoot: Deno.build.standalone ? undefined : sourceRoot(),
  });
}

/** The folder of Troupe's own source, where no agent may write. */
function sourceRoot(): string {
  return decodeURIComponent(new URL("../..", import.meta.url).pathname).replace(/\/$/, "");
}
