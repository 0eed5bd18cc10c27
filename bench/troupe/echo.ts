/**
 * An actor that sends back, counts, and dies when told to.
 *
 * @module
 */
import { protocol, schema } from "../../protocols/messages/protocol.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

/** The message of all benchmarks. */
export const Message = schema((z) =>
  z.object({ id: z.int(), from: z.string(), kind: z.string(), text: z.string(), score: z.number() })
);

/** The protocol of {@linkcode echo}. */
export const Echo = protocol("echo", (z) => ({
  echo: { request: Message(z), reply: Message(z) },
  note: { request: Message(z) },
  /** How many were noted. */
  noted: { request: z.object({}), reply: z.int() },
  crash: { request: z.object({}) },
}));

/** See the module's words. */
export const echo = defineActor({
  module: import.meta.url,
  protocol: Echo,
  init: (from: number) => from,
  handle: {
    echo: (noted, message) => next(noted, message),
    note: (noted) => next(noted + 1),
    noted: (noted) => next(noted, noted),
    crash() {
      throw new Error("told to crash");
    },
  },
});
if (import.meta.main) serve(echo);
