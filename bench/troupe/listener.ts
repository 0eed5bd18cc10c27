/**
 * An actor that listens to a bus and counts what it hears.
 *
 * @module
 */
import { Bus } from "../../protocols/messages/bus.ts";
import { protocol } from "../../protocols/messages/protocol.ts";
import { type ActorRef, refTo } from "../../protocols/messages/ref.ts";
import { defineActor, later, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

/** The protocol of {@linkcode listener}. */
export const Listener = protocol("listener", (z) => ({
  listen: { request: z.object({ bus: refTo(z, Bus), id: z.string() }) },
  /** Answered once so many were heard in all. */
  heard: { request: z.object({ count: z.int() }), reply: z.null() },
}));

class Ear {
  #count = 0;
  #awaited = Infinity;
  #reached: () => void = () => {};

  async listen(bus: ActorRef<typeof Bus>, id: string): Promise<void> {
    for await (const item of bus.stream("subscribe", { id }, { timeoutMs: 300_000 })) {
      this.#count += item.type === "lagged" ? item.missed : 1;
      if (this.#count >= this.#awaited) this.#reached();
    }
  }

  heard(count: number): Promise<null> {
    const { promise, resolve } = Promise.withResolvers<null>();
    this.#awaited = count;
    this.#reached = () => resolve(null);
    if (this.#count >= count) this.#reached();
    return promise;
  }
}

/** See the module's words. */
export const listener = defineActor({
  module: import.meta.url,
  protocol: Listener,
  init: (_: null) => new Ear(),
  handle: {
    listen(ear, { bus, id }) {
      ear.listen(bus, id);
      return next(ear);
    },
    heard: (ear, { count }) => later(ear, ear.heard(count)),
  },
});
if (import.meta.main) serve(listener);
