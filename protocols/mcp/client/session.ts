/**
 * One life of the connection to a server: from the handshake to whatever ends it.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { CallToolResult, Client, JsonSchemaValidator, Tool } from "@modelcontextprotocol/client";
import { Fault } from "../../messages/fault.ts";
import type { ServerTool } from "../../messages/mcp_connection.ts";
import { LIST_CHARS, PAGES } from "./bounds.ts";
import { HttpTransport, type ServerAddress } from "./http_transport.ts";
import type { Library } from "./library.ts";
import type { OngoingCall } from "./ongoing_call.ts";
import { within } from "./patience.ts";
import { type Guardian, type ServerProgram, StdioTransport } from "./stdio_transport.ts";
import { type TakenTools, takeTools } from "./tool_list.ts";

/** How a server is reached, as plain data. */
export type Reach = ServerProgram | ServerAddress;

/** What a session is begun with. */
export interface SessionParts {
  readonly library: Library;
  readonly reach: Reach;
  /** Of a program; null where nothing can guard it. */
  readonly guardian: Guardian | null;
  /** The handshake is that of before 2026-07-28: the program ended when it was asked anything else. */
  readonly legacy: boolean;
  /** Hears that the list of tools has changed. */
  readonly onChange: () => void;
}

/** Milliseconds the handshake may take. */
const CONNECT_MS = 20_000;
/** Milliseconds listing all tools may take. */
const LIST_MS = 30_000;
/** Milliseconds a server has to show that it is still there. */
const ALIVE_MS = 5_000;
/** The longest time of a timer: calls have their own. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** See the module's words. */
export class Session {
  /** Resolves when it has ended, with why. */
  readonly ended: Promise<string>;
  readonly #library: Library;
  readonly #client: Client;
  readonly #transport: StdioTransport | HttpTransport;
  /** Which call a question of the server belongs to, where the way it came tells. */
  readonly #asking = new AsyncLocalStorage<OngoingCall>();
  readonly #ongoing = new Set<OngoingCall>();
  /** What last went wrong with a request. */
  #trouble: unknown;
  #checking: Promise<void> | undefined;

