/** An actor that starts children of its own. */
import { protocol } from "../../protocols/messages/protocol.ts";
import { type ActorRef, refTo } from "../../protocols/messages/ref.ts";
import { type Children, type ChildSpec, defineActor, next, stop } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { Counter, counter } from "./counter.ts";
import { Porter, porter } from "./porter.ts";
import { Prober, prober } from "./prober.ts";

export const Parent = protocol("parent", (z) => ({
  /** Starts a counter and hands it to the caller. */
  bear: {
    request: z.object({
      name: z.string(),
      from: z.int(),
      restart: z.enum(["always", "on-failure", "never"]).optional(),
    }),
    reply: refTo(z, Counter),
  },
  /** The same with those settings. */
  bearWith: {
    request: z.object({ name: z.string(), spec: z.custom<ChildSpec>() }),
    reply: refTo(z, Counter),
  },
  /** Starts an actor that may read these paths. */
  entrust: { request: z.object({ name: z.string(), read: z.array(z.string()) }), reply: refTo(z, Prober) },
  /** Starts a porter that holds the counter. */
  employ: { request: z.object({ name: z.string(), a: refTo(z, Counter) }), reply: refTo(z, Porter) },
  /** Keeps that many workers ready for counters. */
  prepareFor: { request: z.object({ count: z.int() }), reply: z.null() },
  dismiss: { request: z.object({ name: z.string() }), reply: z.null() },
  /** Begins to start a counter and dies without waiting. */
  bearAndDie: { request: z.object({ name: z.string() }) },
  crash: { request: z.object({}) },
  finish: { request: z.object({}), reply: z.null() },
}));

type Held = ActorRef<typeof Counter>[];

function bear(children: Children, name: string): Promise<ActorRef<typeof Counter>> {
  return children.start(name, counter, { from: 0 });
}

export const parent = defineActor({
  module: import.meta.url,
  protocol: Parent,
  init: (_options: Record<string, never>): Held => [],
  handle: {
    async bear(held, { name, from, restart }, { children }) {
      const child = await children.start(name, counter, { from }, { restart });
      return next([...held, child], child);
    },
    bearWith: async (held, { name, spec }, { children }) =>
      next(held, await children.start(name, counter, { from: 0 }, spec)),
    entrust: async (held, { name, read }, { children }) =>
      next(held, await children.start(name, prober, {}, { grant: { read } })),
    employ: async (held, { name, a }, { children }) => next(held, await children.start(name, porter, { a })),
    prepareFor: async (
      held,
      { count },
      { children },
    ) => (await children.keep(counter, count), next(held, null)),
    dismiss: async (held, { name }, { children }) => (await children.stop(name), next(held, null)),
    bearAndDie(_held, { name }, { children }) {
      void bear(children, name);
      throw new Error("told to die");
    },
    crash() {
      throw new Error("told to crash");
    },
    finish: (held) => stop(held, null),
  },
});
if (import.meta.main) serve(parent);
