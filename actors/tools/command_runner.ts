/**
 * The actor that starts the one program its grant names.
 *
 * `run_command` starts one for each command and hands it the program; ending what the program started is for who watches
 * it from outside.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { protocol } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import {
  type OnOutput,
  type ProgramExit,
  type ProgramSpec,
  type RunningProgram,
  startProgram,
} from "../../sandbox/process/program.ts";
import { type ActorDefinition, defineActor, next } from "../../supervisor/actor/define.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { NoOptions } from "./tool.ts";

/** The protocol of {@linkcode commandRunner}. */
export const CommandRunner = protocol("command_runner", (z) => ({
  /** Stream. Runs a program until it and its output have ended. Faults: `not_found`, `denied`, `failed`. */
  run: {
    request: z.object({
      program: z.string(),
      args: z.array(z.string()),
      cwd: z.string(),
      env: z.record(z.string(), z.string()),
      outputBytes: z.int().min(0),
    }),
    item: z.discriminatedUnion("type", [
      z.object({ type: z.literal("started"), pid: z.int() }),
      z.object({ type: z.literal("output"), channel: z.enum(["stdout", "stderr"]), text: z.string() }),
      z.object({ type: z.literal("exited"), exitCode: z.int().nullable(), signal: z.string().nullable() }),
    ]),
    reply: z.object({
      stdout: z.string(),
      stderr: z.string(),
      dropped: z.object({ stdout: z.int(), stderr: z.int() }),
    }),
  },
}));

/** What {@linkcode commandRunner} needs for one program: to run it, and nothing else. */
export const commandRunnerGrant = (program: string): Permissions => ({ run: [program] });

/** Answers `run`. */
export const commandRunner: ActorDefinition<typeof CommandRunner, NoOptions> = defineActor({
  module: import.meta.url,
  protocol: CommandRunner,
  init: (_options: NoOptions) => null,
  handle: {
    async run(state, spec, context) {
      // Who gave up hears nothing any more; the program is not this actor's to end.
      const unheard = (error: unknown) => {
        if (!(error instanceof Fault)) throw error;
      };
      const program = startProgram(
        spec,
        (channel, text) => void context.send({ type: "output", channel, text }).catch(unheard),
      );
      await context.send({ type: "started", pid: program.pid }).catch(unheard);
      await context.send({ type: "exited", ...await program.exited }).catch(unheard);
      return next(state, await program.output);
    },
  },
});

/** Starts programs in that actor. */
export function startThrough(runner: ActorRef<typeof CommandRunner>, timeoutMs: number) {
  return async (spec: ProgramSpec, onOutput: OnOutput = () => {}): Promise<RunningProgram> => {
    const stream = runner.stream("run", { ...spec, args: [...spec.args], env: { ...spec.env } }, {
      timeoutMs,
    });
    const started = Promise.withResolvers<number>();
    const exited = Promise.withResolvers<ProgramExit>();
    const listen = async () => {
      for await (const item of stream) {
        if (item.type === "started") started.resolve(item.pid);
        else if (item.type === "output") onOutput(item.channel, item.text);
        else exited.resolve({ exitCode: item.exitCode, signal: item.signal });
      }
    };
    const failed = (error: unknown) => (started.reject(error), exited.reject(error));
    listen().then(() => stream.reply).catch(failed);
    exited.promise.catch(() => {}); // whoever awaits `started` hears it too
    return { pid: await started.promise, exited: exited.promise, output: stream.reply };
  };
}

if (import.meta.main) serve(commandRunner);
