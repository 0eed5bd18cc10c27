/**
 * A service without actors, for tests of what serves one.
 *
 * @module
 */
import { memoryDocuments } from "../../supervisor/durable/memory_documents.ts";
import { loadConfig } from "../../workspace/config/load.ts";
import type { Service } from "../../workspace/service/service.ts";
import { FakeTasks, type TaskScript } from "./fake_tasks.ts";
import { type FakeTools, fakeTools } from "./fake_tools.ts";

/** What a test may say of it. */
export interface FakeServiceOptions {
  /** Default every task is completed with "4". */
  readonly script?: TaskScript;
  /** The configuration file. Default empty. */
  readonly toml?: string;
  /** Default a folder that is not there. */
  readonly workspace?: string;
  readonly tools?: FakeTools;
  /** Tasks that go on. Default 0. */
  readonly recovered?: number;
}

/** With what a test wants to know of it. */
export type FakeService = Service & { readonly tasks: FakeTasks; readonly tools: FakeTools; closed: boolean };

/** Makes one; no model is configured. */
export function fakeService(options: FakeServiceOptions = {}): FakeService {
  const { script, toml, workspace = "/nowhere", tools = fakeTools(), recovered = 0 } = options;
  const tasks: FakeTasks = new FakeTasks(script ?? (({ id }) => tasks.complete(id, "4")));
  const readText = (path: string) => path === "/here/troupe.toml" ? toml : undefined;
  const config = loadConfig({ cwd: "/here", home: undefined, env: {}, flags: { workspace }, readText });
  return {
    tasks,
    tools,
    config,
    documents: memoryDocuments(),
    runtime: { runs: () => Promise.resolve([]), show: () => Promise.resolve(null) },
    closed: false,
    recover: () => Promise.resolve(recovered),
    close() {
      this.closed = true;
      tasks.close();
      return Promise.resolve();
    },
  };
}
