/** The prober in a process of its own. */
import { defineActor } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { Prober, prober } from "./prober.ts";

const { init, handle } = prober.behaviour;

export const isolatedProber = defineActor({
  module: import.meta.url,
  protocol: Prober,
  isolation: "process",
  init,
  handle,
});
if (import.meta.main) serve(isolatedProber);
