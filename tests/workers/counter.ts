/** An actor that does what tests ask of it. */
import { protocol } from "../../protocols/messages/protocol.ts";
import { defineActor, next, stop } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

export const Counter = protocol("counter", (z) => ({
  add: { request: z.object({ by: z.int() }) },
  total: { request: z.object({}), reply: z.int() },
  crash: {
    request: z.object({ how: z.enum(["throw", "reject", "exit", "close", "spin"]) }),
    reply: z.null(),
  },
  finish: { request: z.object({}), reply: z.null() },
  count: { request: z.object({ to: z.int() }), item: z.int(), reply: z.int() },
}));

/** Milliseconds of a "spin": long enough to be abandoned, short enough to be over soon. */
const SPIN_MS = 1_500;

export const counter = defineActor({
  module: import.meta.url,
  protocol: Counter,
  init: ({ from }: { from: number }) => from,
  handle: {
    add: (total, { by }) => next(total + by),
    total: (total) => next(total, total),
    crash(total, { how }) {
      if (how === "throw") throw new Error("told to throw");
      if (how === "reject") void Promise.reject(new Error("told to reject"));
      if (how === "exit") Deno.exit(3);
      if (how === "close") close();
      const end = Date.now() + SPIN_MS;
      while (how === "spin" && Date.now() < end);
      return next(total, null);
    },
    finish: (total) => stop(total, null),
    async count(total, { to }, context) {
      for (let n = 1; n <= to; n++) await context.send(n);
      return next(total, to);
    },
  },
});
if (import.meta.main) serve(counter);
