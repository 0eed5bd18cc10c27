/**
 * A run of an agent that thinks: its program, played with a model.
 *
 * @module
 */
import type { RunOutcome } from "../../protocols/messages/run.ts";
import { journalOver, patient } from "../../supervisor/durable/journal.ts";
import type { AgentOptions, World } from "./agent_options.ts";
import type { RunRequest } from "./follow.ts";
import { Interpreter } from "./interpreter.ts";
import { type Life, liveRun, type Player, type Playing } from "./run_life.ts";
import { admit, newRecord, programOf, startedEvent } from "./run_opening.ts";

/**
 * Runs a task, goes on with it, or replays it.
 * @throws {Fault} as {@linkcode liveRun}.
 */
export function runAgent(options: AgentOptions, request: RunRequest, world: World): Promise<RunOutcome> {
  const life: Life = {
    name: options.name,
    journal: patient(journalOver(options.journal), world.clock),
    world,
    ...(options.secrets === undefined ? {} : { secrets: options.secrets }),
    admit: () => admit(options, request),
    recordOf: (now) => newRecord(options, request, now),
    startedEvent: (record) => startedEvent(options, record),
    player: (playing) => playerOf(options, playing, world),
  };
  return liveRun(life, request);
}

function playerOf(
  options: AgentOptions,
  { record, emit, signal, ...playing }: Playing,
  world: World,
): Player {
  const interpreter = new Interpreter({ ...playing, options, world: { ...world, emit, signal } });
  return {
    get lastText() {
      return interpreter.lastText;
    },
    get spent() {
      return interpreter.spent;
    },
    play: () => interpreter.play(programOf(options, record)),
  };
}
