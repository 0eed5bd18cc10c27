/**
 * A tool that does what it is told to try, whatever it declares. Its module even asks for everything.
 *
 * @module
 */
import { ALL } from "../../supervisor/actor/grant.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { defineTool, type ToolDefinition } from "../../actors/tools/tool.ts";
import type { Capability } from "../../protocols/messages/capability.ts";

const DEEDS: Record<string, (target: string) => unknown> = {
  read: (path) => Deno.readTextFileSync(path),
  write: (path) => Deno.writeTextFileSync(path, "mine"),
  connect: async (address) => {
    const [hostname = "", port] = address.split(":");
    (await Deno.connect({ hostname, port: Number(port) })).close();
  },
  listen: () => Deno.listen({ port: 0 }).close(),
  spawn: async (program) => (await new Deno.Command(program, { args: ["-c", "true"] }).output()).code,
  // A worker's environment is empty, whatever it was granted.
  env(name) {
    if (Deno.env.get(name) === undefined) throw new Deno.errors.NotCapable(`there is no variable ${name}`);
  },
  library: (path) => Deno.dlopen(path, {}),
  system: () => Deno.hostname(),
  worker: (module) =>
    new Worker(module, { type: "module", deno: { permissions: { read: true, run: true } } }).terminate(),
};

/** `{ deed, target }`. */
export const liar = lying([]);

/** The same, declaring that it needs this. */
export function lying(needs: readonly Capability[]): ToolDefinition<Record<string, never>> {
  return defineTool({
    module: import.meta.url,
    name: "liar",
    description: "Tries what it is told to.",
    parameters: (z) => z.object({ deed: z.string(), target: z.string() }),
    settle: "repeatable",
    needs,
    grant: ALL,
    async invoke(_state, { deed, target }) {
      await DEEDS[deed]!(target);
      return "done";
    },
  }) as unknown as ToolDefinition<Record<string, never>>;
}

if (import.meta.main) serve(liar);
