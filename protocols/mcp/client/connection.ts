/**
 * The actor that holds the connection to one MCP server.
 *
 * Its worker may reach that server and nothing else: run its program, or connect to its host and port. It is there when its
 * server is not, and says so; it dies only of its own mistakes.
 *
 * @module
 */
import { McpConnection } from "../../messages/mcp_connection.ts";
import type { ActorRef } from "../../messages/ref.ts";
import {
  type ActorDefinition,
  type Context,
  defineActor,
  later,
  next,
} from "../../../supervisor/actor/define.ts";
import { serve } from "../../../supervisor/actor/serve.ts";
import { guardThrough, type ServerGuard } from "./server_guard.ts";
import { type LinkParts, ServerLink } from "./server_link.ts";

/** What {@linkcode mcpConnection} is started with. */
export interface McpConnectionOptions extends Omit<LinkParts, "guard"> {
  /** Who guards its program; null where that cannot be, or it has none. */
  readonly guard: ActorRef<typeof ServerGuard> | null;
}

/** Answers `state`, `call` and `answer`; see {@linkcode McpConnection}. */
export const mcpConnection: ActorDefinition<typeof McpConnection, McpConnectionOptions> = defineActor({
  module: import.meta.url,
  protocol: McpConnection,
  init({ guard, ...parts }: McpConnectionOptions, context: Context): ServerLink {
    const link = new ServerLink(
      { ...parts, guard: guard === null ? null : () => guardThrough(guard) },
      context,
    );
    link.start(); // it is not waited for: what starts after this one needs no server
    return link;
  },
  handle: {
    state: (link, _request, context) => later(link, link.watch(context)),
    call: (link, { tool, arguments: args }, context) => later(link, link.call(tool, args, context)),
    answer(link, { id, verdict }) {
      link.answer(id, verdict);
      return next(link);
    },
  },
  terminate: (link) => link.stop(),
});

if (import.meta.main) serve(mcpConnection);
