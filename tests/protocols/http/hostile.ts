/**
 * A whole server that is attacked: both protocols behind the real door on a real port, with callers ann and bob, and
 * the requests that attacks are made of.
 *
 * @module
 */
import { protocolsOf } from "../../../protocols/http/protocols.ts";
import { Secret } from "../../../workspace/config/secret.ts";
import { type FakeService, fakeService } from "../../support/fake_service.ts";
import { ECHO, type FakeTool, fakeTools } from "../../support/fake_tools.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { type Changes, type Door, openDoor, raw, type RawAnswer, settingsWith } from "./door.ts";
import { type Issuer, openIssuer } from "./tokens.ts";

/** Who asks. */
export type Who = "ann" | "bob";

/** What a request is made of; a header that is undefined is left out. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

const ASK: FakeTool = {
  name: "ask",
  async invoke(_args, { person, signal }) {
    return JSON.stringify(
      await person?.({ tool: "ask", action: "ask", reason: "May I?" }, signal) ?? "nobody",
    );
  },
};

/** A server under attack. */
export class Attacked implements AsyncDisposable {
  readonly clock: HandClock;
  readonly service: FakeService;
  readonly door: Door;
  readonly issuer: Issuer;
  /** By who has them. */
  readonly tokens: Readonly<Record<Who, string>>;

  private constructor(
    parts: Pick<Attacked, "clock" | "service" | "door" | "issuer" | "tokens">,
  ) {
    ({ clock: this.clock, service: this.service, door: this.door, issuer: this.issuer, tokens: this.tokens } =
      parts);
  }

  /** Opens one that asks for keys and tokens and has no rates, but for what a test changes. */
  static async open(changes: Changes = {}): Promise<Attacked> {
    const issuer = await openIssuer();
    const tokens = { ann: await issuer.token(), bob: await issuer.token({ sub: "bob" }) };
    const clock = new HandClock(Date.now());
    const service = fakeService({
      tools: fakeTools([ECHO, ASK]),
      script: ({ id, text }) => text.startsWith("wait") ? undefined : service.tasks.complete(id, "4"),
    });
    const apiKeys = new Map([["ann", new Secret(keyOf("ann"))], ["bob", new Secret(keyOf("bob"))]]);
    const settings = {
      ...changes,
      a2a: { apiKeys, ...changes.a2a },
      mcp: { oauth: issuer.settings, ...changes.mcp },
    };
    const report = (error: unknown) => void reported.push(error);
    const reported: unknown[] = [];
    const mount = protocolsOf(service, { settings: settingsWith(settings), version: "1", report, clock });
    const door = openDoor({ settings, mount, report, clock });
    return new Attacked({ clock, service, door: { ...door, reported }, issuer, tokens });
  }

  /** Sends a request byte by byte as it is, or one made of parts. */
  send(sent: Sent | string | readonly string[]): Promise<RawAnswer> {
    return raw(
      this.door.port,
      typeof sent === "string" || Array.isArray(sent) ? sent as string : httpText(sent as Sent),
    );
  }

  /** Headers of a good A2A request. */
  a2aHeaders(who: Who = "ann"): Record<string, string> {
    return { "content-type": "application/json", "a2a-version": "1.0", "x-api-key": keyOf(who) };
  }

  /** Headers of a good MCP request, without those of its version. */
  mcpHeaders(who: Who = "ann"): Record<string, string> {
    return {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${this.tokens[who]}`,
    };
  }

  /** A JSON-RPC request of A2A 1.0. */
  a2a(body: unknown, { headers, ...more }: Sent = {}): Sent {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return { path: "/a2a", body: text, ...more, headers: { ...this.a2aHeaders(), ...headers } };
  }

  /** A call of an operation of A2A 1.0, or of a method before it. */
  call(method: string, params: unknown, who: Who = "ann"): Sent {
    const version = method.includes("/") ? "0.3" : "1.0";
    return this.a2a({ jsonrpc: "2.0", id: 1, method, params }, {
      headers: { ...this.a2aHeaders(who), "a2a-version": version },
    });
  }

  /** A request of HTTP+JSON of A2A 1.0. */
  rest(path: string, body?: unknown, who: Who = "ann"): Sent {
    const headers = this.a2aHeaders(who);
    if (body === undefined) return { method: "GET", path: `/a2a${path}`, headers };
    return { path: `/a2a${path}`, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
  }

  /** A body for `/mcp`, with the headers of a modern client when it is a call. */
  mcp(body: unknown, { headers, ...more }: Sent = {}, who: Who = "ann"): Sent {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return { path: "/mcp", body: text, ...more, headers: { ...this.mcpHeaders(who), ...headers } };
  }

  /** A request of a modern MCP client, which can be asked for input. */
  modern(
    method: string,
    params: Record<string, unknown> = {},
    { who, headers }: { readonly who?: Who; readonly headers?: Sent["headers"] } = {},
  ): Sent {
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {
        elicitation: {},
        extensions: { "io.modelcontextprotocol/tasks": {} },
      },
    };
    const body = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } };
    const name = params.name ?? params.uri ?? params.taskId;
    return this.mcp(body, {
      headers: {
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": method,
        "mcp-name": typeof name === "string" ? name : undefined,
        ...headers,
      },
    }, who);
  }

  /** Begins a session of 2025-11-25 and answers its id. */
  async session(who: Who = "ann"): Promise<string> {
    const { headers } = await this.send(this.mcp(INITIALIZE, {}, who));
    return headers.get("mcp-session-id") ?? "";
  }

  /** A request within a session. */
  within(session: string, body: unknown, who: Who = "ann"): Sent {
    return this.mcp(
      body,
      { headers: { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" } },
      who,
    );
  }

  /** Starts a task that goes on until somebody ends it, and answers its id. */
  async task(who: Who = "ann"): Promise<string> {
    const configuration = { returnImmediately: true };
    const { body } = await this.send(
      this.call("SendMessage", { message: message("wait"), configuration }, who),
    );
    return JSON.parse(body).result.task.id;
  }

  /** Whether it still does what it is there for. */
  async works(): Promise<boolean> {
    const [a2a, mcp] = await Promise.all([
      this.send(this.call("SendMessage", { message: message("What is 2+2?") })),
      this.send(this.modern("tools/call", { name: "echo", arguments: { text: "still here" } })),
    ]);
    return a2a.body.includes("TASK_STATE_COMPLETED") && mcp.body.includes('"still here"');
  }

  /** Closes it; no error may have come up that nobody foresaw. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.door.close();
    await this.service.close();
    await this.issuer[Symbol.asyncDispose]();
  }
}

/** How a client of 2025-11-25 begins. */
export const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

let messages = 0;

/** A message of 1.0. */
export function message(text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { messageId: `m-${++messages}`, role: "ROLE_USER", parts: [{ text }], ...more };
}

/** The API key of a caller. */
export function keyOf(who: Who): string {
  return `${who}-0123456789abcdef`;
}

/** A request as it goes over the wire, after which the connection is to be closed. */
export function httpText({ method = "POST", path = "/", headers = {}, body }: Sent): string {
  const length = body === undefined ? undefined : String(new TextEncoder().encode(body).length);
  const all = { host: "localhost", connection: "close", "content-length": length, ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}\r\n`
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`;
}
