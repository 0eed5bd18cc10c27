/**
 * What the types must refuse: each `@ts-expect-error` is an error itself once the line below it compiles.
 *
 * @module
 */
import assert from "node:assert/strict";
import { protocol } from "../../protocols/messages/protocol.ts";
import { type ActorRef, refTo } from "../../protocols/messages/ref.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { child, subtree, type Tree } from "../../supervisor/tree/spec.ts";
import { System } from "../../supervisor/system.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";

const Clock = protocol("clock", (z) => ({
  set: { request: z.object({ at: z.int() }) },
  read: { request: z.object({}), reply: z.int() },
  ticks: { request: z.object({ every: z.int() }), item: z.int(), reply: z.null() },
}));
const Radio = protocol("radio", (z) => ({
  play: { request: z.object({ clock: refTo(z, Clock) }), reply: z.string() },
}));

const module = import.meta.url;
const init = ({ at }: { at: number }) => at;
const set = (_: number, { at }: { at: number }) => next(at);
const read = (at: number) => next(at, at);
const ticks = (at: number) => next(at, null);

const clock = defineActor({ module, protocol: Clock, init, handle: { set, read, ticks } });
const radio = defineActor({
  module,
  protocol: Radio,
  init: (_: { volume: number }) => 0,
  handle: { play: async (state, { clock }) => next(state, String(await clock.call("read", {}))) },
});

/** Never called: only its types are looked at. */
export function actors(): void {
  // @ts-expect-error: a handler is missing
  defineActor({ module, protocol: Clock, init, handle: { set, read } });
  // @ts-expect-error: a handler for a message the protocol does not have
  defineActor({ module, protocol: Clock, init, handle: { set, read, ticks, stop: read } });
  // @ts-expect-error: a misspelt handler
  defineActor({ module, protocol: Clock, init, handle: { set, raed: read, ticks } });
  // @ts-expect-error: the wrong reply
  defineActor({ module, protocol: Clock, init, handle: { set, read: (at) => next(at, "noon"), ticks } });
  // @ts-expect-error: a call that is not answered
  defineActor({ module, protocol: Clock, init, handle: { set, read: (at) => next(at), ticks } });
  // @ts-expect-error: a cast that is answered
  defineActor({ module, protocol: Clock, init, handle: { set: (at) => next(at, at), read, ticks } });
  // @ts-expect-error: the wrong state
  defineActor({ module, protocol: Clock, init, handle: { set: () => next("noon"), read, ticks } });
  defineActor({
    module,
    protocol: Clock,
    init,
    handle: {
      // @ts-expect-error: the request has no such field
      set: (_, { hour }) => next(hour),
      read,
      async ticks(at, _, context) {
        // @ts-expect-error: the wrong item
        await context.send("tick");
        return next(at, null);
      },
    },
  });
  // @ts-expect-error: nothing says how the state begins
  defineActor({ module, protocol: Clock, handle: { set, read, ticks } });
  // @ts-expect-error: a misspelt setting of a definition
  defineActor({ module, protocol: Clock, init, handle: { set, read, ticks }, isolated: true });
  // @ts-expect-error: an isolation there is not
  defineActor({ module, protocol: Clock, init, handle: { set, read, ticks }, isolation: "container" });
  // @ts-expect-error: a permission there is not
  defineActor({ module, protocol: Clock, init, handle: { set, read, ticks }, grant: { reed: ["/a"] } });
}

/** Never called: only its types are looked at. */
export async function references(
  clock: ActorRef<typeof Clock>,
  radio: ActorRef<typeof Radio>,
): Promise<void> {
  const at: number = await clock.call("read", {});
  // @ts-expect-error: the reply is a number
  const text: string = await clock.call("read", {});
  // @ts-expect-error: no such message
  await clock.call("raed", {});
  // @ts-expect-error: a cast is not called
  await clock.call("set", { at: 1 });
  // @ts-expect-error: a stream is not called
  await clock.call("ticks", { every: 1 });
  // @ts-expect-error: a call is not cast
  clock.cast("read", {});
  // @ts-expect-error: a call is not a stream
  clock.stream("read", {});
  // @ts-expect-error: a field is missing
  clock.cast("set", {});
  // @ts-expect-error: a field is misspelt
  clock.cast("set", { at: 1, att: 2 });
  // @ts-expect-error: a field has the wrong type
  clock.cast("set", { at: "noon" });
  // @ts-expect-error: a misspelt option
  await clock.call("read", {}, { timeout: 5 });
  for await (const tick of clock.stream("ticks", { every: 1 })) {
    tick.toFixed();
    // @ts-expect-error: items are numbers
    tick.trim();
  }
  await radio.call("play", { clock });
  await radio.call("play", { clock: clock.lend() });
  // @ts-expect-error: a reference to another protocol
  await radio.call("play", { clock: radio });
  // @ts-expect-error: a name is no reference
  await radio.call("play", { clock: "clock" });
  // @ts-expect-error: only what was lent can be taken back
  clock.revoke();
  clock.lend().revoke();
  void [at, text];
}

/** Never called: only its types are looked at. */
export async function trees(tree: Supervisor): Promise<void> {
  child("clock", clock, { at: 1 });
  // @ts-expect-error: an option is missing
  child("clock", clock, {});
  // @ts-expect-error: an option is misspelt
  child("clock", clock, { at: 1, att: 2 });
  // @ts-expect-error: an option of another actor
  child("clock", clock, { volume: 1 });
  // @ts-expect-error: a function of the siblings must return the options too
  child("clock", clock, () => ({ volume: 1 }));
  // @ts-expect-error: a misspelt setting
  child("clock", clock, { at: 1 }, { restarts: "always" });
  // @ts-expect-error: a restart policy there is not
  child("clock", clock, { at: 1 }, { restart: "sometimes" });
  child("radio", radio, (started) => {
    const ref = started.ref(Clock, "clock");
    // @ts-expect-error: the reference knows its protocol
    ref.call("play", {});
    return { volume: 1 };
  });
  // @ts-expect-error: a strategy there is not
  const wrong: Tree = { strategy: "one-for-some", children: [] };
  // @ts-expect-error: a misspelt setting of a tree
  subtree("t", { children: [], intensty: { restarts: 1, withinMs: 1 } });
  // @ts-expect-error: a misspelt option of the system
  new System({ onchange: () => {} });
  // @ts-expect-error: the reference answers what its protocol says
  await tree.ref(Clock, "clock").call("play", {});
  void wrong;
}

Deno.test("a missing handler, a wrong reply, an unknown message and a misspelt option do not compile", () => {
  // The type check of this file is the test; here it only holds that the definitions it speaks of are sound.
  assert.equal(clock.protocol, Clock);
  assert.equal(radio.protocol.name, "radio");
});
