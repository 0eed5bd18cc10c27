/** An actor: what it answers, how its state begins, how each message changes it. */
import { defineActor, next, protocol, serve } from "@troupe/troupe/actor";

export const Counter = protocol("counter", (z) => ({
  /** Cast. */
  add: { request: z.object({ by: z.int() }) },
  /** Call. */
  total: { request: z.object({}), reply: z.int() },
}));

export const counter = defineActor({
  module: import.meta.url,
  protocol: Counter,
  init: ({ from }: { from: number }) => from,
  handle: {
    add(total, { by }) {
      if (by === 13) throw new Error("13 brings bad luck");
      return next(total + by);
    },
    total: (total) => next(total, total),
  },
});

if (import.meta.main) serve(counter); // the same file is the entry of its worker
