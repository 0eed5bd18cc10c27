/** An actor that sends a recorder many messages, casts and calls mixed. */
import { Fault } from "../../protocols/messages/fault.ts";
import { protocol } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { Recorder } from "./recorder.ts";

export const Talker = protocol("talker", (z) => ({
  /**
   * Sends 1 to `count`, every third one as a call; answers how the calls ended. With `deafUntil` it then
   * hears nothing, replies included, until that file exists.
   */
  talk: {
    request: z.object({
      from: z.string(),
      count: z.int(),
      timeoutMs: z.int(),
      deafUntil: z.string().optional(),
    }),
    reply: z.record(z.string(), z.int()),
  },
}));

function exists(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

export const talker = defineActor({
  module: import.meta.url,
  protocol: Talker,
  init: ({ recorder }: { recorder: ActorRef<typeof Recorder> }) => recorder,
  handle: {
    async talk(recorder, { from, count, timeoutMs, deafUntil }, { signal }) {
      const ends: Record<string, number> = {};
      const calls: Promise<void>[] = [];
      const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      const end = (how: string) => void (ends[how] = (ends[how] ?? 0) + 1);
      for (let n = 1; n <= count; n++) {
        if (n % 5 === 0) await Promise.resolve(); // not all in one post
        if (n % 3 > 0) {
          if (!recorder.cast("tell", { from, n })) await Promise.race([recorder.ready(), aborted]);
          continue;
        }
        calls.push(
          recorder.call("ask", { from, n, death: "none" }, { timeoutMs, signal }).then(
            () => end("answered"),
            (error) => end((error as Fault).code),
          ),
        );
      }
      await Promise.resolve(); // what was sent in this turn is posted now
      while (deafUntil !== undefined && !exists(deafUntil));
      await Promise.all(calls);
      return next(recorder, ends);
    },
  },
});
if (import.meta.main) serve(talker);
