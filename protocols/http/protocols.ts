/**
 * What is behind the door: a service, spoken to over A2A and MCP.
 *
 * @module
 */
import type { Clock } from "../../supervisor/actor/define.ts";
import type { ServerSettings } from "../../workspace/config/server_settings.ts";
import type { Service } from "../../workspace/service/service.ts";
import { openPush } from "../a2a/push/push.ts";
import { createA2aApp } from "../a2a/server/app.ts";
import { Fault } from "../messages/fault.ts";
import { createMcpApp } from "../mcp/server/app.ts";
import type { HttpOptions } from "./serve_http.ts";

/** What it takes beside the service. */
export interface ProtocolOptions {
  readonly settings: ServerSettings;
  /** Version of this program. */
  readonly version: string;
  /** Hears of what went wrong and was dealt with. */
  readonly report: (error: unknown) => void;
  /** Default real time. */
  readonly clock?: Clock;
}

/** Mounts both protocols. A2A goes on to follow the tasks of the last process, so it comes before they go on. */
export function protocolsOf(service: Service, options: ProtocolOptions): HttpOptions["mount"] {
  const { settings: { a2a, mcp }, version, report, clock } = options;
  const { tasks, tools, documents } = service;
  const problem = (what: string) => report(new Fault("failed", what));
  return (baseUrl) => ({
    a2a: createA2aApp({
      tasks,
      documents,
      push: openPush({ documents, allowHosts: a2a.pushHosts, report: problem }),
      version,
      baseUrl,
      apiKeys: a2a.apiKeys.size > 0,
      moreSkills: async () =>
        (await tools.list()).map(({ name, description }) => ({
          id: name,
          name,
          description,
          tags: ["tool"],
        })),
      waitMs: a2a.timeoutMs,
      clock,
      report: (what, cause) => problem(`${what}: ${Fault.of(cause).message}`),
    }),
    mcp: createMcpApp({
      service,
      version,
      waitMs: mcp.timeoutMs,
      sessions: { idleMs: mcp.idleMs },
      onError: report,
      clock,
    }),
  });
}
