/**
 * A door that a test owns: fakes behind it, real sockets before it.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import { type HttpOptions, type HttpServer, serveHttp } from "../../../protocols/http/serve_http.ts";
import {
  type A2aServing,
  type McpServing,
  type ServerSettings,
  serverSettings,
} from "../../../workspace/config/server_settings.ts";
import type { ServedEnv } from "../../../workspace/service/caller.ts";

/** Settings a test changes; rates are without bound unless it says so. */
export interface Changes extends Partial<Omit<ServerSettings, "a2a" | "mcp">> {
  readonly a2a?: Partial<A2aServing>;
  readonly mcp?: Partial<McpServing>;
}

/** The defaults at a free port, with what a test changes. */
export function settingsWith({ a2a, mcp, ...changes }: Changes = {}): ServerSettings {
  const usual = serverSettings();
  return {
    ...usual,
    port: 0,
    ...changes,
    a2a: { ...usual.a2a, ratePerMinute: 0, ...a2a },
    mcp: { ...usual.mcp, ratePerMinute: 0, ...mcp },
  };
}

/** A protocol that says who asked what: `POST` to its path; `/a2a/<name>` does what its handler does. */
export function echoes(path: string, more?: (app: Hono<ServedEnv>) => void): Hono<ServedEnv> {
  const app = new Hono<ServedEnv>();
  app.post(path, async (context) => {
    const bytes = (await context.req.raw.arrayBuffer()).byteLength;
    return context.json({ ...context.get("caller"), bytes });
  });
  more?.(app);
  return app;
}

/** What a test may set of a server; fakes are behind its door unless it says what is. */
export interface DoorOptions extends Partial<Omit<HttpOptions, "settings">> {
  readonly settings?: Changes;
  readonly a2a?: Hono<ServedEnv>;
  readonly mcp?: Hono<ServedEnv>;
}

/** Errors the door reported, and the server itself, closed at the end of its block. */
export type Door = HttpServer & AsyncDisposable & { readonly reported: unknown[] };

/** Opens it. */
export function openDoor({ settings, a2a, mcp, ...options }: DoorOptions = {}): Door {
  const reported: unknown[] = [];
  const mount = () => ({
    a2a: { app: a2a ?? echoes("/a2a"), close: () => {} },
    mcp: { app: mcp ?? echoes("/mcp"), close: () => {} },
  });
  const server = serveHttp({
    version: "1.2.3",
    mount,
    report: (error) => void reported.push(error),
    ...options,
    settings: settingsWith(settings),
  });
  const close = () => server.close();
  return { ...server, reported, close, [Symbol.asyncDispose]: close };
}

/** What came back over a socket. */
export interface RawAnswer {
  /** 0 when the connection ended without one. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Writes `text` to a socket as it is, and reads what comes back until the answer is whole or the connection ends. */
export async function raw(port: number, text: string | readonly string[]): Promise<RawAnswer> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const written = writeAll(socket, typeof text === "string" ? [text] : text);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let got = "";
  for (let answer = parse(got, false);; answer = parse(got, false)) {
    if (answer !== undefined) {
      await settle(socket, written);
      return answer;
    }
    const length = await socket.read(buffer).catch(() => null);
    if (length === null) break;
    got += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
  await settle(socket, written);
  return parse(got, true) ?? { status: 0, headers: new Headers(), body: "" };
}

/** A server that answers before it has read everything makes the rest of the writing fail. */
async function writeAll(socket: Deno.Conn, parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    let rest = new TextEncoder().encode(part);
    while (rest.length > 0) rest = rest.subarray(await socket.write(rest));
  }
}

async function settle(socket: Deno.TcpConn, written: Promise<void>): Promise<void> {
  await socket.closeWrite().catch(() => {});
  await written.catch(() => {});
}

function parse(got: string, over: boolean): RawAnswer | undefined {
  const end = got.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = got.slice(0, end).split("\r\n");
  const status = Number(first.split(" ")[1]);
  if (status === 100) return parse(got.slice(end + 4), over);
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  const body = got.slice(end + 4);
  const whole = new TextEncoder().encode(body).length >= Number(headers.get("content-length") ?? Infinity);
  return over || whole ? { status, headers, body } : undefined;
}
