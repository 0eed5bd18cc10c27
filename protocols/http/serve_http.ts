/**
 * Serving: one server, from the first request to the last.
 *
 * @module
 */
import type { Hono } from "@hono/hono";
import { clock as realClock } from "../../supervisor/actor/context.ts";
import type { ServedEnv } from "../../workspace/service/caller.ts";
import { bracketed, isEverywhere } from "./allow_list.ts";
import { type AppOptions, createApp } from "./app.ts";
import { within } from "./within.ts";

/** A protocol behind the door. */
export interface Mounted {
  readonly app: Hono<ServedEnv>;
  /** Ends streams cleanly and answers who waits. */
  close(): void | Promise<void>;
}

/** What is served. */
export interface HttpOptions extends Pick<AppOptions, "version" | "settings" | "report" | "clock" | "keys"> {
  /** Makes what is behind the door, once it is known what clients call the server. */
  readonly mount: (baseUrl: string) => { readonly a2a: Mounted; readonly mcp: Mounted };
}

/** Milliseconds that requests at work have to end once the server is told to stop. */
const DRAIN_MS = 10_000;

/**
 * Serves until `signal` is aborted. Then takes no more, has streams end, and waits at most 10 seconds for what is at
 * work. `listening` is told what clients call the server.
 * @throws {Deno.errors.AddrInUse} and others when it cannot listen there.
 */
export async function serveHttp(
  options: HttpOptions,
  signal: AbortSignal,
  listening: (baseUrl: string) => void,
): Promise<void> {
  const { settings, report, clock = realClock } = options;
  const { host: hostname, port } = settings;
  // Requests come in no earlier than this function waits, and then there is an application.
  const server = Deno.serve(
    { hostname, port, onListen: () => {}, onError: (error) => crashed(error, report) },
    (request, { remoteAddr: { hostname: remote } }) => app.fetch(request, { remote }),
  );
  const baseUrl = settings.publicUrl ?? `http://${reachable(hostname)}:${server.addr.port}`;
  const { a2a, mcp } = options.mount(baseUrl);
  const app = createApp({ ...options, port: server.addr.port, baseUrl, a2a: a2a.app, mcp: mcp.app });
  listening(baseUrl);
  await aborted(signal);
  const finished = server.shutdown();
  const closed = Promise.all([a2a, mcp].map(async (protocol) => await protocol.close())).catch(report);
  await within(DRAIN_MS, clock, Promise.all([closed, finished]));
}

function crashed(error: unknown, report: HttpOptions["report"]): Response {
  report(error);
  return new Response(null, { status: 500 });
}

/** An address that can be connected to. */
function reachable(host: string): string {
  return isEverywhere(host) ? "127.0.0.1" : bracketed(host);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
