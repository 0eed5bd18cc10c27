/**
 * The HTTP application. Today it answers whether the process is alive; protocol endpoints mount here.
 *
 * @module
 */
import { Hono } from "@hono/hono";

/** Where it listens. */
export interface Address {
  /** Default 127.0.0.1: nobody from outside this machine. */
  readonly hostname?: string;
  /** 0 takes a free one. Default 9999. */
  readonly port?: number;
}

/** `GET /health` answers `{ "status": "ok", "version": ... }`; everything else is 404 as JSON. */
export function createApp(version: string): Hono {
  const app = new Hono();
  app.get("/health", (context) => context.json({ status: "ok", version }));
  app.notFound((context) => context.json({ error: `Nothing is served at ${context.req.path}` }, 404));
  return app;
}

/**
 * Serves until `signal` is aborted, then lets running requests end. `listening` is told the address.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export async function serveHttp(
  version: string,
  { hostname = "127.0.0.1", port = 9999 }: Address,
  signal: AbortSignal,
  listening: (url: string) => void,
): Promise<void> {
  const onListen = (address: Deno.NetAddr) => listening(`http://${address.hostname}:${address.port}`);
  const server = Deno.serve({ hostname, port, onListen }, createApp(version).fetch);
  signal.addEventListener("abort", () => void server.shutdown(), { once: true });
  await server.finished;
}
