/** An actor in a process of its own that starts with what its provider made. */
import { protocol } from "../../protocols/messages/protocol.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

export const ProvidedFor = protocol("provided_for", (z) => ({
  /** What it got: the answer of the module, the bytes as text, how often it was prepared. */
  got: {
    request: z.object({}),
    reply: z.object({ answer: z.int(), bytes: z.string(), prepared: z.int(), pid: z.int() }),
  },
  /** Asks the provider through the port it handed over. */
  ask: { request: z.object({}), reply: z.object({ rest: z.string(), again: z.string() }) },
}));

interface Provided {
  module: WebAssembly.Module;
  bytes: ArrayBuffer;
  port: MessagePort;
}

let provided: Provided | undefined;
let prepared = 0;

export const providedFor = defineActor({
  module: import.meta.url,
  protocol: ProvidedFor,
  isolation: "process",
  provider: new URL("./provider.ts", import.meta.url).href,
  async prepare(given) {
    await Promise.resolve();
    prepared++;
    provided = given as Provided;
    if (new TextDecoder().decode(provided.bytes) === "bad\n") throw new Error("it cannot prepare that");
  },
  init: (_options: Record<string, never>) => provided!,
  handle: {
    got(state) {
      const { answer } = new WebAssembly.Instance(state.module).exports as { answer(): number };
      const bytes = new TextDecoder().decode(state.bytes);
      return next(state, { answer: answer(), bytes, prepared, pid: Deno.pid });
    },
    async ask(state) {
      const { promise, resolve } = Promise.withResolvers<{ rest: string; again: string }>();
      state.port.onmessage = ({ data }) => resolve(data);
      state.port.postMessage("more");
      return next(state, await promise);
    },
  },
});
if (import.meta.main) serve(providedFor);
