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
import type { Child } from "../../supervisor/tree/spec.ts";
import type { Extension } from "./extension.ts";
import { openRuntime, type RootRuntime } from "./runtime.ts";

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

/** What is added to a configured runtime. */
export interface Additions {
  /** Made of the configuration: what comes to the crews from beyond this machine. Default nothing. */
  readonly extend?: Extend;
  /** Actors that outlive runs, started after the store. Default none. */
  readonly standing?: (config: Config) => readonly Child[];
}

/** Makes the extensions that a configuration asks for. */
export type Extend = (config: Config) => Promise<readonly Extension[]>;

/** A runtime, and what it was opened with. */
export interface ConfiguredRuntime {
  readonly runtime: RootRuntime;
  readonly config: Config;
  readonly extensions: readonly Extension[];
}

/**
 * Loads the configuration and opens the database.
 * @throws {Fault} codes `config_...`, `store_...`.
 */
export async function openConfiguredRuntime(
  settings: RuntimeSettings,
  additions: Additions = {},
): Promise<RootRuntime> {
  return (await openConfigured(settings, additions)).runtime;
}

/** The same, for who needs to know the configuration too. */
export async function openConfigured(
  settings: RuntimeSettings,
  { extend, standing }: Additions,
): Promise<ConfiguredRuntime> {
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
  const extensions = await extend?.(config) ?? [];
  const runtime = await openRuntime({
    db: config.db,
    workspace: config.workspace,
    limits: config.limits,
    crew: chooseCrewBy(configure, { baseUrl, program, executor }),
    demo: { task: DEMO_TASK, setup: { crew: DEMO } },
    onEvent: (event, tree, setup) => setup.crew === DEMO ? accident(event, tree) : undefined,
    standing: standing?.(config) ?? [],
    extensions,
  });
  return { runtime, config, extensions };
}
