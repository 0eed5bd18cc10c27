/**
 * Which crew works on a run: the person's model and tools, the demonstration's, or, for a replay, nobody.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { Fault } from "../../protocols/messages/fault.ts";
import type { ProgramName } from "../../actors/agents/agent_options.ts";
import { grantFor } from "../../actors/models/endpoint.ts";
import { openAi } from "../../actors/models/openai.ts";
import { scripted } from "../../actors/models/scripted.ts";
import { type Fingerprint, fingerprints, randomBases } from "../../sandbox/secrets/fingerprint.ts";
import { child } from "../../supervisor/tree/spec.ts";
import type { Endpoint } from "../config/endpoints.ts";
import { type Config, localEndpoint } from "../config/load.ts";
import { probeOllama } from "../config/ollama.ts";
import { requireKnownPrices } from "../prices/prices.ts";
import { type Crew, crew, type CrewParts, MODEL } from "./crew.ts";
import { DEMO, demoCrew } from "./demo.ts";
import type { Beyond } from "./extension.ts";
import type { ChooseCrew } from "./runtime.ts";
import type { DeniedTool, Tool, Toolkit } from "./toolkit.ts";
import { type Executor, workspaceTools } from "./workspace_tools.ts";

/** What a person may say beside the configuration. */
export interface Choices {
  /** Address of the model; kept with the run, as no configuration would know it again. */
  readonly baseUrl?: string;
  /** Default `react`. */
  readonly program?: ProgramName;
  /** Default `pyodide`. */
  readonly executor?: Executor;
}

/** What a run was begun with; the command line may say otherwise. */
export type Recorded = Readonly<Partial<Record<"model" | "baseUrl" | "workspace", string>>>;

/** Levels of sub-agents below the agent people talk to. */
const MAY_DELEGATE = 1;

/**
 * Chooses by the configuration. A recorded run keeps the program, instructions and tools it began with, and unless
 * the command line names others also its model and its workspace.
 */
export function chooseCrewBy(configure: (recorded: Recorded) => Config, choices: Choices): ChooseCrew {
  return async (setup, limits, replay, beyond): Promise<Crew> => {
    if (setup.crew === DEMO) {
      const config = configure({});
      return demoCrew(config.workspace, pythonOf(config));
    }
    const { model, baseUrl = choices.baseUrl, workspace } = setup as Recorded;
    const config = configure({ model, baseUrl, workspace });
    const executor = (setup.executor ?? choices.executor ?? "pyodide") as Executor;
    const program = (setup.program ?? choices.program ?? "react") as ProgramName;
    const endpoints = replay ? [] : await endpointsOf(config);
    if (!replay) requireKnownPrices(endpoints, limits);
    const [first] = endpoints;
    const agent: CrewParts["agent"] = {
      name: "agent",
      modelName: String(first?.model ?? model),
      price: first?.price ?? null,
      program,
      system: setup.system as string | undefined,
      contextWindow: Number(setup.contextWindow ?? first?.contextWindow),
      mayDelegate: MAY_DELEGATE,
      secrets: fingerprintsOf(config.keys),
      setup: { executor, baseUrl, workspace: config.workspace },
    };
    const kit = withBeyond(toolkitOf(config, executor), beyond);
    return { ...crew({ model: modelAt(endpoints), ...kit, agent }), workspace: config.workspace };
  };
}

/** The tools of a configured workspace. */
export function toolkitOf(config: Config, executor: Executor): Toolkit {
  const { workspace, tools } = config;
  return workspaceTools({ ...tools, workspace, executor, python: pythonOf(config) });
}

/** What is taken out of all that is kept or told. */
export function fingerprintsOf(keys: Config["keys"]): Fingerprint[] {
  const bases = randomBases();
  return [...keys].flatMap(([name, key]) => fingerprints(name, key.reveal(), bases));
}

/** A tool from beyond does not take the place of one of ours. */
function withBeyond(kit: Toolkit, { tools, denied, colleagues }: Beyond): Omit<CrewParts, "model" | "agent"> {
  const own = new Set([...kit.tools, ...kit.denied].map(({ definition }) => definition.tool.name));
  const isNew = ({ definition }: Tool | DeniedTool) => !own.has(definition.tool.name);
  return {
    tools: [...kit.tools, ...tools.filter(isNew)],
    denied: [...kit.denied, ...denied.filter(isNew)],
    actors: kit.actors,
    colleagues,
  };
}

/** What pins packages lies where no agent can write. */
function pythonOf({ cache, db, python }: Config) {
  return { cache, lock: join(dirname(db), "python.lock.json"), settings: python };
}

/** The model behind these endpoints; behind none, one that has nothing to say. */
function modelAt(endpoints: readonly Endpoint[]) {
  const [first] = endpoints;
  if (first === undefined) return child(MODEL, scripted, { model: "none", script: [] }, { lazy: true });
  const asked = endpoints.map(({ apiKey, ...endpoint }) => ({ ...endpoint, apiKey: apiKey.reveal() }));
  return child(MODEL, openAi, { endpoints: asked }, { grant: grantFor(endpoints) });
}

/** Those of the configuration, else a local Ollama that answers. */
async function endpointsOf(config: Config): Promise<readonly Endpoint[]> {
  const { endpoints, noEndpoint } = config;
  if (noEndpoint === undefined) return endpoints;
  const found = noEndpoint.ollama === undefined ? undefined : await probeOllama(noEndpoint.ollama);
  if (found !== undefined) return [localEndpoint(config, noEndpoint.ollama!, found)];
  throw new Fault(
    "no_model",
    `Cannot run without a model: ${noEndpoint.message}`,
  );
}
