/**
 * The runtime as people configure it: with this process's folder, environment and command line.
 *
 * @module
 */
import { dirname } from "node:path";
import { configHere } from "../config/here.ts";
import type { Config } from "../config/load.ts";
import { type Choices, chooseCrewBy, type Recorded } from "./choose_crew.ts";
import { DEMO, DEMO_TASK, demoAccident } from "./demo.ts";
import { unpackWithin } from "./native_folder.ts";
import { openRuntime, type Runtime } from "./runtime.ts";

/** What the command line says; what is absent comes from configuration or defaults. */
export interface RuntimeSettings extends Choices {
  /** As its provider names it. */
  readonly model?: string;
  /** Directory. */
  readonly workspace?: string;
  /** Database file. */
  readonly db?: string;
  /** Configuration file. */
  readonly config?: string;
}

/**
 * Loads the configuration and opens the database.
 * @throws {Fault} codes `config_...`, `store_...`.
 */
export async function openConfiguredRuntime(settings: RuntimeSettings): Promise<Runtime> {
  const { config: file, program, executor, model, baseUrl, workspace, db } = settings;
  const configure = (recorded: Recorded): Config =>
    configHere({
      model: model ?? recorded.model,
      baseUrl: baseUrl ?? recorded.baseUrl,
      workspace: workspace ?? recorded.workspace,
      db,
    }, file);
  const config = configure({});
  if (Deno.build.standalone) unpackWithin(dirname(config.db));
  const accident = demoAccident();
  return await openRuntime({
    db: config.db,
    workspace: config.workspace,
    limits: config.limits,
    crew: chooseCrewBy(configure, { baseUrl, program, executor }),
    demo: { task: DEMO_TASK, setup: { crew: DEMO } },
    onEvent: (event, tree, setup) => setup.crew === DEMO ? accident(event, tree) : undefined,
  });
}
