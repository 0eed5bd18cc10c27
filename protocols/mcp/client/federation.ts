/**
 * The tools of other MCP servers beside our own: for crews as tool actors, for clients as a source of tools.
 *
 * Each is called `<server>_<tool>`. What a server says is a stranger's word: it is bounded, and run nowhere.
 *
 * @module
 */
import { Approval, type Verdict } from "../../messages/approval.ts";
import { Fault } from "../../messages/fault.ts";
import { McpConnection, type ServerTool } from "../../messages/mcp_connection.ts";
import type { McpServerSettings } from "../../../workspace/config/mcp_servers.ts";
import type { Called, CallOptions, ListedTool, ToolSource } from "../../../workspace/desk/desk.ts";
import { APPROVER } from "../../../workspace/runtime/crew.ts";
import type { Extension } from "../../../workspace/runtime/extension.ts";
import { type Tool, tool } from "../../../workspace/runtime/toolkit.ts";
import type { Started } from "../../../supervisor/tree/spec.ts";
import { CALL_MS, followCall } from "./follow_call.ts";
import { failed } from "./outcome.ts";
import { remoteToolOf, settleOf } from "./remote_tool.ts";
import { connectionPath, serverTree } from "./server_tree.ts";
import { ServerView } from "./server_view.ts";
import { toolName } from "./tool_names.ts";

/** Milliseconds that servers have to be there when the first run begins: a program may have to be fetched first. */
const PATIENCE_MS = 5_000;

/** The tools of these servers. Of one that is not there after `patienceMs` (5 000) none are known until it is. */
export function federation(
  servers: readonly McpServerSettings[],
  patienceMs: number = PATIENCE_MS,
): Extension {
  const joined = new WeakMap<Started, Federation>();
  const join = (standing: Started) => {
    const known = joined.get(standing) ?? new Federation(servers, standing, patienceMs);
    joined.set(standing, known);
    return known;
  };
  return {
    children: servers.map(serverTree),
    toolkit: async (standing) => ({ tools: await join(standing).tools(), denied: [] }),
    colleagues: () => Promise.resolve([]),
    source: (standing) => servers.length === 0 ? null : join(standing),
  };
}

/** A tool of one of the servers. */
interface Member {
  /** What it is called here. */
  readonly name: string;
  readonly server: string;
  readonly tool: ServerTool;
}

class Federation implements ToolSource {
  readonly #views: ReadonlyMap<string, ServerView>;
  readonly #listeners = new Set<() => void>();
  #members: readonly Member[] | undefined;
  #listed: readonly ListedTool[] | undefined;

  constructor(servers: readonly McpServerSettings[], standing: Started, patienceMs: number) {
    this.#views = new Map(servers.map(({ name }) => {
      const connection = standing.ref(McpConnection, connectionPath(name));
      return [name, new ServerView(connection, patienceMs, () => this.#changed())];
    }));
  }

  async tools(): Promise<Tool[]> {
    return (await this.#all()).map(({ name, server, tool: known }) => ({
      ...tool(
        remoteToolOf(server, name, known),
        (started) => ({
          connection: started.ref(McpConnection, connectionPath(server)),
          approver: started.ref(Approval, APPROVER),
          name,
          server,
          tool: known.name,
        }),
        "none",
      ),
      timeoutMs: CALL_MS,
    }));
  }

  async list(): Promise<readonly ListedTool[]> {
    const members = await this.#all();
    return this.#listed ??= members.map(({ name, tool: { name: _name, ...tool } }) => ({
      name,
      ...tool,
      settle: settleOf(tool.annotations),
    }));
  }

  async call(name: string, args: Readonly<Record<string, unknown>>, options: CallOptions): Promise<Called> {
    const { signal, onItem = () => {}, person = nobody } = options;
    const member = (await this.#all()).find((one) => one.name === name);
    if (member === undefined) throw new Fault("unknown_tool", `Cannot call ${name}: there is no such tool`);
    const { server, tool: { name: tool } } = member;
    const { connection } = this.#views.get(server)!;
    try {
      return await followCall({ connection, name, server, tool, args, signal, onItem, ask: person });
    } catch (error) {
      if (signal.aborted) {
        throw new Fault("cancelled", `Cannot finish ${name}: it was cancelled`, { cause: error });
      }
      const { message, retry } = Fault.of(error);
      return { outcome: failed(retry === "later" ? "transient" : "permanent", message) };
    }
  }

  onChange(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async #all(): Promise<readonly Member[]> {
    await Promise.all([...this.#views.values()].map((view) => view.state()));
    return this.#members ??= this.#named();
  }

  #named(): Member[] {
    const taken = new Set<string>();
    return [...this.#views].flatMap(([server, view]) =>
      view.latest.tools.map((tool) => {
        const name = toolName(server, tool.name, taken);
        taken.add(name);
        return { name, server, tool };
      })
    );
  }

  #changed(): void {
    this.#members = this.#listed = undefined;
    for (const listener of this.#listeners) listener();
  }
}

function nobody(): Promise<Verdict> {
  return Promise.resolve({ allowed: false, reason: "nobody can answer here" });
}
