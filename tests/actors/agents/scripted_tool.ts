/**
 * A concurrent tool that does what a script says, as the code of execute_python would: the real handlers of a defined
 * tool behind a reference without a kernel.
 *
 * @module
 */
import type { AgentTool } from "../../../actors/agents/tool_calls.ts";
import type { ToolContext } from "../../../actors/tools/invocation.ts";
import { defineTool, type ToolDefinition } from "../../../actors/tools/tool.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { ToolItem, ToolOutcome, ToolProtocol } from "../../../protocols/messages/tool.ts";
import { Deferred, type Next, type StreamContext } from "../../../supervisor/actor/define.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { fakeRef } from "./fakes.ts";

/** What the tool does. A Fault of code `broken` is the death of its actor. */
export type Script = (context: ToolContext) => Promise<ToolOutcome | string>;

/** The tool `script`; a new one is a new process. */
export function scripted(script: Script, more: Partial<AgentTool> = {}, concurrent = true): AgentTool {
  const definition = defineTool({
    module: import.meta.url,
    name: "script",
    description: "Does what it is told.",
    parameters: (z) => z.object({}),
    settle: "repeatable",
    concurrent,
    invoke: (_state, _args, context) => script(context),
  });
  return {
    spec: { name: "script", description: "", parameters: { type: "object" } },
    settle: "repeatable",
    ref: servedBy(definition),
    ...more,
  };
}

function servedBy(definition: ToolDefinition): ActorRef<ToolProtocol> {
  const { init, handle } = definition.behaviour;
  const state = Promise.resolve(init({}, {} as StreamContext<ToolItem>));
  return fakeRef<ActorRef<ToolProtocol>>("script", {
    async stream(_name, args, send, signal) {
      const push = (item: ToolItem) => void send(item).catch(() => {}); // who gave up hears no more
      const context = { clock: new HandClock(), signal, push, newId: () => crypto.randomUUID() };
      try {
        const next = await handle.invoke!(await state, args as never, context as never) as Next<
          unknown,
          unknown
        >;
        return await (next.reply instanceof Deferred ? next.reply.promise : next.reply);
      } catch (error) {
        throw error instanceof Fault
          ? error
          : new Fault("died", `the actor died: ${Fault.of(error).message}`);
      }
    },
    cast: (_name, answer) => void state.then((state) => handle.answer!(state, answer as never, {} as never)),
  });
}

/** The content of a nested call that must succeed. */
export async function used(
  context: ToolContext,
  name: string,
  args: Record<string, unknown>,
): Promise<string> {
  const outcome = await context.use(name, args);
  return outcome.ok ? outcome.content : `${outcome.kind}: ${outcome.message}`;
}
