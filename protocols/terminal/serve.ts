/**
 * `troupe serve`: A2A and MCP over HTTP, until it is told to stop.
 *
 * @module
 */
import type { ServerSettings } from "../../workspace/config/server_settings.ts";
import type { Service } from "../../workspace/service/service.ts";
import { RateLimit } from "../http/rate_limit.ts";
import type { HttpServer } from "../http/serve_http.ts";
import { Fault } from "../messages/fault.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { addresses, greeting, warnings } from "./greeting.ts";
import { jsonLine } from "./harmless.ts";
import { type OptionValues, settingsOf } from "./options.ts";
import { noteLine } from "./pieces.ts";
import type { Stage } from "./stage.ts";

const REPORTS_A_MINUTE = 10;

/**
 * Serves until the first request to stop; then streams end, and tasks at work go on with the next process.
 * @throws {Fault} code `config_address` when it cannot listen there, and as `openService`.
 */
export async function serve(stage: Stage): Promise<number> {
  const { options, outside, interrupts } = stage;
  const told = Promise.withResolvers<void>();
  interrupts.firstly(told.resolve);
  const report = reporter(stage);
  const service = await outside.openService(settingsOf(options), report);
  try {
    const settings = addressed(service.config.server, options);
    const server = await listen(stage, service, settings, report);
    try {
      await greet(stage, service, settings, server.baseUrl);
      await told.promise;
    } finally {
      await server.close();
    }
    return EXIT_CODES.answered;
  } finally {
    await service.close();
    interrupts.firstly(undefined);
  }
}

/** The command line wins over the file. */
function addressed(server: ServerSettings, { host, port, publicUrl }: OptionValues): ServerSettings {
  return {
    ...server,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
}

async function listen(
  stage: Stage,
  service: Service,
  settings: ServerSettings,
  tell: (message: string) => void,
): Promise<HttpServer> {
  const { version } = stage.outside;
  // These bring Hono and the protocols' libraries, which no other command needs.
  const { serveHttp } = await import("../http/serve_http.ts");
  const { protocolsOf } = await import("../http/protocols.ts");
  const report = (error: unknown) => tell(`a request failed: ${Fault.of(error).message}`);
  try {
    return serveHttp({
      version,
      settings,
      report,
      mount: protocolsOf(service, { settings, version, report }),
    });
  } catch (error) {
    const { host, port } = settings;
    const message = `Cannot listen at ${host}:${port}: ${Fault.of(error).message}`;
    throw new Fault("config_address", message, { cause: error });
  }
}

/** Tells what went wrong that no caller hears, but not more often than a person can read: clients cause it. */
function reporter({ outside, screen }: Stage): (message: string) => void {
  const lines = new RateLimit(REPORTS_A_MINUTE, outside.clock);
  return (message) => {
    if (lines.take("all") > 0) return;
    void screen.write(noteLine(message));
  };
}

async function greet(stage: Stage, service: Service, server: ServerSettings, baseUrl: string): Promise<void> {
  const { screen, options: { json = false }, outside: { program } } = stage;
  const { isLoopback } = await import("../http/allow_list.ts");
  const served = {
    baseUrl,
    loopback: isLoopback(server.host),
    config: { ...service.config, server },
    recovered: await service.recover(),
  };
  const text = json ? jsonLine(addresses(served)) : greeting(served, program);
  await screen.write([{ to: "stdout", text }, ...warnings(served).flatMap(noteLine)]);
}
