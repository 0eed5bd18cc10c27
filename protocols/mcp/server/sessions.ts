/**
 * Sessions of clients that speak 2025-11-25 and older: a server and a transport each, known by a random id that only
 * their owner may use.
 *
 * @module
 */
import {
  type AuthInfo,
  ProtocolErrorCode,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Clock } from "../../../supervisor/actor/define.ts";
import type { Caller } from "../../../workspace/service/caller.ts";
import { EventLog, type LogLimits } from "./event_log.ts";
import { authInfoOf } from "./offer.ts";
import { refusal } from "./refusal.ts";
import type { TaskServer } from "./task_server.ts";

/** Bounds of sessions. */
export interface SessionLimits {
  /** Milliseconds without a request, an open stream or a call at work, after which one ends. Default 30 minutes. */
  readonly idleMs?: number;
  /** At once; a new one then takes the place of the one idle for longest. Default 1000. */
  readonly count?: number;
  /** What each keeps for clients that come back. */
  readonly log?: LogLimits;
}

/** Random bytes of an id. */
const ID_BYTES = 16;
const IDLE_MS = 30 * 60_000;
const COUNT = 1_000;
/** Milliseconds after which a client that lost its stream comes back. */
const RETRY_MS = 1_000;

interface Session {
  readonly owner: string;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: TaskServer;
  /** Milliseconds since 1970. */
  usedAt: number;
  /** Streams that a client listens to for news. */
  listening: number;
}

/** See the module. */
export class Sessions {
  readonly #make: (caller: Caller) => TaskServer;
  readonly #clock: Clock;
  readonly #onError: (error: Error) => void;
  readonly #idleMs: number;
  readonly #count: number;
  readonly #log: LogLimits | undefined;
  readonly #open = new Map<string, Session>();
  readonly #closing = new AbortController();

  /** Sessions whose servers are made by `make`. */
  constructor(
    make: (caller: Caller) => TaskServer,
    clock: Clock,
    onError: (error: Error) => void,
    { idleMs = IDLE_MS, count = COUNT, log }: SessionLimits = {},
  ) {
    this.#make = make;
    this.#clock = clock;
    this.#onError = onError;
    this.#idleMs = idleMs;
    this.#count = count;
    this.#log = log;
    void this.#sweep();
  }

  /** Answers a request; `body` is its JSON, where it has one. */
  async answer(request: Request, caller: Caller, body: unknown): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id === null) return await this.#begin(request, caller, body);
    const session = this.#usable(id, caller);
    // Whose session it is, is nobody else's business: foreign is gone.
    if (session === undefined) return refusal(404, -32001, "Session not found");
    const response = await handle(session.transport, request, authInfoOf(caller), body);
    return request.method === "GET" && response.ok ? this.#held(session, response) : response;
  }

  /** Tells the clients of all sessions. */
  each(tell: (server: TaskServer) => Promise<void>): void {
    for (const { server } of this.#open.values()) tell(server).catch(this.#onError);
  }

  /** Ends all of them and their streams. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#open.values()].map(({ server }) => server.close()));
  }

  async #begin(request: Request, caller: Caller, body: unknown): Promise<Response> {
    if (request.method !== "POST" || !asksToInitialize(body)) {
      return refusal(
        400,
        -32000,
        "Bad Request: Mcp-Session-Id header is required; initialize begins a session",
      );
    }
    if (!this.#makeRoom()) return refusal(503, -32000, "Too many sessions are at work; try again later");
    const server = this.#make(caller);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex(),
      eventStore: new EventLog(this.#log),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => {
        this.#open.set(id, {
          owner: caller.owner,
          transport,
          server,
          usedAt: this.#clock.now(),
          listening: 0,
        });
      },
    });
    server.onclose = () => {
      if (transport.sessionId !== undefined) this.#open.delete(transport.sessionId);
    };
    await server.connect(transport);
    const response = await handle(transport, request, authInfoOf(caller), body);
    if (transport.sessionId !== undefined) return response;
    await server.close();
    return refusal(
      400,
      ProtocolErrorCode.InvalidParams,
      "Invalid params: that is no proper initialize request",
    );
  }

  /** Undefined when it is gone or somebody else's. */
  #usable(id: string, { owner }: Caller): Session | undefined {
    const session = this.#open.get(id);
    if (session === undefined || session.owner !== owner) return undefined;
    if (this.#isOver(session)) {
      void session.server.close();
      return undefined;
    }
    session.usedAt = this.#clock.now();
    return session;
  }

  /** The response; until it has ended somebody listens. */
  #held(session: Session, response: Response): Response {
    session.listening++;
    const ended = () => {
      session.listening--;
      session.usedAt = this.#clock.now();
    };
    const watched = response.body?.pipeThrough(new TransformStream({ flush: ended, cancel: ended }));
    return new Response(watched, response);
  }

  #isOver(session: Session): boolean {
    return !isBusy(session) && this.#clock.now() - session.usedAt >= this.#idleMs;
  }

  /** Whether there is room for one more, if need be by ending the one idle for longest. */
  #makeRoom(): boolean {
    if (this.#open.size < this.#count) return true;
    const idle = [...this.#open.values()].filter((session) => !isBusy(session));
    const [longest] = idle.toSorted((one, other) => one.usedAt - other.usedAt);
    void longest?.server.close();
    return longest !== undefined;
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#clock.sleep(this.#idleMs, signal).catch(() => {});
      for (const session of this.#open.values()) if (this.#isOver(session)) void session.server.close();
    }
  }
}

function isBusy({ server, listening }: Session): boolean {
  return listening > 0 || server.atWork > 0;
}

function asksToInitialize(body: unknown): boolean {
  return (body as { method?: unknown } | null)?.method === "initialize";
}

function handle(
  transport: WebStandardStreamableHTTPServerTransport,
  request: Request,
  authInfo: AuthInfo,
  body: unknown,
): Promise<Response> {
  return transport.handleRequest(request, { authInfo, ...(body !== undefined && { parsedBody: body }) });
}
