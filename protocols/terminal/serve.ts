/**
 * `troupe serve`: the HTTP application, until it is told to stop.
 *
 * @module
 */
import { Fault } from "../messages/fault.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { noteLine } from "./pieces.ts";
import type { Stage } from "./stage.ts";

/** Serves until the first request to stop. @throws {Fault} code `config_address` when it cannot listen there. */
export async function serve({ options, outside, screen, interrupts }: Stage): Promise<number> {
  const stop = new AbortController();
  interrupts.firstly(() => stop.abort());
  const { host: hostname, port } = options;
  const greet = (url: string) =>
    void screen.write(noteLine(`listening; try: curl ${url}/health (Ctrl-C stops)`));
  try {
    const { serveHttp } = await import("../http/app.ts"); // brings hono, which no other command needs
    await serveHttp(outside.version, { hostname, port }, stop.signal, greet);
    return EXIT_CODES.answered;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(
      "config_address",
      `Cannot listen at ${hostname ?? "127.0.0.1"}:${port ?? 9999}: ${reason}`,
      {
        cause: error,
      },
    );
  } finally {
    interrupts.firstly(undefined);
  }
}
