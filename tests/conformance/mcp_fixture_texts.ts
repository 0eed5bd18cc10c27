/**
 * The fixture's resources and prompts.
 *
 * @module
 */
import {
  type CallToolResult,
  type GetPromptResult,
  inputRequired,
  type InputRequiredResult,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
} from "@modelcontextprotocol/server";

/** One red pixel. */
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/** A sound without samples. */
export const WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

/** A result of one text. */
export function says(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}

const RESOURCES = [
  { uri: "test://static-text", name: "static-text", description: "A text", mimeType: "text/plain" },
  { uri: "test://static-binary", name: "static-binary", description: "A picture", mimeType: "image/png" },
  {
    uri: "test://watched-resource",
    name: "watched-resource",
    description: "Watched",
    mimeType: "text/plain",
  },
];

/** The fixture's resources. */
export function registerFixtureResources(server: Server): void {
  server.setRequestHandler("resources/list", () => ({ resources: RESOURCES }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [{
      uriTemplate: "test://template/{id}/data",
      name: "template",
      description: "Data by id",
      mimeType: "application/json",
    }],
  }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) => ({ contents: [contentsOf(uri)] }));
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function contentsOf(uri: string) {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { uri, mimeType: "application/json", text };
  }
  switch (uri) {
    case "test://static-text":
      return { uri, mimeType: "text/plain", text: "This is the content of the static text resource." };
    case "test://static-binary":
      return { uri, mimeType: "image/png", blob: PNG };
    case "test://watched-resource":
      return { uri, mimeType: "text/plain", text: "Watched resource content" };
  }
  throw new ResourceNotFoundError(uri);
}

type Made = GetPromptResult | InputRequiredResult;

const user = (content: GetPromptResult["messages"][number]["content"]) => ({
  role: "user" as const,
  content,
});
const text = (text: string) => ({ type: "text" as const, text });

/** The fixture's prompts. */
export function registerFixturePrompts(server: Server): void {
  const argument = (name: string) => ({ name, description: `The ${name}`, required: true });
  server.setRequestHandler("prompts/list", () => ({
    prompts: [
      { name: "test_simple_prompt", description: "Without arguments" },
      {
        name: "test_prompt_with_arguments",
        description: "With arguments",
        arguments: [argument("arg1"), argument("arg2")],
      },
      {
        name: "test_prompt_with_embedded_resource",
        description: "With a resource",
        arguments: [argument("resourceUri")],
      },
      { name: "test_prompt_with_image", description: "With a picture" },
      { name: "test_input_required_result_prompt", description: "Asks first" },
    ],
  }));
  server.setRequestHandler("prompts/get", ({ params }, context) => {
    const made = promptOf(params.name, params.arguments ?? {}, context.mcpReq.inputResponses);
    if (made !== null) return made;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt ${params.name}`);
  });
}

function promptOf(
  name: string,
  { arg1, arg2, resourceUri = "" }: Record<string, string>,
  responses: Record<string, unknown> | undefined,
): Made | null {
  switch (name) {
    case "test_simple_prompt":
      return { messages: [user(text("This is a simple prompt for testing."))] };
    case "test_prompt_with_arguments":
      return { messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] };
    case "test_prompt_with_embedded_resource": {
      const resource = {
        uri: resourceUri,
        mimeType: "text/plain",
        text: "Embedded resource content for testing.",
      };
      return {
        messages: [
          user({ type: "resource", resource }),
          user(text("Please process the embedded resource above.")),
        ],
      };
    }
    case "test_prompt_with_image":
      return {
        messages: [
          user({ type: "image", data: PNG, mimeType: "image/png" }),
          user(text("Please analyze the image above.")),
        ],
      };
    case "test_input_required_result_prompt": {
      const answer = inputResponse(responses, "user_context");
      if (answer.kind === "elicit") {
        return { messages: [user(text(`Prompt with context: ${answer.content?.context}`))] };
      }
      const properties = { context: { type: "string" as const } };
      const requestedSchema = { type: "object" as const, properties, required: ["context"] };
      const message = "What context should the prompt use?";
      return inputRequired({
        inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema }) },
      });
    }
  }
  return null;
}
