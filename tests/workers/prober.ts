/** An actor that tries what it may. */
import process from "node:process";
import { protocol } from "../../protocols/messages/protocol.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

const KINDS = ["read", "write", "net", "env", "sys", "run", "import"] as const;

export const Prober = protocol("prober", (z) => ({
  /** "done" or the name of the error. */
  attempt: { request: z.object({ kind: z.enum(KINDS), what: z.string() }), reply: z.string() },
  /** Names of the variables it sees. */
  environment: { request: z.object({}), reply: z.array(z.string()) },
}));

const ATTEMPTS: Record<(typeof KINDS)[number], (what: string) => unknown> = {
  read: (path) => Deno.readTextFileSync(path),
  write: (path) => Deno.writeTextFileSync(path, "written"),
  net: async (address) => (await fetch(`http://${address}/`)).body?.cancel(),
  env: (name) => Deno.env.get(name),
  sys: () => Deno.hostname(),
  run: (program) => new Deno.Command(program, { args: ["--version"], stdout: "null" }).outputSync(),
  import: (url) => import(url),
};

export const prober = defineActor({
  module: import.meta.url,
  protocol: Prober,
  init: (_options: Record<string, never>) => null,
  handle: {
    async attempt(state, { kind, what }) {
      try {
        await ATTEMPTS[kind](what);
        return next(state, "done");
      } catch (error) {
        return next(state, (error as Error).name);
      }
    },
    environment: (state) => next(state, Object.keys(process.env)),
  },
});
if (import.meta.main) serve(prober);
