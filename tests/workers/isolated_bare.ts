/** The bare actor in a process of its own. */
import { defineActor } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { Bare, bare } from "./bare.ts";

const { prepare, init, handle } = bare.behaviour;

export const isolatedBare = defineActor({
  module: import.meta.url,
  protocol: Bare,
  isolation: "process",
  prepare,
  init,
  handle,
});
if (import.meta.main) serve(isolatedBare);
