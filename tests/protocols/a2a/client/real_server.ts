/**
 * A remote agent as others build it: the core of the official library behind `Deno.serve`, in three dialects. What it
 * does is said by the text it is sent.
 *
 * @module
 */
import {
  type AgentCard,
  type Artifact,
  type Message,
  type Part,
  Role,
  SendMessageRequest,
  StreamResponse,
  Task,
  TaskState,
} from "@a2a-js/sdk";
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  type ExecutionEventBus,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  type RequestContext,
  ServerCallContext,
} from "@a2a-js/sdk/server";
import { LegacyJsonRpcTransportHandler } from "@a2a-js/sdk/compat/v0_3/server";

/** A version and a binding. */
export type Dialect = "1.0 JSON-RPC" | "1.0 REST" | "0.3";

/** What a server may do otherwise. */
export interface Manner {
  readonly streaming?: boolean;
  /** Answers a request instead of the server; undefined leaves it to that. */
  readonly instead?: (
    request: Request,
    server: RealServer,
  ) => Response | undefined | Promise<Response | undefined>;
  /** Changes the card before it is served. */
  readonly card?: (card: Record<string, unknown>) => unknown;
}

/** What the executor was asked. */
export interface Asked {
  readonly text: string;
  readonly task: string;
  readonly message: string;
}

