/**
 * What Troupe offers over MCP: its tools, the agent of the workspace, files and transcripts.
 *
 * @module
 */
import {
  type CallToolResult,
  createRequestStateCodec,
  type GetPromptResult,
  type InputRequiredResult,
  type Prompt,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { clock as systemClock } from "../../../supervisor/actor/context.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import type { Caller } from "../../../workspace/service/caller.ts";
import type { Service } from "../../../workspace/service/service.ts";
import { Fault } from "../../messages/fault.ts";
import { canAsk } from "./elicitation.ts";
import { boundTo, type Offer } from "./offer.ts";
import { type CarriedState, OpenCalls, WAIT_MS } from "./open_calls.ts";
import { RUN_TASK, RUN_TASK_TOOL, runningTask, wantedOf } from "./run_task.ts";
import { servedRuns, servedTask } from "./served_runs.ts";
import { takesTasks, taskCreated } from "./served_tasks.ts";
import { callingTool } from "./tool_call.ts";
import { wireTools } from "./tool_list.ts";
import { errorResult } from "./tool_results.ts";
import { listTranscripts, readTranscript, RUNS } from "./transcripts.ts";
import { FILES, listFiles, readFileAt } from "./workspace_files.ts";

/** What is served. */
export type Served = Pick<Service, "tasks" | "tools" | "runtime"> & {
  readonly config: Pick<Service["config"], "workspace">;
};

/** How it is served. */
export interface OfferOptions {
  /** Of this program. */
  readonly version: string;
  /** Milliseconds a call may take without a sign of life; it is then given up. Default without bound. */
  readonly waitMs?: number;
  /** Default the system's. */
  readonly clock?: Clock;
}

const INSTRUCTIONS = "run_task gives a whole task to the workspace's agent; the other tools are its single " +
  "steps. Files of the workspace and transcripts of tasks are resources.";

const TASK_PROMPT: Prompt = {
  name: "delegate",
  title: "Give a task to the workspace's agent",
  description: "Has the agent of this workspace do a task, and reports its answer",
  arguments: [{ name: "task", description: "What is to be done", required: true }],
};

/** Everything of a workspace. When it is closed calls are given up, and tasks go on. */
export function workspaceOffer(
  served: Served,
  { version, waitMs, clock = systemClock }: OfferOptions,
): Offer {
  const codec = createRequestStateCodec<CarriedState>({
    key: crypto.getRandomValues(new Uint8Array(32)),
    ttlSeconds: WAIT_MS / 1_000,
    bind: boundTo,
  });
  const calls = new OpenCalls((state, context) => codec.mint(state, context), { clock, waitMs });
  return {
    identity: { name: "troupe", title: "Troupe", version },
    options: {
      instructions: INSTRUCTIONS,
      capabilities: { tools: { listChanged: true }, resources: {}, prompts: {} },
      requestState: { verify: (state, context) => codec.verify(state, context) },
      inputRequired: { maxRounds: 1_000, roundTimeoutMs: WAIT_MS },
    },
    tasks: servedRuns(served.tasks),
    tools: () => allTools(served),
    onChange: (listener) => served.tools.onChange(() => listener("tools")),
    register(server, caller) {
      server.setRequestHandler("tools/list", async () => ({ tools: await allTools(served) }));
      server.setRequestHandler("tools/call", async ({ params: { name, arguments: args = {} } }, context) => {
        if (name === RUN_TASK) return await runTask(served, calls, server, caller, args, context);
        const asks = canAsk(server, context);
        return await calls.answer(context, name, asks, callingTool(served.tools, caller.owner, name, args));
      });
      registerResources(server, served, caller);
      registerPrompts(server);
    },
    close: () => calls.close(),
  };
}

const withOurs = new WeakMap<readonly unknown[], ReturnType<typeof wireTools>[number][]>();

async function allTools({ tools }: Served) {
  const listed = wireTools(await tools.list());
  const known = withOurs.get(listed);
  if (known !== undefined) return known;
  const all = [RUN_TASK_TOOL, ...listed.filter(({ name }) => name !== RUN_TASK)];
  withOurs.set(listed, all);
  return all;
}

async function runTask(
  { tasks }: Served,
  calls: OpenCalls,
  server: Server,
  { owner }: Caller,
  args: Readonly<Record<string, unknown>>,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const wanted = wantedOf(args);
  if (typeof wanted === "string") return errorResult(wanted);
  try {
    if (takesTasks(context)) {
      return taskCreated(servedTask(await tasks.start(owner, wanted.text, { limits: wanted.limits })));
    }
    return await calls.answer(context, RUN_TASK, canAsk(server, context), runningTask(tasks, owner, wanted));
  } catch (error) {
    if (error instanceof Fault) return errorResult(error.message);
    throw error;
  }
}

function registerResources(server: Server, served: Served, { owner }: Caller): void {
  server.setRequestHandler("resources/list", async () => ({
    resources: [...await listFiles(served.config.workspace), ...await listTranscripts(served, owner)],
  }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [
      { uriTemplate: `${FILES}{+path}`, name: "file", description: "A file of the workspace" },
      {
        uriTemplate: `${RUNS}{id}`,
        name: "transcript",
        description: "What happened in one of your tasks",
        mimeType: "application/json",
      },
    ],
  }));
  server.setRequestHandler("resources/read", async ({ params: { uri } }) => {
    if (uri.startsWith(RUNS)) return { contents: [await readTranscript(served, owner, uri)] };
    if (uri.startsWith(FILES)) return { contents: [await readFileAt(served.config.workspace, uri)] };
    throw new ResourceNotFoundError(uri);
  });
}

function registerPrompts(server: Server): void {
  server.setRequestHandler("prompts/list", () => ({ prompts: [TASK_PROMPT] }));
  server.setRequestHandler("prompts/get", ({ params: { name, arguments: args } }): GetPromptResult => {
    if (name !== TASK_PROMPT.name) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt ${name}`);
    }
    if (!args?.task) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "The prompt needs a task");
    const text = `Call the tool ${RUN_TASK} with the following task, then report its answer.\n\n${args.task}`;
    return {
      description: TASK_PROMPT.description,
      messages: [{ role: "user", content: { type: "text", text } }],
    };
  });
}
