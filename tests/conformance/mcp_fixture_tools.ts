/**
 * The fixture's tools: what results can hold, progress, logs, and tasks.
 *
 * @module
 */
import {
  acceptedContent,
  type CallToolRequest,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  type InputRequiredResult,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";
import type { ChangedList } from "../../protocols/mcp/server/offer.ts";
import { requireTasks, takesTasks, taskCreated } from "../../protocols/mcp/server/served_tasks.ts";
import { ASKING_TOOLS, elicit } from "./mcp_fixture_asking.ts";
import type { MadeTasks, TaskBody } from "./mcp_fixture_tasks.ts";
import { PNG, says, WAV } from "./mcp_fixture_texts.ts";

/** What the fixture's tools can reach. */
export interface Reach {
  readonly tasks: MadeTasks;
  seal(state: Record<string, unknown>, context: ServerContext): Promise<string>;
  changed(list: ChangedList): void;
}

/** What a call comes to. */
export type Answer = CallToolResult | InputRequiredResult;

/** One tool's work. */
export type FixtureTool = (
  args: Record<string, unknown>,
  context: ServerContext,
  reach: Reach,
) => Answer | Promise<Answer>;

/** The tools as they are listed, and their calls. */
export function fixtureTools(reach: Reach) {
  const tools: Record<string, FixtureTool> = { ...PLAIN, ...TASKS, ...ASKING_TOOLS };
  const listed = Object.keys(tools).map((name): Tool => ({
    name,
    description: `The suite's ${name}`,
    inputSchema: SCHEMAS[name] ?? { type: "object", properties: {} },
  }));
  return {
    listed,
    async call({ name, arguments: args = {} }: CallToolRequest["params"], context: ServerContext) {
      const tool = tools[name];
      if (tool === undefined) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool ${name}`);
      }
      return await tool(args, context, reach);
    },
  };
}

const resource = (uri: string, mimeType: string, text: string) => ({
  type: "resource" as const,
  resource: { uri, mimeType, text },
});
const IMAGE = { type: "image" as const, data: PNG, mimeType: "image/png" };

const PLAIN: Record<string, FixtureTool> = {
  test_simple_text: () => says("This is a simple text response for testing."),
  test_image_content: () => ({ content: [IMAGE] }),
  test_audio_content: () => ({ content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }] }),
  test_embedded_resource: () => ({
    content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  }),
  test_multiple_content_types: () => ({
    content: [
      { type: "text", text: "Multiple content types test:" },
      IMAGE,
      resource(
        "test://mixed-content-resource",
        "application/json",
        JSON.stringify({ test: "data", value: 123 }),
      ),
    ],
  }),
  test_error_handling: () => ({
    ...says("This tool intentionally returns an error for testing"),
    isError: true,
  }),
  test_mirrored_argument: ({ region }) => says(`Region ${region}`),
  json_schema_2020_12_tool: (args) => says(`Called with ${JSON.stringify(args)}`),
  async test_tool_with_logging(_args, { mcpReq }) {
    await mcpReq.log("info", "Tool execution started");
    await mcpReq.log("info", "Tool processing data");
    await mcpReq.log("info", "Tool execution completed");
    return says("Tool with logging executed successfully");
  },
  async test_logging_tool(_args, { mcpReq }) {
    await mcpReq.log("info", "Diagnostic trace logging activated");
    return says("Logging evaluated");
  },
  test_tool_with_progress: (_args, context) => withProgress(context),
  test_streaming_elicitation: (_args, context) => withProgress(context),
  async test_reconnection(_args, { http }) {
    http?.closeSSE?.();
    await after(100);
    return says("Reconnection test completed successfully.");
  },
  test_missing_capability(_args, { mcpReq }) {
    const envelope = mcpReq.envelope as Record<string, unknown> | undefined;
    const declared = envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
    if (declared?.sampling) return says("Success");
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
  },
  test_trigger_tool_change: (_args, _context, { changed }) => (changed("tools"), says("Mutation triggered")),
  test_trigger_prompt_change: (
    _args,
    _context,
    { changed },
  ) => (changed("prompts"), says("Mutation triggered")),
};

async function withProgress({ mcpReq }: ServerContext): Promise<CallToolResult> {
  const progressToken = mcpReq._meta?.progressToken ?? 0;
  for (const progress of [0, 50, 100]) {
    const message = `Completed step ${progress} of 100`;
    await mcpReq.notify({
      method: "notifications/progress",
      params: { progressToken, progress, total: 100, message },
    });
  }
  return says(String(progressToken));
}

/** A tool that becomes a task where the client takes tasks, and is waited for where not. */
function asTask(body: (args: Record<string, unknown>) => TaskBody, required = false): FixtureTool {
  return async (args, context, { tasks }) => {
    if (required) requireTasks(context);
    if (takesTasks(context)) return taskCreated(tasks.start(body(args)));
    const ask = () => Promise.reject(new Error("nobody to ask"));
    return await body(args)({ signal: context.mcpReq.signal, ask });
  };
}

const CONFIRM = elicit("Sure?", { confirm: { type: "boolean" } });

const TASKS: Record<string, FixtureTool> = {
  greet: ({ name }) => says(`Hello, ${name}!`),
  slow_compute: asTask(({ seconds, label }) => async ({ signal }) => {
    await after(Number(seconds) * 1_000, signal);
    return says(`Computed ${label}`);
  }),
  failing_job: asTask(() => () => Promise.resolve({ ...says("The job failed"), isError: true }), true),
  protocol_error_job: asTask(() => () => Promise.reject(new Error("it crashed"))),
  confirm_delete: asTask(({ filename }) => async ({ ask }) => {
    const content = acceptedContent({ answer: await ask("confirm", CONFIRM) }, "answer");
    return says(content?.confirm === true ? `Deleted ${filename}` : "Kept");
  }),
  multi_input: asTask(() => async ({ ask }) => {
    const answers = await Promise.all([ask("first", CONFIRM), ask("second", CONFIRM)]);
    return says(`Got ${answers.length} answers`);
  }),
  test_tool_with_task(_args, context, { tasks }) {
    requireTasks(context);
    const content = acceptedContent(context.mcpReq.inputResponses, "user_name");
    if (content === undefined) {
      const request = elicit("What is your name?", { name: { type: "string" } });
      return inputRequired({ inputRequests: { user_name: request } });
    }
    return taskCreated(tasks.start(() => Promise.resolve(says(`Hello, ${content.name}!`))));
  },
};

/** Resolves after `ms` milliseconds, or when nobody waits any more. */
function after(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  return promise;
}

const RICH_SCHEMA: Tool["inputSchema"] = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

/** Of the tools whose schemas matter to the suite. */
const SCHEMAS: Record<string, Tool["inputSchema"]> = {
  json_schema_2020_12_tool: RICH_SCHEMA,
  test_mirrored_argument: {
    type: "object",
    properties: { region: { type: "string", "x-mcp-header": "Region" } },
    required: ["region"],
  },
};
