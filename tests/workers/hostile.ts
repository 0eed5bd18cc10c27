/** An actor whose process says what it must not when it is told to. */
import { protocol } from "../../protocols/messages/protocol.ts";
import { defineActor, later, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

export const Hostile = protocol("hostile", (z) => ({
  /** Says it, and then answers. */
  speak: { request: z.object({}), reply: z.null() },
  /** Answers at once. */
  call: { request: z.object({}), reply: z.null() },
  stream: { request: z.object({}), item: z.int(), reply: z.null() },
  /** Never answers until it is cancelled. */
  wait: { request: z.object({}), reply: z.null() },
}));

export const hostile = defineActor({
  module: import.meta.url,
  protocol: Hostile,
  isolation: "process",
  provider: new URL("./hostile_provider.ts", import.meta.url).href,
  init: (_options: Record<string, never>) => null,
  handle: {
    speak(state, _, { log }) {
      log.info("now");
      return next(state, null);
    },
    call: (state) => next(state, null),
    async stream(state, _, context) {
      await context.send(1);
      return next(state, null);
    },
    wait: (state, _, { signal }) =>
      later(
        state,
        new Promise<null>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      ),
  },
});
if (import.meta.main) serve(hostile);
