/** Provides packages that a test made, and says of others that they are not allowed. */
import { Packages, type Wheel } from "../../protocols/messages/packages.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";

/** Wheels by what `import` names, with their content in base64. */
export type AtHand = Record<string, { wheel: Wheel; base64: string }>;

export const packagesAtHand = defineActor({
  module: import.meta.url,
  protocol: Packages,
  init: (wheels: AtHand) => wheels,
  handle: {
    provide(state, { imports }) {
      const found = imports.filter((name) => Object.hasOwn(state, name));
      return next(state, {
        wheels: found.map((name) => state[name]!.wheel),
        denied: imports.filter((name) => !found.includes(name)).map((name) => ({
          import: name,
          message: `No module named '${name}': it is not allowed`,
        })),
      });
    },
    wheels: (state) => next(state, []),
    async bytes(state, { sha256 }, context) {
      const { base64 } = Object.values(state).find(({ wheel }) => wheel.sha256 === sha256)!;
      for (let at = 0; at < base64.length; at += 1_000) await context.send(base64.slice(at, at + 1_000));
      return next(state, base64.length);
    },
  },
});
if (import.meta.main) serve(packagesAtHand);
