/**
 * A tool called directly, without a worker around it.
 *
 * @module
 */
import type { ZodRawShape } from "zod";
import type { ToolOutcome } from "../../../protocols/messages/tool.ts";
import type { StreamContext } from "../../../supervisor/actor/define.ts";
import type { ToolDefinition } from "../../../actors/tools/tool.ts";
import { HandClock } from "../../support/hand_clock.ts";

/** Opens the tool, invokes it once and gives what it answers. */
export async function invoke<Options, Shape extends ZodRawShape>(
  definition: ToolDefinition<Options, Shape>,
  options: Options,
  args: unknown,
  clock = new HandClock(),
): Promise<ToolOutcome> {
  let ids = 0;
  const context = { clock, newId: () => `id${ids++}` } as unknown as StreamContext<never>;
  const state = await definition.behaviour.init(options, context);
  const { reply } = await definition.behaviour.handle.invoke!(state, args as never, context);
  return reply as unknown as ToolOutcome;
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
