/** An actor that stays in a message until a test lets it go on. */
import { Fault } from "../../protocols/messages/fault.ts";
import { protocol } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { defineActor, later, next, type StreamContext } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { Gate } from "./gate.ts";

export const Waiter = protocol("waiter", (z) => ({
  /** Waits at the place; answers how many were handled at the same time at most. */
  wait: { request: z.object({ place: z.string() }), reply: z.int() },
  /** The same as a cast. */
  pause: { request: z.object({ place: z.string() }) },
  /** Waits at the place or until it is cancelled, and marks which. */
  listen: { request: z.object({ place: z.string() }), reply: z.null() },
  /** Goes on to the next message and answers when the place is open. */
  promise: {
    request: z.object({ place: z.string(), end: z.enum(["reply", "fault", "error"]) }),
    reply: z.string(),
  },
  /** Answers with how much of the given time is left, in milliseconds; -1 for no deadline. */
  left: { request: z.object({}), reply: z.number() },
  refuse: { request: z.object({ code: z.string() }), reply: z.null() },
  refuseCast: { request: z.object({ code: z.string() }) },
  mark: { request: z.object({ text: z.string() }) },
  /** What was marked, in order. */
  marks: { request: z.object({}), reply: z.array(z.string()) },
  /** Sends 1, 2, ... as fast as it can while it goes on to other messages. */
  pour: { request: z.object({}), item: z.int(), reply: z.null() },
  /** Sends 1, 2, ... as fast as it can and does nothing else meanwhile. */
  flood: { request: z.object({}), item: z.int(), reply: z.null() },
  /** How many items `pour` sent. */
  poured: { request: z.object({}), reply: z.int() },
  /** Pushes 1 to `count` and hears nothing, cancellations included, until the file exists; then sends one more. */
  shout: { request: z.object({ count: z.int(), deafUntil: z.string() }), item: z.int(), reply: z.null() },
  /** Sends two items, waits at the place, sends a third. */
  drip: { request: z.object({ place: z.string() }), item: z.int(), reply: z.string() },
}));

interface State {
  gate: ActorRef<typeof Gate>;
  inside: number;
  most: number;
  marks: string[];
  poured: number;
}

async function wait(state: State, place: string): Promise<void> {
  state.most = Math.max(state.most, ++state.inside);
  await state.gate.call("pass", { place });
  state.inside--;
}

function exists(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

async function pour(state: State, context: StreamContext<number>): Promise<null> {
  while (true) await context.send(++state.poured);
}

export const waiter = defineActor({
  module: import.meta.url,
  protocol: Waiter,
  init: ({ gate }: { gate: ActorRef<typeof Gate> }): State => ({
    gate,
    inside: 0,
    most: 0,
    marks: [],
    poured: 0,
  }),
  handle: {
    async wait(state, { place }) {
      await wait(state, place);
      return next(state, state.most);
    },
    async pause(state, { place }) {
      await wait(state, place);
      return next(state);
    },
    async listen(state, { place }, { signal }) {
      try {
        await state.gate.call("pass", { place }, { signal });
        state.marks.push("passed");
      } catch {
        state.marks.push(`aborted: ${(signal.reason as Fault).code}`);
      }
      return next(state, null);
    },
    promise: (state, { place, end }) =>
      later(
        state,
        state.gate.call("pass", { place }).then(() => {
          if (end === "fault") throw new Fault("told_to", "Cannot answer: told to fail");
          if (end === "error") throw new Error("told to die");
          return place;
        }),
      ),
    left: (state, _, { deadline }) => next(state, deadline === undefined ? -1 : deadline - Date.now()),
    refuse(_state, { code }) {
      throw new Fault(code, "Cannot do it: told not to", { retry: "later" });
    },
    refuseCast(_state, { code }) {
      throw new Fault(code, "Cannot do it: told not to");
    },
    mark: (state, { text }) => (state.marks.push(text), next(state)),
    marks: (state) => next(state, state.marks),
    pour: (state, _, context) => later(state, pour(state, context)),
    async flood(state, _, context) {
      try {
        await pour(state, context);
      } finally {
        state.marks.push("flood ended");
      }
      return next(state, null);
    },
    async shout(state, { count, deafUntil }, context) {
      for (let n = 1; n <= count; n++) context.push(n);
      while (!exists(deafUntil));
      await context.send(count + 1);
      context.push(count + 2);
      return next(state, null);
    },
    poured: (state) => next(state, state.poured),
    async drip(state, { place }, context) {
      await context.send(1);
      await context.send(2);
      await state.gate.call("pass", { place }, { signal: context.signal });
      await context.send(3);
      return next(state, "dripped");
    },
  },
});
if (import.meta.main) serve(waiter);
