/** A concurrent tool that shows output while it keeps its thread busy, and has others called. */
import { defineTool } from "../../actors/tools/tool.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import { serve } from "../../supervisor/actor/serve.ts";

/** `{ calls, atOnce?, busyMs? }`; answers with what the calls were answered. */
export const asker = defineTool({
  module: import.meta.url,
  name: "asker",
  description: "Asks for other calls, in order or all at once, and says what it got.",
  parameters: (z) =>
    z.object({
      calls: z.array(z.object({ name: z.string(), args: z.record(z.string(), z.unknown()) })),
      atOnce: z.boolean().optional(),
      busyMs: z.int().optional(),
    }),
  settle: "repeatable",
  concurrent: true,
  async invoke(_state, { calls, atOnce = false, busyMs = 0 }, { output, use }) {
    output("stdout", "first\n");
    const until = Date.now() + busyMs;
    while (Date.now() < until);
    if (busyMs > 0) output("stdout", "after\n");
    const outcomes: ToolOutcome[] = [];
    if (atOnce) outcomes.push(...await Promise.all(calls.map(({ name, args }) => use(name, args))));
    else for (const { name, args } of calls) outcomes.push(await use(name, args));
    output("stderr", "last\n");
    return outcomes.map((outcome) => outcome.ok ? outcome.content : outcome.kind).join(" ");
  },
});

if (import.meta.main) serve(asker);
