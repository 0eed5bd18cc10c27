/** A tool that leaves a trace of each time it is performed. */
import { defineTool } from "../../actors/tools/tool.ts";
import { serve } from "../../supervisor/actor/serve.ts";

export const tally = defineTool({
  module: import.meta.url,
  name: "tally",
  description: "Adds a line to a file and answers with it.",
  parameters: (z) => z.object({ line: z.string() }),
  settle: "repeatable",
  open: (options: { file: string }) => options.file,
  invoke(file, { line }) {
    Deno.writeTextFileSync(file, `${line}\n`, { append: true });
    return `added ${line}`;
  },
});
if (import.meta.main) serve(tally);
