/**
 * The fixture's tools that ask the client: in the middle of a call in the legacy era, by an input-required result in the
 * modern one.
 *
 * @module
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type ElicitRequestFormParams,
  type InputRequests,
  inputRequired,
  inputResponse,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { says } from "./mcp_fixture_texts.ts";
import type { FixtureTool } from "./mcp_fixture_tools.ts";

type Schema = ElicitRequestFormParams["requestedSchema"];

/** An embedded question for an object with these properties. */
export function elicit(
  message: string,
  properties: Schema["properties"],
  required = Object.keys(properties),
): InputRequests[string] {
  return inputRequired.elicit({ message, requestedSchema: { type: "object", properties, required } });
}

/** Asks in the middle of a call and says what came back. */
function asksNow(what: string, form: (args: Record<string, unknown>) => [string, Schema]): FixtureTool {
  return async (args, { mcpReq }) => {
    const [message, requestedSchema] = form(args);
    const { action, content = {} } = await mcpReq.elicitInput({ mode: "form", message, requestedSchema });
    return says(`${what}: action=${action}, content=${JSON.stringify(content)}`);
  };
}

/** Asks for something by a result, and ends with `done` once the answer has come. */
function asksFirst(
  requests: () => InputRequests,
  done: (context: ServerContext) => string | null,
  state?: Record<string, unknown>,
): FixtureTool {
  return async (_args, context, { seal }) => {
    const text = state === undefined || context.mcpReq.requestState() !== undefined ? done(context) : null;
    if (text !== null) return says(text);
    const requestState = state && await seal({ ...state, nonce: crypto.randomUUID() }, context);
    return inputRequired({ inputRequests: requests(), ...(requestState !== undefined && { requestState }) });
  };
}

const NAME = { name: { type: "string" as const } };
const OK = { ok: { type: "boolean" as const } };

const sample = (text: string) =>
  inputRequired.createMessage({
    messages: [{ role: "user", content: { type: "text", text } }],
    maxTokens: 100,
  });

/** The text field of an accepted form; null before it was answered so. */
function field({ mcpReq }: ServerContext, key: string, name: string): string | null {
  const answer = inputResponse(mcpReq.inputResponses, key);
  const value = answer.kind === "elicit" ? answer.content?.[name] : undefined;
  return value === undefined ? null : String(value);
}

function answered({ mcpReq }: ServerContext, key: string) {
  return inputResponse(mcpReq.inputResponses, key);
}

/** By name. */
export const ASKING_TOOLS: Record<string, FixtureTool> = {
  async test_sampling({ prompt }, { mcpReq }) {
    const messages = [{ role: "user" as const, content: { type: "text" as const, text: String(prompt) } }];
    const { content } = await mcpReq.requestSampling({ messages, maxTokens: 100 });
    return says(`LLM response: ${JSON.stringify(content)}`);
  },
  test_elicitation: asksNow("User response", ({ message }) => [String(message), {
    type: "object",
    properties: { username: { type: "string" }, email: { type: "string" } },
    required: ["username", "email"],
  }]),
  test_elicitation_sep1034_defaults: asksNow("Elicitation completed", () => ["Please review the defaults", {
    type: "object",
    properties: {
      name: { type: "string", description: "User name", default: "John Doe" },
      age: { type: "integer", description: "User age", default: 30 },
      score: { type: "number", description: "User score", default: 95.5 },
      status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
      verified: { type: "boolean", description: "Verification status", default: true },
    },
    required: [],
  }]),
  test_elicitation_sep1330_enums: asksNow("Elicitation completed", () => ["Please select", ENUMS]),
  test_input_required_result_elicitation: asksFirst(
    () => ({ user_name: elicit("What is your name?", NAME) }),
    (context) => {
      const name = field(context, "user_name", "name");
      return name && `Hello, ${name}!`;
    },
  ),
  test_input_required_result_sampling: asksFirst(
    () => ({ sample_request: sample("What is the capital of France?") }),
    (context) => {
      const answer = answered(context, "sample_request");
      return answer.kind === "sampling" ? `Sampling result: ${JSON.stringify(answer.result.content)}` : null;
    },
  ),
  test_input_required_result_list_roots: asksFirst(
    () => ({ roots_request: inputRequired.listRoots() }),
    (context) => {
      const answer = answered(context, "roots_request");
      return answer.kind === "roots" ? `Found ${answer.roots.length} root(s)` : null;
    },
  ),
  test_input_required_result_request_state: asksFirst(
    () => ({ confirm: elicit("Please confirm", OK) }),
    (context) => field(context, "confirm", "ok") && "state-ok: requestState validated",
    { kind: "request-state" },
  ),
  test_input_required_result_tampered_state: asksFirst(
    () => ({ confirm: elicit("Please confirm", OK) }),
    (context) => field(context, "confirm", "ok") && "integrity-ok: state verified",
    { kind: "tamper-test" },
  ),
  test_input_required_result_multiple_inputs: asksFirst(
    () => ({
      user_name: elicit("What is your name?", NAME),
      greeting: sample("Generate a greeting"),
      client_roots: inputRequired.listRoots(),
    }),
    (context) => {
      const roots = answered(context, "client_roots");
      const name = field(context, "user_name", "name");
      if (name === null || roots.kind !== "roots" || answered(context, "greeting").kind !== "sampling") {
        return null;
      }
      return `Name: ${name}; Roots: ${roots.roots.length}`;
    },
    { kind: "multiple-inputs" },
  ),
  async test_input_required_result_multi_round(_args, context, { seal }) {
    const { round, name } = context.mcpReq.requestState<{ round?: number; name?: string }>() ?? {};
    const colour = round === 2 ? field(context, "step2", "color") : null;
    if (colour !== null) return says(`Multi-round complete for ${name} who likes ${colour}`);
    const told = round === 1 ? field(context, "step1", "name") : null;
    const inputRequests: InputRequests = told === null
      ? { step1: elicit("Step 1: What is your name?", NAME) }
      : { step2: elicit("Step 2: What is your favorite color?", { color: { type: "string" } }) };
    const requestState = await seal(told === null ? { round: 1 } : { round: 2, name: told }, context);
    return inputRequired({ inputRequests, requestState });
  },
  test_input_required_result_capabilities(_args, { mcpReq }) {
    if (Object.keys(mcpReq.inputResponses ?? {}).length > 0) return says("capabilities-ok");
    const envelope = mcpReq.envelope as Record<string, unknown> | undefined;
    const declared = envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
    const inputRequests: InputRequests = {
      ...(declared?.elicitation &&
        { elicit_input: elicit("Elicitation input", { value: { type: "string" } }) }),
      ...(declared?.sampling && { sample_input: sample("Sample request") }),
    };
    const none = Object.keys(inputRequests).length === 0;
    return none ? says("No supported capabilities declared") : inputRequired({ inputRequests });
  },
};

const TITLED = [{ const: "value1", title: "First" }, { const: "value2", title: "Second" }, {
  const: "value3",
  title: "Third",
}];

const ENUMS: Schema = {
  type: "object",
  properties: {
    untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
    titledSingle: { type: "string", oneOf: TITLED },
    legacyEnum: {
      type: "string",
      enum: ["opt1", "opt2", "opt3"],
      enumNames: ["Option One", "Option Two", "Option Three"],
    },
    untitledMulti: {
      type: "array",
      minItems: 1,
      maxItems: 3,
      items: { type: "string", enum: ["option1", "option2", "option3"] },
    },
    titledMulti: { type: "array", minItems: 1, maxItems: 3, items: { anyOf: TITLED } },
  },
  required: [],
};
