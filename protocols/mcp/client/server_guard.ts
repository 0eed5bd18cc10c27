/**
 * The actor that sees to it that nothing is left of a server that is a program.
 *
 * It may run bash and nothing else, for the watch over the program's processes; the connection may run the program and
 * nothing else. Whoever holds the stream keeps the processes alive: when it ends, or its holder dies, they are ended.
 *
 * @module
 */
import { Fault } from "../../messages/fault.ts";
import { protocol } from "../../messages/protocol.ts";
import type { ActorRef } from "../../messages/ref.ts";
import { FOREVER_MS } from "../../../actors/agents/follow.ts";
import { Family, MARK_VARIABLE } from "../../../sandbox/process/family.ts";
import { type ActorDefinition, defineActor, later, next } from "../../../supervisor/actor/define.ts";
import { serve } from "../../../supervisor/actor/serve.ts";
import { aborted } from "./patience.ts";
import type { Guardian } from "./stdio_transport.ts";

/** The protocol of {@linkcode serverGuard}. */
export const ServerGuard = protocol("mcp_server_guard", (z) => ({
  /** Stream. Guards one program until cancelled. The item is the number all its processes bear. */
  guard: { request: z.object({}), item: z.object({ mark: z.string() }), reply: z.null() },
  /** Cast. The program with that number was started. */
  lead: { request: z.object({ mark: z.string(), pid: z.int() }) },
  /** Call. Ends all that still runs of it. Replies what could not be ended. */
  end: { request: z.object({ mark: z.string() }), reply: z.int() },
}));

/** What {@linkcode serverGuard} is started with. */
export interface ServerGuardOptions {
  /** Absolute path of bash. */
  readonly bash: string;
}

/** A server is no command of a model's: how many processes it needs is its own affair. */
const PROCESSES = 10_000;
/** Milliseconds between two looks; nothing is looked for but the end. */
const TICK_MS = 1_000;

/** Answers `guard`, `lead` and `end`. */
export const serverGuard: ActorDefinition<typeof ServerGuard, ServerGuardOptions> = defineActor({
  module: import.meta.url,
  protocol: ServerGuard,
  init: ({ bash }: ServerGuardOptions) => ({ bash, families: new Map<string, Family>() }),
  handle: {
    guard(state, _request, context) {
      const family = new Family(state.bash, PROCESSES, TICK_MS);
      state.families.set(family.mark, family);
      const guarded = async () => {
        await context.send({ mark: family.mark });
        await Promise.race([aborted(context.signal), family.alarm]);
        return null;
      };
      const ended = async () => {
        if (state.families.delete(family.mark)) await family.end("stop");
      };
      return later(state, guarded().finally(ended));
    },
    lead(state, { mark, pid }) {
      state.families.get(mark)?.lead(pid);
      return next(state);
    },
    end(state, { mark }) {
      const family = state.families.get(mark);
      state.families.delete(mark);
      return later(state, family?.end("stop").then(({ left }) => left) ?? Promise.resolve(0));
    },
  },
});

/** Has one program guarded by that actor. @throws {Fault} when it cannot. */
export async function guardThrough(guard: ActorRef<typeof ServerGuard>): Promise<Guardian> {
  const stream = guard.stream("guard", {}, { timeoutMs: FOREVER_MS });
  stream.reply.catch(() => {}); // a guard that died has ended what it guarded, which its connection hears of
  const first = await stream[Symbol.asyncIterator]().next(); // to leave a loop would cancel it
  if (first.done) throw new Fault("unguarded", "Cannot start a server: nothing would end it");
  const { mark } = first.value;
  return {
    mark: { [MARK_VARIABLE]: mark },
    lead: (pid) => void guard.cast("lead", { mark, pid }),
    async end() {
      await guard.call("end", { mark }).catch(() => 0); // as above
      stream.cancel();
    },
  };
}

if (import.meta.main) serve(serverGuard);
