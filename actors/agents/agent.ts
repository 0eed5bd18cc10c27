/**
 * The agent actor: runs a program with a model. Its worker has no permissions; all it reaches are the references in
 * its options.
 *
 * @module
 */
import { Agent } from "../../protocols/messages/agent.ts";
import { type ActorDefinition, defineActor, next } from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { runAgent } from "./agent_run.ts";
import type { AgentOptions } from "./agent_options.ts";

/** Answers `run`: see {@linkcode runAgent}. It keeps nothing between runs. */
export const agent: ActorDefinition<typeof Agent, AgentOptions> = defineActor({
  module: import.meta.url,
  protocol: Agent,
  init: (options: AgentOptions) => options,
  handle: {
    async run(options, request, context) {
      const outcome = await runAgent(options, request, {
        clock: context.clock,
        signal: context.signal,
        emit: (event) => context.send(event),
        startAgent: (name, options) =>
          context.children.start(name, agent, options, { restart: "on-failure" }),
        stopAgent: (name) => context.children.stop(name),
      });
      return next(options, outcome);
    },
  },
});

if (import.meta.main) serve(agent);
