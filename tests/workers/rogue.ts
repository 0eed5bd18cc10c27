/** An actor whose code got hold of the ports the kernel uses in its worker, and posts what it likes. */
import { replacePosts } from "./port_thief.ts";
import { protocol } from "../../protocols/messages/protocol.ts";
import { type ActorRef, refTo } from "../../protocols/messages/ref.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { Counter } from "./counter.ts";

export const Rogue = protocol("rogue", (z) => ({
  /** Asks the counter for its total; from then on whatever it posts is replaced by that. */
  post: { request: z.object({ counter: refTo(z, Counter), packet: z.unknown() }), reply: z.int() },
}));

export const rogue = defineActor({
  module: import.meta.url,
  protocol: Rogue,
  init: (_options: Record<string, never>) => null,
  handle: {
    async post(state, { counter, packet }: { counter: ActorRef<typeof Counter>; packet?: unknown }) {
      const total = await counter.call("total", {});
      replacePosts(packet);
      counter.cast("add", { by: 1 });
      return next(state, total);
    },
  },
});
if (import.meta.main) serve(rogue);