/** The running server. */
export class RealServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly canceled: string[] = [];
  /** Paths and JSON-RPC methods, in the order in which they came. */
  readonly requests: string[] = [];
  readonly headers: Headers[] = [];
  readonly #gates = new Map<string, PromiseWithResolvers<string>>();
  readonly #open = new Set<AbortController>();
  readonly #dialect: Dialect;
  readonly #manner: Manner;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #handler: DefaultRequestHandler;

  constructor(dialect: Dialect, manner: Manner = {}, port = 0) {
    this.#dialect = dialect;
    this.#manner = manner;
    const onError = () => new Response(null, { status: 500 });
    this.#server = Deno.serve(
      { port, hostname: "127.0.0.1", onListen: () => {}, onError },
      (request) => this.#answer(request),
    );
    const executor: AgentExecutor = {
      execute: (context, bus) => this.#execute(context, bus),
      cancelTask: (task, bus) => this.#cancel(task, bus),
    };
    this.#handler = new DefaultRequestHandler(this.#v1Card(), new InMemoryTaskStore(), executor);
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Where its card is found below. */
  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Lets a task that waits go on, with a word. */
  release(name: string, word = ""): void {
    this.#gate(name).resolve(word);
  }

  /** Breaks every open stream, as a network would. */
  breakStreams(): void {
    for (const one of this.#open) one.abort();
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.breakStreams();
    for (const gate of this.#gates.values()) gate.resolve("");
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.headers.push(request.headers);
    const instead = await this.#manner.instead?.(request.clone(), this);
    if (instead !== undefined) {
      this.requests.push(pathname);
      await request.body?.cancel();
      return instead;
    }
    const cards = this.#dialect === "0.3" ? "/.well-known/agent.json" : "/.well-known/agent-card.json";
    if (pathname === cards) {
      this.requests.push("card");
      const card = this.#dialect === "0.3" ? this.#oldCard() : this.#v1Card();
      return Response.json(this.#manner.card?.({ ...card }) ?? card);
    }
    if (pathname === "/rpc" && this.#dialect !== "1.0 REST") return await this.#rpc(request);
    if (pathname.startsWith("/rest/") && this.#dialect === "1.0 REST") {
      return await this.#rest(request, pathname.slice(5));
    }
    return new Response("nothing here", { status: 404 });
  }

  async #rpc(request: Request): Promise<Response> {
    const old = this.#dialect === "0.3";
    const transport = old
      ? new LegacyJsonRpcTransportHandler(this.#handler)
      : new JsonRpcTransportHandler(this.#handler);
    const body = await request.json();
    this.requests.push(body.method);
    const context = new ServerCallContext({ requestedVersion: old ? "0.3" : "1.0" });
    const answer = await transport.handle(body, context);
    return Symbol.asyncIterator in answer ? this.#events(answer) : Response.json(answer);
  }

  async #rest(request: Request, path: string): Promise<Response> {
    this.requests.push(path.replace(/^\/tasks\/[^:?]+/, "/tasks/{id}"));
    const context = new ServerCallContext({ requestedVersion: "1.0" });
    const body = request.method === "POST" ? await request.text() : "";
    const [, id = "", act] = /^\/tasks\/([^:]+)(?::(\w+))?$/.exec(path) ?? [];
    const json = (stream: AsyncGenerator<StreamResponse>) =>
      this.#events((async function* () {
        for await (const item of stream) yield StreamResponse.toJSON(item);
      })());
    try {
      const params = { tenant: "", id, metadata: undefined };
      if (path === "/message:stream") {
        return json(this.#handler.sendMessageStream(SendMessageRequest.fromJSON(JSON.parse(body)), context));
      }
      if (path === "/message:send") {
        const sent = await this.#handler.sendMessage(SendMessageRequest.fromJSON(JSON.parse(body)), context);
        return Response.json("messageId" in sent ? { message: sent } : { task: Task.toJSON(sent) });
      }
      if (path === "/tasks") {
        const url = new URL(request.url);
        const listed = await this.#handler.listTasks({
          tenant: "",
          contextId: url.searchParams.get("contextId") ?? "",
          status: TaskState.TASK_STATE_UNSPECIFIED,
          pageToken: "",
          statusTimestampAfter: undefined,
        }, context);
        return Response.json({ ...listed, tasks: listed.tasks.map((task) => Task.toJSON(task)) });
      }
      if (act === "subscribe") return json(this.#handler.resubscribe(params, context));
      if (act === "cancel") {
        return Response.json(Task.toJSON(await this.#handler.cancelTask(params, context)));
      }
      return Response.json(Task.toJSON(await this.#handler.getTask(params, context)));
    } catch (error) {
      const { message, reason = "INTERNAL_ERROR" } = error as Error & { reason?: string };
      const details = [{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason,
        domain: "a2a-protocol.org",
      }];
      return Response.json({ error: { code: 400, status: "FAILED", message, details } }, { status: 400 });
    }
  }

  /** Drains the items also when nobody reads any more: the library keeps of a task what passes here. */
  #events(items: AsyncIterable<unknown>): Response {
    const broken = new AbortController();
    this.#open.add(broken);
    let gone = false;
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        broken.signal.addEventListener("abort", () => {
          if (!gone) controller.error(new Error("broken"));
          gone = true;
        });
        for await (const item of items) {
          if (!gone) controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(item)}\n\n`));
        }
        if (!gone) controller.close();
        gone = true;
        this.#open.delete(broken);
      },
      cancel: () => void (gone = true),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  async #execute(context: RequestContext, bus: ExecutionEventBus): Promise<void> {
    const { taskId, contextId, userMessage, task: known } = context;
    const text = userMessage.parts.map(({ content }) => content?.$case === "text" ? content.value : "").join(
      "",
    );
    this.asked.push({ text, task: taskId, message: userMessage.messageId });
    const say = (words: string): Message => ({
      messageId: crypto.randomUUID(),
      contextId,
      taskId,
      role: Role.ROLE_AGENT,
      parts: [partOf(words)],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    });
    const status = (state: TaskState, words?: string) => ({
      state,
      message: words === undefined ? undefined : say(words),
      timestamp: new Date().toISOString(),
    });
    const update = (state: TaskState, words?: string) =>
      bus.publish(
        AgentEvent.statusUpdate({ taskId, contextId, status: status(state, words), metadata: undefined }),
      );
    const make = (words: string, append = false) =>
      bus.publish(AgentEvent.artifactUpdate({
        taskId,
        contextId,
        artifact: artifactOf("answer", words),
        append,
        lastChunk: false,
        metadata: undefined,
      }));
    const [verb = "", ...rest] = text.split(" ");
    if (verb === "direct") {
      bus.publish(AgentEvent.message({ ...say(rest.join(" ")), taskId: "" }));
      return bus.finished();
    }
    const begun: Task = known === undefined
      ? {
        id: taskId,
        contextId,
        status: status(TaskState.TASK_STATE_SUBMITTED),
        artifacts: [],
        history: [userMessage],
        metadata: undefined,
      }
      : { ...known, status: status(TaskState.TASK_STATE_WORKING) };
    bus.publish(AgentEvent.task(begun));
    const asked = begun.history[0]?.parts.map(({ content }) => content?.$case === "text" ? content.value : "")
      .join("");
    if (known !== undefined && asked?.startsWith("ask")) {
      update(TaskState.TASK_STATE_WORKING, `looking at ${text}`);
      make(`It is sunny in ${text}.`);
      update(TaskState.TASK_STATE_COMPLETED);
      return bus.finished();
    }
    switch (verb) {
      case "say":
        update(TaskState.TASK_STATE_WORKING, "thinking");
        make(rest[0] ?? "");
        for (const word of rest.slice(1)) make(` ${word}`, true);
        update(TaskState.TASK_STATE_COMPLETED, "done");
        break;
      case "begin":
      case "wait": {
        update(TaskState.TASK_STATE_WORKING, "waiting");
        if (verb === "begin") make("so far");
        const word = await this.#gate(rest[0] ?? "").promise;
        if (this.canceled.includes(taskId)) return;
        make(word);
        update(TaskState.TASK_STATE_COMPLETED);
        break;
      }
      case "ask":
        update(TaskState.TASK_STATE_INPUT_REQUIRED, rest.join(" "));
        break;
      case "login":
        update(TaskState.TASK_STATE_AUTH_REQUIRED, "Who are you?");
        break;
      case "fail":
        update(TaskState.TASK_STATE_FAILED, "no radar");
        break;
      case "reject":
        update(TaskState.TASK_STATE_REJECTED, "not for you");
        break;
      case "drop":
        update(TaskState.TASK_STATE_CANCELED, "changed my mind");
        break;
      default:
        throw new Error(`what is "${verb}"?`);
    }
    bus.finished();
  }

  #cancel(taskId: string, bus: ExecutionEventBus): Promise<void> {
    this.canceled.push(taskId);
    const contextId = "";
    const status = {
      state: TaskState.TASK_STATE_CANCELED,
      message: undefined,
      timestamp: new Date().toISOString(),
    };
    bus.publish(AgentEvent.statusUpdate({ taskId, contextId, status, metadata: undefined }));
    bus.finished();
    return Promise.resolve();
  }

  #gate(name: string): PromiseWithResolvers<string> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<string>();
    this.#gates.set(name, gate);
    return gate;
  }

  #v1Card(): AgentCard {
    const [protocolBinding, path] = this.#dialect === "1.0 REST"
      ? ["HTTP+JSON", "/rest"]
      : ["JSONRPC", "/rpc"];
    return {
      name: "Weather",
      description: "Knows the weather.",
      supportedInterfaces: [{
        url: `${this.address}${path}`,
        protocolBinding,
        protocolVersion: "1.0",
        tenant: "",
      }],
      provider: undefined,
      version: "1",
      capabilities: { streaming: this.#manner.streaming ?? true, pushNotifications: false, extensions: [] },
      securitySchemes: {},
      securityRequirements: [],
      defaultInputModes: ["text/plain"],
      defaultOutputModes: ["text/plain"],
      skills: [{
        id: "forecast",
        name: "Forecast",
        description: "Ten days.",
        tags: [],
        examples: [],
        inputModes: [],
        outputModes: [],
        securityRequirements: [],
      }],
      signatures: [],
    };
  }

  #oldCard(): Record<string, unknown> {
    return {
      name: "Weather",
      description: "Knows the weather.",
      url: `${this.address}/rpc`,
      preferredTransport: "JSONRPC",
      protocolVersion: "0.3.0",
      version: "1",
      capabilities: { streaming: this.#manner.streaming ?? true },
      defaultInputModes: ["text/plain"],
      defaultOutputModes: ["text/plain"],
      skills: [{ id: "forecast", name: "Forecast", description: "Ten days.", tags: [] }],
    };
  }
}

function partOf(text: string): Part {
  return {
    content: { $case: "text", value: text },
    metadata: undefined,
    filename: "",
    mediaType: "text/plain",
  };
}

function artifactOf(artifactId: string, text: string): Artifact {
  return {
    artifactId,
    name: "",
    description: "",
    parts: [partOf(text)],
    metadata: undefined,
    extensions: [],
  };
}