  /** Nothing is started yet. */
  constructor({ library, reach, guardian, onChange }: SessionParts) {
    this.#library = library;
    this.#transport = "program" in reach
      ? new StdioTransport(library, reach, guardian)
      : new HttpTransport(library, reach, (error) => this.#suspect(error));
    const client = this.#client = new library.Client({ name: "troupe", version: "0.1.0" }, {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode: "auto" },
      jsonSchemaValidator: UNCHECKED,
      listChanged: { tools: { autoRefresh: false, onChanged: () => onChange() } },
    });
    client.onerror = () => {}; // what matters is heard of by the request that failed
    client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq: { signal } }) => {
      if (!("requestedSchema" in params)) throw this.#refusal("only forms can be filled in here");
      const call = this.#asker();
      const { message, requestedSchema } = params;
      const verdict = await call.ask({ message, form: { ...requestedSchema } }, signal);
      return verdict.allowed
        ? { action: "accept", content: { ...verdict.content } as Content }
        : { action: "decline" };
    });
    client.setNotificationHandler("notifications/message", ({ params: { level, data } }) => {
      const text = typeof data === "string" ? data : JSON.stringify(data);
      this.#only()?.output(`${level}: ${text}\n`);
    });
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    client.onclose = () => resolve(this.#whyEnded());
  }

  /** Shakes hands. @throws what kept it from that; nothing is left of it then. */
  async open({ legacy }: SessionParts): Promise<void> {
    try {
      const prior = legacy ? { prior: { kind: "legacy" as const } } : {};
      await this.#client.connect(this.#transport, { timeout: CONNECT_MS, ...prior });
    } catch (error) {
      this.#trouble ??= error;
      await this.#transport.close();
      throw new Fault("unreachable", this.#whyEnded(), { cause: error, retry: "later" });
    }
  }

  /** Whether it is the handshake that a program of before 2026-07-28 may have died of. */
  get diedOfProbe(): boolean {
    const { SdkError, SdkErrorCode } = this.#library;
    return this.#trouble instanceof SdkError && this.#trouble.code === SdkErrorCode.EraNegotiationFailed;
  }

  /** All tools of the server, within bounds. @throws when they cannot be listed. */
  async tools(): Promise<TakenTools> {
    if (this.#client.getServerCapabilities()?.tools === undefined) return { tools: [], leftOut: 0 };
    const late = AbortSignal.timeout(LIST_MS);
    const listed: Tool[] = [];
    let chars = 0;
    let cursor: string | undefined;
    for (let page = 0; page < PAGES && chars < 2 * LIST_CHARS; page++) {
      const params = cursor === undefined ? {} : { cursor };
      const { tools, nextCursor } = await this.#client.request({ method: "tools/list", params }, {
        signal: late,
      });
      listed.push(...tools);
      chars += JSON.stringify(tools).length;
      if (nextCursor === undefined) break;
      cursor = nextCursor;
    }
    return takeTools(listed);
  }

  /** Calls a tool. @throws what the library throws. */
  async call(
    tool: string,
    args: Record<string, unknown>,
    known: ServerTool | undefined,
    ongoing: OngoingCall,
  ) {
    this.#ongoing.add(ongoing);
    try {
      return await this.#asking.run(ongoing, () => this.#call(tool, args, known, ongoing));
    } finally {
      this.#ongoing.delete(ongoing);
    }
  }

  /** Whether a call failed because the server no longer knows this session: it was not begun then. */
  isForgotten(error: unknown): boolean {
    if (!(error instanceof this.#library.SdkHttpError) || this.#transport instanceof StdioTransport) {
      return false;
    }
    return error.status === 404 || (error.status === 400 && this.#transport.sessionId !== undefined);
  }

  /** Resolves when it is known whether it is still there, after trouble with a request. */
  async checked(): Promise<void> {
    await this.#checking;
  }

  /** Ends it, politely; a program is ended with all it started. */
  async close(): Promise<void> {
    if (this.#transport instanceof HttpTransport) await within(ALIVE_MS, this.#transport.leave());
    await this.#client.close();
    await this.#transport.close();
  }

  #call(
    name: string,
    args: Record<string, unknown>,
    known: ServerTool | undefined,
    ongoing: OngoingCall,
  ): Promise<CallToolResult> {
    // Which arguments go into headers as well is said by the tool's schema.
    const toolDefinition = known === undefined
      ? {}
      : { toolDefinition: { name, inputSchema: { ...known.parameters, type: "object" as const } } };
    return this.#client.callTool({ name, arguments: args }, {
      signal: ongoing.signal,
      timeout: NO_LIMIT_MS,
      onprogress: ({ progress, total, message }) => ongoing.progress(progress, total, message),
      ...toolDefinition,
    });
  }

  /** The call whose caller is to answer. @throws when that cannot be told. */
  #asker(): OngoingCall {
    const call = this.#only();
    if (call !== undefined) return call;
    throw this.#refusal(
      this.#ongoing.size === 0
        ? "nobody can be asked while no tool is at work"
        : "several tools are at work, and it is not said which one wants to know",
    );
  }

  #only(): OngoingCall | undefined {
    const [first, ...others] = this.#ongoing;
    return this.#asking.getStore() ?? (others.length === 0 ? first : undefined);
  }

  #refusal(why: string): Error {
    const { ProtocolError, ProtocolErrorCode } = this.#library;
    return new ProtocolError(ProtocolErrorCode.InvalidRequest, why);
  }

  /** After trouble with one request: is the server still there? */
  #suspect(error: Error): void {
    if (this.#checking !== undefined) return;
    this.#trouble = error;
    this.#checking = this.#isThere().finally(() => this.#checking = undefined);
  }

  async #isThere(): Promise<void> {
    const timeout = { timeout: ALIVE_MS };
    try {
      await (this.#client.getProtocolEra() === "modern"
        ? this.#client.discover(timeout)
        : this.#client.ping(timeout));
    } catch (error) {
      if (!(error instanceof this.#library.ProtocolError)) await this.#client.close();
    }
  }

  #whyEnded(): string {
    if (this.#transport instanceof StdioTransport && this.#transport.ending !== undefined) {
      return this.#transport.ending;
    }
    return inWords(this.#trouble ?? "it closed the connection");
  }
}

type Content = Record<string, string | number | boolean | string[]>;

/** Results are checked by whoever uses them: a schema of a server's is nothing to run. */
const UNCHECKED = {
  getValidator: <T>(): JsonSchemaValidator<T> => (input) => ({
    valid: true,
    data: input as T,
    errorMessage: undefined,
  }),
};

/** An error in words, with what caused it and without addresses: there may be a key in one. */
function inWords(error: unknown): string {
  const words: string[] = [];
  for (let cause = error; cause !== undefined && words.length < 4; cause = (cause as Error).cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    if (!words.some((word) => word.includes(text))) words.push(text);
  }
  return words.join(": ").replace(/ ?(?:for url )?\(?\bhttps?:\/\/[^\s()]*\)?/g, "").slice(0, 300);
}
