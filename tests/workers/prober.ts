/** An actor that tries what it may. */
import process from "node:process";
import { protocol } from "../../protocols/messages/protocol.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

const KINDS = ["read", "write", "net", "env", "sys", "run", "import"] as const;

export const Prober = protocol("prober", (z) => ({
  /** "done" or the name of the error. */
  attempt: { request: z.object({ kind: z.enum(KINDS), what: z.string() }), reply: z.string() },
  /** Names of the variables it sees, by any door. */
  environment: { request: z.object({}), reply: z.array(z.string()) },
}));

const ATTEMPTS: Record<(typeof KINDS)[number], (what: string) => unknown> = {
  read: (path) => Deno.readTextFileSync(path),
  write: (path) => Deno.writeTextFileSync(path, "written"),
  net: async (address) => (await fetch(`http://${address}/`)).body?.cancel(),
  env(variable) {
    // Deno.env is a stand-in here, so the right itself is asked for.
    if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") {
      throw new Deno.errors.NotCapable(variable);
    }
  },
  sys: () => Deno.hostname(),
  run: (program) => new Deno.Command(program, { args: ["--version"], stdout: "null" }).outputSync(),
  import: (url) => import(url),
};

function known(): string[] {
  return ["HOME", "PATH"].filter((name) => process.env[name] !== undefined || Deno.env.has(name));
}

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
    environment: (state) =>
      next(state, [...Object.keys(process.env), ...Object.keys(Deno.env.toObject()), ...known()]),
  },
});
if (import.meta.main) serve(prober);
