/**
 * `troupe mcp`: MCP over standard input and output, for hosts that start a program.
 *
 * @module
 */
import { EXIT_CODES } from "./exit_codes.ts";
import { oneLine } from "./harmless.ts";
import { settingsOf } from "./options.ts";
import { noteLine } from "./pieces.ts";
import type { Stage } from "./stage.ts";

/**
 * Serves whoever started it, until the input ends or it is told to stop; tasks at work go on with the next process. Only
 * messages go to stdout.
 * @throws {Fault} as `openService`.
 */
export async function mcp({ options, outside, screen, interrupts }: Stage): Promise<number> {
  const stop = new AbortController();
  interrupts.firstly(() => stop.abort());
  const note = (line: string) => void screen.write(noteLine(oneLine(line)));
  if (outside.stdinTerminal) note("this is for MCP hosts, which start it and write to it; Ctrl-C stops it");
  const service = await outside.openService(settingsOf(options), note);
  try {
    // These bring the protocol's library, which no other command needs.
    const { workspaceOffer } = await import("../mcp/server/workspace_offer.ts");
    const { serveOverStdio } = await import("../mcp/server/stdio.ts");
    const offer = workspaceOffer(service, { version: outside.version });
    const wires = {
      input: outside.stdin(),
      write: (text: string) => outside.stdout.write(text),
      onError: (error: Error) => note(`a message went wrong: ${error.message}`),
    };
    await service.recover();
    await serveOverStdio(offer, wires, stop.signal);
    return EXIT_CODES.answered;
  } finally {
    await service.close();
    interrupts.firstly(undefined);
  }
}
