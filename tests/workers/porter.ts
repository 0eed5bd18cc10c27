/** An actor that holds references to counters, uses them and passes them on as a test says. */
import { protocol } from "../../protocols/messages/protocol.ts";
import { type ActorRef, type LentRef, refTo } from "../../protocols/messages/ref.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { Counter } from "./counter.ts";

/** What a porter asks of another. */
export const Keeper = protocol("keeper", (z) => ({
  keep: { request: z.object({ as: z.string(), counter: refTo(z, Counter) }), reply: z.null() },
  /** Passes the counter on to the first of these with the rest of them; the last keeps it as "passed". */
  pass: {
    request: z.object({ counter: refTo(z, Counter), to: z.array(z.custom<ActorRef>()) }),
    reply: z.null(),
  },
}));

export const Porter = protocol("porter", (z) => ({
  ...Keeper.messages(z),
  /** The total of a counter it holds. */
  ask: { request: z.object({ as: z.string(), timeoutMs: z.int().optional() }), reply: z.int() },
  /** Adds to a counter without waiting. */
  add: { request: z.object({ as: z.string(), by: z.int() }), reply: z.boolean() },
  /** Passes a counter it holds to another porter. */
  give: { request: z.object({ as: z.string(), to: refTo(z, Keeper) }), reply: z.null() },
  /** The same without waiting: the porter may be gone when it arrives. */
  toss: { request: z.object({ as: z.string(), to: refTo(z, Keeper) }) },
  /** As `give`, and can be taken back with `revoke`. */
  lend: { request: z.object({ as: z.string(), to: refTo(z, Keeper) }), reply: z.null() },
  revoke: { request: z.object({}), reply: z.null() },
  drop: { request: z.object({ as: z.string() }), reply: z.null() },
  /** Hands a counter it holds to the caller. */
  show: { request: z.object({ as: z.string() }), reply: refTo(z, Counter) },
  /** Hands out all counters it holds, one an item. */
  showAll: { request: z.object({}), item: refTo(z, Counter), reply: z.int() },
  /** A reference to itself. */
  me: { request: z.object({}), reply: refTo(z, Keeper) },
  /** Takes one item of an endless stream of a counter, and keeps the stream open. */
  sip: { request: z.object({ as: z.string() }), reply: z.int() },
  crash: { request: z.object({}) },
}));

interface State {
  held: Map<string, ActorRef<typeof Counter>>;
  lent: LentRef<typeof Counter>[];
}

function held({ held }: State, as: string): ActorRef<typeof Counter> {
  return held.get(as)!;
}

export const porter = defineActor({
  module: import.meta.url,
  protocol: Porter,
  init: (counters: { [as: string]: ActorRef<typeof Counter> }): State => ({
    held: new Map(Object.entries(counters)),
    lent: [],
  }),
  handle: {
    keep: (state, { as, counter }) => (state.held.set(as, counter), next(state, null)),
    async pass(state, { counter, to }) {
      const [first, ...rest] = to as unknown as ActorRef<typeof Keeper>[];
      if (first === undefined) state.held.set("passed", counter);
      else await first.call("pass", { counter, to: rest as unknown as ActorRef[] });
      return next(state, null);
    },
    ask: async (state, { as, timeoutMs }) =>
      next(state, await held(state, as).call("total", {}, { timeoutMs })),
    add: (state, { as, by }) => next(state, held(state, as).cast("add", { by })),
    give: async (state, { as, to }) => next(state, await to.call("keep", { as, counter: held(state, as) })),
    toss(state, { as, to }) {
      to.call("keep", { as, counter: held(state, as) }).catch(() => {});
      return next(state);
    },
    async lend(state, { as, to }) {
      const lent = held(state, as).lend();
      state.lent.push(lent);
      return next(state, await to.call("keep", { as, counter: lent }));
    },
    revoke(state) {
      for (const lent of state.lent.splice(0)) lent.revoke();
      return next(state, null);
    },
    drop: (state, { as }) => (held(state, as).close(), next(state, null)),
    show: (state, { as }) => next(state, held(state, as)),
    async showAll(state, _, context) {
      for (const counter of state.held.values()) await context.send(counter);
      return next(state, state.held.size);
    },
    me: (state, _, context) => next(state, context.self() as unknown as ActorRef<typeof Keeper>),
    async sip(state, { as }) {
      const items = held(state, as).stream("count", { to: 1_000_000 })[Symbol.asyncIterator]();
      const { value } = await items.next();
      return next(state, value as number);
    },
    crash() {
      throw new Error("told to crash");
    },
  },
});
if (import.meta.main) serve(porter);
