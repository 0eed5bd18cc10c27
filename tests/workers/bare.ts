/** An actor that removes nearly every global before it begins, and then does what actors do. */
import { Fault } from "../../protocols/messages/fault.ts";
import { protocol } from "../../protocols/messages/protocol.ts";
import { type ActorRef, refTo } from "../../protocols/messages/ref.ts";
import { defineActor, later, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { Counter } from "./counter.ts";

export const Bare = protocol("bare", (z) => ({
  /** Names that are left on the global object. */
  left: { request: z.object({}), reply: z.array(z.string()) },
  echo: { request: z.object({ text: z.string() }), reply: z.string() },
  note: { request: z.object({ text: z.string() }) },
  notes: { request: z.object({}), reply: z.array(z.string()) },
  count: { request: z.object({ to: z.int() }), item: z.int(), reply: z.int() },
  shout: { request: z.object({ to: z.int() }), item: z.int(), reply: z.int() },
  refuse: { request: z.object({}), reply: z.null() },
  /** Never answers; notes how its signal was aborted. */
  wait: { request: z.object({}), reply: z.null() },
  /** A call the actor makes with a reference it was handed, a second reference, and itself. */
  use: {
    request: z.object({ counter: refTo(z, Counter) }),
    reply: z.object({ total: z.int(), lent: refTo(z, Counter), me: z.custom<ActorRef>() }),
  },
  /** Calls the counter in vain. */
  late: { request: z.object({ counter: refTo(z, Counter) }), reply: z.string() },
  facts: { request: z.object({}), reply: z.string() },
  nap: { request: z.object({}), reply: z.null() },
  crash: { request: z.object({ how: z.enum(["throw", "reject"]) }), reply: z.null() },
}));

/** What objects are made of, and what Deno looks up itself. */
const LEFT = new Set(
  ("Object Function Array Number Boolean String Symbol Promise RegExp Error TypeError RangeError Math " +
    "ArrayBuffer Uint8Array Int32Array Float64Array Map BigInt Set WeakMap Reflect globalThis").split(" "),
);

/** Removes what can be removed. */
export function removeGlobals(): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!LEFT.has(name)) Reflect.deleteProperty(globalThis, name);
  }
}

const notes: string[] = [];

export const bare = defineActor({
  module: import.meta.url,
  protocol: Bare,
  prepare: removeGlobals,
  init: (_options: Record<string, never>) => notes,
  handle: {
    left: (state) => next(state, Object.getOwnPropertyNames(globalThis)),
    echo: (state, { text }) => next(state, text),
    note: (state, { text }) => (state.push(text), next(state)),
    notes: (state) => next(state, state),
    async count(state, { to }, context) {
      for (let n = 1; n <= to; n++) await context.send(n);
      return next(state, to);
    },
    shout(state, { to }, context) {
      for (let n = 1; n <= to; n++) context.push(n);
      return next(state, to);
    },
    refuse() {
      throw new Fault("told_to", "Cannot do it: told not to");
    },
    wait(state, _, { signal }) {
      return later(
        state,
        new Promise<null>((_, reject) => {
          signal.addEventListener("abort", () => {
            state.push((signal.reason as Fault).code);
            reject(signal.reason);
          });
        }),
      );
    },
    async use(state, { counter }: { counter: ActorRef<typeof Counter> }, context) {
      const total = await counter.call("total", {});
      counter.cast("add", { by: 1 });
      const me = context.self();
      return next(state, { total, lent: counter.lend(), me });
    },
    async late(state, { counter }: { counter: ActorRef<typeof Counter> }) {
      return next(
        state,
        await counter.call("crash", { how: "spin" }, { timeoutMs: 20 }).then(
          () => "answered",
          (error) => (error as Fault).code,
        ),
      );
    },
    facts(state, _, context) {
      context.log.info("a line");
      context.events.emit({ fact: 1 });
      return next(state, `${context.newId().length} ${context.clock.now() > 0} ${context.random() < 1}`);
    },
    nap: async (state, _, { clock }) => (await clock.sleep(1), next(state, null)),
    crash(state, { how }) {
      if (how === "throw") throw new Error("told to throw");
      void Promise.reject(new Error("told to reject"));
      return later(state, new Promise(() => {}));
    },
  },
});
if (import.meta.main) serve(bare);
