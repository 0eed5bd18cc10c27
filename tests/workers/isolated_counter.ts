/** The counter in a process of its own. */
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { type ActorRef, protocol, refTo } from "../../protocols/messages/mod.ts";
import { Counter } from "./counter.ts";

export const Isolated = protocol("isolated", (z) => ({
  add: { request: z.object({ by: z.int() }), reply: z.int() },
  /** Asks a counter it was handed. */
  totalOf: { request: z.object({ counter: refTo(z, Counter) }), reply: z.int() },
  /** Hands a counter it was handed back to the caller. */
  back: { request: z.object({ counter: refTo(z, Counter) }), reply: refTo(z, Counter) },
  /** A reference to itself. */
  me: { request: z.object({}), reply: z.custom<ActorRef>() },
  count: { request: z.object({ to: z.int() }), item: z.int(), reply: z.int() },
  exhaust: { request: z.object({ what: z.enum(["cpu", "heap", "exit", "stdout"]) }), reply: z.null() },
  pid: { request: z.object({}), reply: z.int() },
}));

export const isolated = defineActor({
  module: import.meta.url,
  protocol: Isolated,
  isolation: "process",
  init: (_options: Record<string, never>) => 0,
  handle: {
    add: (total, { by }) => next(total + by, total + by),
    totalOf: async (total, { counter }) => next(total, await counter.call("total", {})),
    back: (total, { counter }) => next(total, counter),
    me: (total, _, context) => next(total, context.self()),
    async count(total, { to }, context) {
      for (let n = 1; n <= to; n++) await context.send(n);
      return next(total, to);
    },
    exhaust(total, { what }) {
      if (what === "exit") Deno.exit(4);
      if (what === "stdout") Deno.stdout.writeSync(new TextEncoder().encode('["control",{"op":"ended"}]\n'));
      const kept: number[][] = [];
      while (what === "cpu" || what === "heap") {
        if (what === "heap") kept.push(new Array(10_000).fill(kept.length));
      }
      return next(total, null);
    },
    pid: (total) => next(total, Deno.pid),
  },
});
if (import.meta.main) serve(isolated);
