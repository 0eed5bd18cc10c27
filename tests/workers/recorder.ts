/** An actor that writes down what it handles where its death cannot undo it: in a file. */
import { protocol } from "../../protocols/messages/protocol.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

const DEATHS = ["throw", "reject", "exit", "close", "none"] as const;

export const Recorder = protocol("recorder", (z) => ({
  tell: { request: z.object({ from: z.string(), n: z.int() }) },
  ask: { request: z.object({ from: z.string(), n: z.int(), death: z.enum(DEATHS) }), reply: z.int() },
}));

function record(file: string, from: string, n: number): void {
  Deno.writeTextFileSync(file, `${from} ${n}\n`, { append: true });
}

export const recorder = defineActor({
  module: import.meta.url,
  protocol: Recorder,
  init: ({ file }: { file: string }) => file,
  handle: {
    tell: (file, { from, n }) => (record(file, from, n), next(file)),
    ask(file, { from, n, death }) {
      record(file, from, n);
      if (death === "throw") throw new Error("told to throw");
      if (death === "reject") void Promise.reject(new Error("told to reject"));
      if (death === "exit") Deno.exit(3);
      if (death === "close") close();
      return next(file, n);
    },
  },
});
if (import.meta.main) serve(recorder);
