/**
 * The program: a command line, or in a compiled binary the process of one actor.
 *
 * @module
 */
import metadata from "./deno.json" with { type: "json" };
import { PROCESS_COMMAND } from "./supervisor/process/launch.ts";

if (Deno.args[0] === PROCESS_COMMAND) {
  const { runChild } = await import("./supervisor/process/child.ts");
  await runChild();
} else {
  const { runCli } = await import("./protocols/terminal/cli.ts");
  const { extend } = await import("./protocols/extend.ts");
  const { processSurroundings } = await import("./protocols/terminal/stdio.ts");
  const code = await runCli(Deno.args, {
    ...processSurroundings(),
    openRuntime: async (settings) =>
      await (await import("./workspace/runtime/open.ts")).openConfiguredRuntime(settings, { extend }),
    openService: async (settings, report) =>
      await (await import("./workspace/service/open_service.ts")).openConfiguredService(settings, {
        extend,
        report,
      }),
    openPython: async (choices) =>
      await (await import("./workspace/python/open_python.ts")).openConfiguredPython(choices),
    version: metadata.version,
    command: Deno.build.standalone ? "troupe" : "deno task troupe",
  });
  Deno.exit(code);
}
