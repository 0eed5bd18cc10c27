/**
 * A runtime whose scripted agent asks one remote agent. Run as a program it starts one run and says what it is told,
 * until it is killed; arguments: a JSON object, see `Orders`.
 *
 * @module
 */
import { scripted } from "../../../../actors/models/scripted.ts";
import { FREE } from "../../../../actors/models/price.ts";
import { remoteAgents } from "../../../../protocols/a2a/client/remote_agents.ts";
import type { RunEvent } from "../../../../protocols/messages/run.ts";
import { child } from "../../../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../../../supervisor/tree/supervisor.ts";
import { Secret } from "../../../../workspace/config/secret.ts";
import { crew, MODEL } from "../../../../workspace/runtime/crew.ts";
import { openRuntime, type RootRuntime } from "../../../../workspace/runtime/runtime.ts";

/** What is run where. */
export interface Orders {
  readonly folder: string;
  /** Address of the remote agent. */
  readonly card: string;
  /** What the remote agent is asked. */
  readonly task: string;
}

/** The run's id. */
export const RUN = "r";

/** Opens a runtime on that folder; its agent asks the remote one once, and answers with what it said. */
export function open(
  { folder, card, task }: Orders,
  onEvent?: (event: RunEvent, tree: Supervisor) => void,
): Promise<RootRuntime> {
  const script = [
    { text: "", toolCalls: [{ name: "ask_weather", arguments: { task } }] },
    { text: "It said: {result}" },
  ];
  const credential = { header: "Authorization", value: new Secret("Bearer w-token-1") };
  return openRuntime({
    db: `${folder}/runs.db`,
    workspace: `${folder}/workspace`,
    limits: { turns: 9 },
    extensions: [remoteAgents([{ name: "weather", card, timeoutMs: 60_000, credential }])],
    crew: (_setup, _limits, _replay, { colleagues }) =>
      Promise.resolve(crew({
        model: child(MODEL, scripted, { model: "scripted", script }),
        tools: [],
        colleagues,
        agent: {
          name: "agent",
          modelName: "scripted",
          price: FREE,
          program: "react",
          contextWindow: 100_000,
        },
      })),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
}

if (import.meta.main) {
  const runtime = await open(JSON.parse(Deno.args[0]!));
  const { events } = await runtime.start("How is it?", {}, { run: RUN });
  for await (const event of events) {
    await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(event)}\n`));
  }
}
