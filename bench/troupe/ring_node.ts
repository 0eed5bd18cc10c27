/**
 * One of a ring: hands on what comes.
 *
 * @module
 */
import { protocol } from "../../protocols/messages/protocol.ts";
import { defineActor, later, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { SMALL, type Small } from "../contender.ts";
import { Message } from "./echo.ts";

/** A node as another one holds it. */
interface Neighbour {
  cast(name: "hop", message: Small): boolean;
  call(name: "join", request: { rest: Neighbour[] }): Promise<null>;
}

/** The protocol of {@linkcode ringNode}. */
export const RingNode = protocol("ring-node", (z) => ({
  /** The first of the rest is the next node, and gets the others: references go from worker to worker. */
  join: { request: z.object({ rest: z.array(z.custom<Neighbour>()) }), reply: z.null() },
  /** Handed on with its `id` one less, until that is 0. */
  hop: { request: Message(z) },
  /** Sends a message around, and answers when it stops here. */
  lap: { request: z.object({ hops: z.int() }), reply: z.null() },
}));

interface State {
  next: Neighbour | undefined;
  arrived: () => void;
}

/** See the module's words. */
export const ringNode = defineActor({
  module: import.meta.url,
  protocol: RingNode,
  init: (_: null): State => ({ next: undefined, arrived: () => {} }),
  handle: {
    async join(state, { rest: [neighbour, ...rest] }) {
      if (rest.length > 0) await neighbour!.call("join", { rest });
      return next({ ...state, next: neighbour }, null);
    },
    hop(state, message) {
      if (--message.id > 0) state.next!.cast("hop", message);
      else state.arrived();
      return next(state);
    },
    lap(state, { hops }) {
      const { promise, resolve } = Promise.withResolvers<null>();
      state.arrived = () => resolve(null);
      state.next!.cast("hop", { ...SMALL, id: hops });
      return later(state, promise);
    },
  },
});
if (import.meta.main) serve(ringNode);
