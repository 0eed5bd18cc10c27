/**
 * An actor that sends as fast as it may, and says how fast that was.
 *
 * @module
 */
import { Bus, type BusMessage } from "../../protocols/messages/bus.ts";
import { protocol } from "../../protocols/messages/protocol.ts";
import { type ActorRef, refTo } from "../../protocols/messages/ref.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { encodeOnce } from "../../supervisor/actor/wire.ts";
import { type Latency, latency, SMALL, WARM_UP } from "../contender.ts";
import { Echo } from "./echo.ts";
import { Listener } from "./listener.ts";

/** What a bus keeps for a listener that is behind. */
const CAPACITY = 256;
const NEWS: BusMessage = { from: "bench", topic: "news", target: { to: "broadcast" }, content: SMALL };

/** The protocol of {@linkcode driver}. */
export const Driver = protocol("driver", (z) => ({
  ask: {
    request: z.object({ to: refTo(z, Echo), count: z.int() }),
    reply: z.object({ p50: z.number(), p99: z.number() }),
  },
  /** Casts that many to each, and answers when all are handled. */
  flood: { request: z.object({ to: z.array(refTo(z, Echo)), count: z.int() }), reply: z.null() },
  /** Publishes that many on the bus, never more than it keeps for a listener that is behind. */
  publish: {
    request: z.object({
      bus: refTo(z, Bus),
      listeners: z.array(refTo(z, Listener)),
      from: z.int(),
      count: z.int(),
    }),
    reply: z.null(),
  },
}));

/** See the module's words. */
export const driver = defineActor({
  module: import.meta.url,
  protocol: Driver,
  init: () => null,
  handle: {
    ask: async (state, { to, count }) => next(state, await ask(to, count)),
    async flood(state, { to, count }) {
      for (let i = 0; i < count; i++) {
        const message = to.length > 1 ? encodeOnce(SMALL) : SMALL;
        for (const ref of to) if (!ref.cast("note", message)) await ref.ready();
      }
      await Promise.all(to.map((ref) => ref.call("noted", {})));
      for (const ref of to) ref.close();
      return next(state, null);
    },
    async publish(state, { bus, listeners, from, count }) {
      for (let done = 0; done < count; done += CAPACITY) {
        for (let i = 0; i < CAPACITY; i++) if (!bus.cast("publish", NEWS)) await bus.ready();
        await Promise.all(listeners.map((ref) => ref.call("heard", { count: from + done + CAPACITY })));
      }
      for (const ref of [bus, ...listeners]) ref.close();
      return next(state, null);
    },
  },
});
if (import.meta.main) serve(driver);

async function ask(to: ActorRef<typeof Echo>, count: number): Promise<Latency> {
  const times: number[] = [];
  for (let i = -WARM_UP; i < count; i++) {
    const start = performance.now();
    await to.call("echo", SMALL);
    if (i >= 0) times.push(performance.now() - start);
  }
  return latency(times);
}
