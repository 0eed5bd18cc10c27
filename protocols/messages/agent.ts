/**
 * What an agent actor answers.
 *
 * @module
 */
import { protocol } from "./protocol.ts";
import { Limits, RunEvent, RunOutcome } from "./run.ts";

/** The protocol of every agent. */
export const Agent = protocol("agent", (z) => ({
  /**
   * Starts a run, or goes on with the one of that id where its journal stands; asking again is harmless.
   * With `replay` nothing is performed: the journal alone must carry the run to its end.
   */
  run: {
    request: z.object({
      run: z.string(),
      parent: z.string().optional(),
      task: z.string(),
      limits: Limits(z),
      replay: z.boolean(),
    }),
    item: RunEvent(z),
    reply: RunOutcome(z),
  },
}));
