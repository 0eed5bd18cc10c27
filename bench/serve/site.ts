/**
 * Runs of an agent whose model answers at once, served over A2A: all that is real but the model.
 *
 * @module
 */
import { join } from "node:path";
import { FREE } from "../../actors/models/price.ts";
import { scripted } from "../../actors/models/scripted.ts";
import { createA2aApp } from "../../protocols/a2a/server/app.ts";
import type { HttpServer } from "../../protocols/http/serve_http.ts";
import { Documents } from "../../protocols/messages/documents.ts";
import { documentStore } from "../../supervisor/durable/document_store.ts";
import { documentsOver } from "../../supervisor/durable/documents.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { type Crew, crew, MODEL } from "../../workspace/runtime/crew.ts";
import { openRuntime, type RootRuntime } from "../../workspace/runtime/runtime.ts";
import { openTasks } from "../../workspace/tasks/open_tasks.ts";
import { door } from "./door.ts";

/** Something that answers tasks, both ways. */
export interface Site {
  readonly runtime: RootRuntime;
  readonly server: HttpServer;
  close(): Promise<void>;
}

/** What is asked; its answer is {@linkcode ANSWER}. */
export const TASK = "What is 2+2?";
/** See {@linkcode TASK}. */
export const ANSWER = "4";

const DOCUMENTS = "documents";
const LIMITS = { turns: 10, tokens: 100_000, usd: 1, seconds: 60 };

/** Opens it in a new folder, which goes with it. */
export async function openSite(): Promise<Site> {
  const folder = await Deno.makeTempDir({ prefix: "troupe-bench-" });
  const kept = child(DOCUMENTS, documentStore, { path: join(folder, "documents.db") });
  const runtime = await openRuntime({
    db: join(folder, "runs.db"),
    workspace: join(folder, "workspace"),
    limits: LIMITS,
    crew: () => Promise.resolve(soloist()),
    standing: [kept],
  });
  const documents = documentsOver(runtime.standing.ref(Documents, DOCUMENTS));
  const tasks = openTasks({ runtime, documents });
  const server = door((baseUrl) => createA2aApp({ tasks, documents, baseUrl }));
  return {
    runtime,
    server,
    async close() {
      await server.close();
      await tasks.close();
      await runtime.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function soloist(): Crew {
  return crew({
    model: child(MODEL, scripted, { model: "scripted", script: [{ text: ANSWER }] }),
    tools: [],
    agent: {
      name: "lead",
      modelName: "scripted",
      price: FREE,
      program: "react",
      contextWindow: 128_000,
      setup: {},
    },
  });
}
