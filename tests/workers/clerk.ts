/** An actor that does what its context lets it do. */
import { protocol } from "../../protocols/messages/protocol.ts";
import { type Context, defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

export const Clerk = protocol("clerk", (z) => ({
  name: { request: z.object({}), reply: z.string() },
  emit: { request: z.object({ fact: z.unknown() }), reply: z.null() },
  log: { request: z.object({ text: z.string() }), reply: z.null() },
  ids: { request: z.object({ count: z.int() }), reply: z.array(z.string()) },
  /** Sleeps so long, or until cancelled; "slept" or the reason's code. */
  sleep: { request: z.object({ ms: z.int() }), reply: z.string() },
  luck: { request: z.object({}), reply: z.number() },
}));

export const clerk = defineActor({
  module: import.meta.url,
  protocol: Clerk,
  init(_options: Record<string, never>, context: Context) {
    context.events.emit("begun");
    return context;
  },
  terminate(_state, { events, log }) {
    log.info("ending");
    events.emit("ended");
  },
  handle: {
    name: (state, _, { name }) => next(state, name === state.name ? name : "another"),
    emit: (state, { fact }, { events }) => (events.emit(fact), next(state, null)),
    log(state, { text }, { log }) {
      for (const level of ["debug", "info", "warn", "error"] as const) log[level](text);
      return next(state, null);
    },
    ids: (state, { count }, { newId }) => next(state, Array.from({ length: count }, () => newId())),
    async sleep(state, { ms }, { clock, signal }) {
      try {
        await clock.sleep(ms, signal);
        return next(state, "slept");
      } catch (reason) {
        return next(state, (reason as { code: string }).code);
      }
    },
    luck: (state, _, { random }) => next(state, random()),
  },
});
if (import.meta.main) serve(clerk);
