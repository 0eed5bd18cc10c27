/**
 * The A2A application on a real port, over tasks in memory.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import { parseSseStream } from "@a2a-js/sdk";
import { type A2aApp, type A2aServing, createA2aApp } from "../../../../protocols/a2a/server/app.ts";
import { memoryDocuments } from "../../../../supervisor/durable/memory_documents.ts";
import { ANYONE, type ServedEnv } from "../../../../workspace/service/caller.ts";
import type { TaskScript } from "../../../support/fake_tasks.ts";
import { FakeTasks } from "../../../support/fake_tasks.ts";

/** JSON as it came. */
export type Json = ReturnType<typeof JSON.parse>;

/** A server under test; whoever names themselves in `X-Owner` is that owner. */
export class Served implements AsyncDisposable {
  readonly tasks: FakeTasks;
  readonly documents;
  /** "http://127.0.0.1:1234" */
  readonly url: string;
  readonly reports: string[] = [];
  readonly #a2a: A2aApp;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #closed = false;

  constructor(serving: Partial<A2aServing> & { script?: TaskScript; tasks?: FakeTasks } = {}) {
    const { script, tasks = new FakeTasks(script), documents = memoryDocuments(), ...rest } = serving;
    this.tasks = tasks;
    this.documents = documents;
    const report = (problem: string) => this.reports.push(problem);
    this.#a2a = createA2aApp({ tasks, documents, version: "1.2.3", report, ...rest });
    const door = new Hono<ServedEnv>();
    door.use(async (context, next) => {
      const owner = context.req.header("X-Owner");
      context.set("caller", owner === undefined ? ANYONE : { owner, scopes: [] });
      await next();
    });
    door.route("/", this.#a2a.app);
    this.#server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, door.fetch);
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** A JSON-RPC request of `version`; null names none. */
  async rpc(method: string, params: unknown, version: string | null = "1.0", owner?: string): Promise<Json> {
    const response = await this.post("/a2a", { jsonrpc: "2.0", id: 1, method, params }, version, owner);
    return await response.json();
  }

  /** POSTs JSON, or a text as it is. */
  post(path: string, body: unknown, version: string | null = "1.0", owner?: string): Promise<Response> {
    return fetch(this.url + path, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(version !== null && { "A2A-Version": version }),
        ...(owner !== undefined && { "X-Owner": owner }),
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  /** The events of a stream of JSON-RPC. */
  async *stream(method: string, params: unknown, version: string | null = "1.0"): AsyncGenerator<Json> {
    const response = await this.post("/", { jsonrpc: "2.0", id: 1, method, params }, version);
    for await (const { data } of parseSseStream(response)) yield JSON.parse(data);
  }

  /** What is served ends; tasks stay. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#a2a.close();
    await this.#server.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    this.tasks.close();
  }
}

/** A message of 1.0. */
export function message(text: string, more: Record<string, unknown> = {}): Json {
  return { messageId: crypto.randomUUID(), role: "ROLE_USER", parts: [{ text }], ...more };
}

/** The text of a message of either version. */
export function textOf(message: Json): string {
  return message?.parts?.map((part: Json) => part.text ?? "").join("") ?? "";
}

/** Resolves when `holds` does; looked at whenever the event loop has nothing else to do. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
