/**
 * Serving: one server, from the first request to the last.
 *
 * @module
 */
import type { Hono } from "@hono/hono";
import { clock as realClock } from "../../supervisor/actor/context.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { ServedEnv } from "../../workspace/service/caller.ts";
import { bracketed, isEverywhere } from "./allow_list.ts";
import { type AppOptions, createApp } from "./app.ts";
import { Deadlines } from "./deadlines.ts";

/** A protocol behind the door. */
export interface Mounted {
  readonly app: Hono<ServedEnv>;
  /** Ends streams cleanly and answers who waits. */
  close(): void | Promise<void>;
}

/** What is served. */
export interface HttpOptions extends Pick<AppOptions, "version" | "settings" | "report" | "keys"> {
  /** Default real time. */
  readonly clock?: Clock;
  /** Makes what is behind the door, once it is known what clients call the server. */
  readonly mount: (baseUrl: string) => { readonly a2a: Mounted; readonly mcp: Mounted };
}

/** Milliseconds that requests at work have to end once the server is told to stop. */
const DRAIN_MS = 10_000;

/** A server that takes requests. */
export interface HttpServer {
  /** What clients call it, without a slash at the end. */
  readonly baseUrl: string;
  /** It listens at. */
  readonly port: number;
  /**
   * Takes no more, has streams end, and waits at most 10 seconds for what is at work; what is left then ends with the
   * process. Never throws.
   */
  close(): Promise<void>;
}

/**
 * Begins to serve.
 * @throws {Deno.errors.AddrInUse} and others when it cannot listen there.
 */
export function serveHttp(options: HttpOptions): HttpServer {
  const { settings, report, clock = realClock } = options;
  const { host: hostname } = settings;
  // Requests come in once this function is over, and then there is an application.
  const server = Deno.serve(
    { hostname, port: settings.port, onListen: () => {}, onError: (error) => crashed(error, report) },
    (request, { remoteAddr: { hostname: remote } }) => app.fetch(request, { remote }),
  );
  const { port } = server.addr;
  const baseUrl = settings.publicUrl ?? `http://${reachable(hostname)}:${port}`;
  const { a2a, mcp } = options.mount(baseUrl);
  const deadlines = new Deadlines(clock);
  const app = createApp({ ...options, clock, deadlines, port, baseUrl, a2a: a2a.app, mcp: mcp.app });
  return {
    baseUrl,
    port,
    async close() {
      const finished = server.shutdown();
      const closed = [a2a, mcp].map((protocol) => closing(protocol, report));
      await deadlines.within(DRAIN_MS, Promise.all([...closed, finished]));
      deadlines.close();
    },
  };
}

async function closing(protocol: Mounted, report: HttpOptions["report"]): Promise<void> {
  try {
    await protocol.close();
  } catch (error) {
    report(error);
  }
}

function crashed(error: unknown, report: HttpOptions["report"]): Response {
  report(error);
  return new Response(null, { status: 500 });
}

/** An address that can be connected to. */
function reachable(host: string): string {
  return isEverywhere(host) ? "127.0.0.1" : bracketed(host);
}
