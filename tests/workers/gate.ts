/** Holds actors at named places until a test lets them go: fences instead of sleeping. */
import { protocol } from "../../protocols/messages/protocol.ts";
import { defineActor, later, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

export const Gate = protocol("gate", (z) => ({
  /** Answered once the place is open. */
  pass: { request: z.object({ place: z.string() }), reply: z.null() },
  /** Opens a place for good. */
  open: { request: z.object({ place: z.string() }), reply: z.null() },
  /** Answered once so many in all have come to the place. */
  reached: { request: z.object({ place: z.string(), count: z.int() }), reply: z.null() },
  /** Writes something down for the test. */
  note: { request: z.object({ text: z.string() }) },
  notes: { request: z.object({}), reply: z.array(z.string()) },
}));

class Place {
  #came = 0;
  readonly #opened = Promise.withResolvers<null>();
  #watchers: { count: number; tell: (value: null) => void }[] = [];

  open(): void {
    this.#opened.resolve(null);
  }

  pass(signal: AbortSignal): Promise<null> {
    this.#came++;
    this.#watchers = this.#watchers.filter(({ count, tell }) => count > this.#came || tell(null));
    const { promise, reject } = Promise.withResolvers<null>();
    signal.addEventListener("abort", () => reject(signal.reason));
    return Promise.race([this.#opened.promise, promise]);
  }

  reached(count: number): Promise<null> {
    const { promise, resolve } = Promise.withResolvers<null>();
    if (count <= this.#came) resolve(null);
    else this.#watchers.push({ count, tell: resolve });
    return promise;
  }
}

interface State {
  places: Map<string, Place>;
  notes: string[];
}

function at({ places }: State, name: string): Place {
  let place = places.get(name);
  if (place === undefined) places.set(name, place = new Place());
  return place;
}

export const gate = defineActor({
  module: import.meta.url,
  protocol: Gate,
  init: (_options: Record<string, never>): State => ({ places: new Map(), notes: [] }),
  handle: {
    pass: (state, { place }, { signal }) => later(state, at(state, place).pass(signal)),
    open: (state, { place }) => (at(state, place).open(), next(state, null)),
    reached: (state, { place, count }) => later(state, at(state, place).reached(count)),
    note: (state, { text }) => (state.notes.push(text), next(state)),
    notes: (state) => next(state, state.notes),
  },
});
if (import.meta.main) serve(gate);
