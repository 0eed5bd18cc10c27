/**
 * The tool that tells the time.
 *
 * @module
 */
import { serve } from "../../supervisor/actor/serve.ts";
import { defineTool } from "./tool.ts";

/** No arguments; answers with the current UTC time to the second, `2026-03-22T10:00:00Z`. */
export const timestamp = defineTool({
  module: import.meta.url,
  name: "timestamp",
  description: "Returns the current date and time in UTC, as 2026-03-22T10:00:00Z.",
  parameters: (z) => z.object({}),
  settle: "repeatable",
  invoke: (_state, _args, { clock }) => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z"),
});

if (import.meta.main) serve(timestamp);
