/**
 * A tool called directly, without a worker around it.
 *
 * @module
 */
import type { ZodRawShape } from "zod";
import type { ToolItem, ToolOutcome } from "../../../protocols/messages/tool.ts";
import { Deferred, type StreamContext } from "../../../supervisor/actor/define.ts";
import type { ToolDefinition } from "../../../actors/tools/tool.ts";
import { HandClock } from "../../support/hand_clock.ts";

/** Opens the tool, invokes it once and gives what it answers; what it says meanwhile is added to `items`. */
export async function invoke<Options, Shape extends ZodRawShape>(
  definition: ToolDefinition<Options, Shape>,
  options: Options,
  args: unknown,
  clock = new HandClock(),
  items: ToolItem[] = [],
): Promise<ToolOutcome> {
  let ids = 0;
  const context = {
    clock,
    newId: () => `id${ids++}`,
    signal: new AbortController().signal,
    push: (item: ToolItem) => void items.push(item),
  } as unknown as StreamContext<ToolItem>;
  const state = await definition.behaviour.init(options, context);
  const { reply } = await definition.behaviour.handle.invoke!(state, args as never, context);
  return await (reply instanceof Deferred ? reply.promise : reply as unknown) as ToolOutcome;
}

/** The content of a tool that must succeed. */
export async function content<Options, Shape extends ZodRawShape>(
  definition: ToolDefinition<Options, Shape>,
  options: Options,
  args: unknown,
): Promise<string> {
  const outcome = await invoke(definition, options, args);
  if (!outcome.ok) throw new Error(`${definition.tool.name} failed: ${outcome.message}`);
  return outcome.content;
}
