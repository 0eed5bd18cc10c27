/** A process that runs a command, to be killed meanwhile. Argument: the command. */
import { runProcess } from "../../../sandbox/process/run_process.ts";

await runProcess({
  run: { script: Deno.args[0]! },
  bash: "/bin/bash",
  cwd: "/tmp",
  env: { PATH: "/usr/bin:/bin" },
  onOutput: (_channel, text) => Deno.stdout.writeSync(new TextEncoder().encode(text)),
});
