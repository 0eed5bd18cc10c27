/**
 * Calling one tool of the workspace, or of a server it federates.
 *
 * @module
 */
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { Fault } from "../../messages/fault.ts";
import type { ToolItem } from "../../messages/tool.ts";
import type { Progress, ToolSource } from "../../../workspace/desk/desk.ts";
import type { Sign, Work } from "./open_call.ts";
import { errorResult, resultOf } from "./tool_results.ts";

/** Characters of a progress message. */
const MESSAGE_CHARS = 2_000;

/** Calls a tool. Whatever goes wrong with it is a result; only a tool that there is not is an error of the protocol. */
export function callingTool(
  tools: ToolSource,
  owner: string,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Work {
  return async ({ signal, person, tell }) => {
    const onItem = (item: ToolItem | Progress) => tell(signOf(item));
    try {
      const called = await tools.call(name, args, { owner, signal, onItem, ...(person && { person }) });
      const tool = (await tools.list()).find((tool) => tool.name === name);
      return resultOf(called, tool);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.code !== "unknown_tool") return errorResult(error.message);
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
    }
  };
}

/** What was allowed is no news to whoever asked for it. */
function signOf(item: ToolItem | Progress): Sign {
  switch (item.type) {
    case "progress":
      return item;
    case "output":
      return { message: item.text.slice(0, MESSAGE_CHARS) };
    case "decision": {
      const { allowed, tool, reason } = item.decision;
      return allowed ? {} : { message: `denied: ${tool}: ${reason}`.slice(0, MESSAGE_CHARS) };
    }
    case "call":
      return { message: `calls ${item.name}` };
  }
}
