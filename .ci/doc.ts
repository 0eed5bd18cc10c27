/**
 * Holds the public API to `deno doc --lint`: every entry point that deno.json exports is documented, and speaks only
 * of types that are public.
 *
 * Two of its complaints are let pass:
 *
 * - a missing type annotation on what is made by `schema`, `protocol` or `defineTool`: that type is what zod infers,
 *   and to write it a second time is what those three are there to avoid;
 * - a reference to a type of zod, which is public there.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

/** Names of zod's types that the API speaks of. */
const ZOD = /references private type '(ZodType|ZodObject|ZodRawShape|output)'/;

/** The line of a declaration whose type zod infers. */
const INFERRED = /\| export const \w+ = (schema|protocol|defineTool)\(/;

/** The complaints in what `deno doc --lint` printed that are not let pass. @throws {Error} when it is not understood. */
export function complaints(printed: string): string[] {
  const all = printed.split(/^(?=error)/m).filter((text) => text.startsWith("error["));
  const count = Number(/^error: Found (\d+) documentation lint error/m.exec(printed)?.[1]);
  if (all.length !== count) throw new Error(`Cannot read what deno doc --lint printed:\n${printed}`);
  return all.filter((text) => {
    if (text.startsWith("error[missing-explicit-type]")) return !INFERRED.test(text);
    return !(text.startsWith("error[private-type-ref]") && ZOD.test(text));
  });
}

if (import.meta.main) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...Object.values(config.exports)],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const found = success ? [] : complaints(text(stdout) + text(stderr));
  await Deno.stderr.write(new TextEncoder().encode(found.join("\n")));
  Deno.exit(found.length === 0 ? 0 : 1);
}
