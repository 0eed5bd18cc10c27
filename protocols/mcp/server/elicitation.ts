/**
 * Questions to a person as MCP elicitations, and their answers as verdicts.
 *
 * @module
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type ElicitRequestFormParams,
  fromJsonSchema,
  type InputRequests,
  inputRequired,
  inputResponse,
  type JsonSchemaType,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Question, Verdict } from "../../messages/approval.ts";

/** What is to be filled in where a yes or no is wanted. */
const YES_OR_NO: ElicitRequestFormParams["requestedSchema"] = {
  type: "object",
  properties: { allow: { type: "boolean", title: "Allow it", description: "Whether it may be done" } },
  required: ["allow"],
};

/** Whether the client can put questions to a person. */
export function canAsk(server: Server, { mcpReq }: ServerContext): boolean {
  const envelope = mcpReq.envelope as Record<string, unknown> | undefined;
  const { elicitation } = envelope === undefined
    ? server.getClientCapabilities() ?? {}
    : envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities ?? {};
  // One that names no modes shows forms.
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** A question as it is embedded in a result. */
export function elicitationOf({ tool, action, reason, form }: Question): InputRequests[string] {
  return inputRequired.elicit({
    message: `${tool}: ${action}\n${reason}`,
    requestedSchema: form as ElicitRequestFormParams["requestedSchema"] | undefined ?? YES_OR_NO,
  });
}

/** What the answer under `key` comes to; undefined when there is none. */
export function verdictOf(
  question: Question,
  responses: Readonly<Record<string, unknown>> | undefined,
  key: string,
): Verdict | undefined {
  const answer = inputResponse(responses, key);
  if (answer.kind !== "elicit") return undefined;
  if (answer.action === "decline") return { allowed: false, reason: "declined at the client" };
  if (answer.action === "cancel") return { allowed: false, reason: "dismissed at the client" };
  const content = answer.content ?? {};
  if (question.form === undefined) {
    const allowed = content.allow === true;
    return { allowed, reason: allowed ? "allowed at the client" : "not allowed at the client" };
  }
  return fits(question.form, content)
    ? { allowed: true, reason: "filled in at the client", content }
    : { allowed: false, reason: "what was filled in at the client does not fit the form" };
}

function fits(form: Readonly<Record<string, unknown>>, content: Readonly<Record<string, unknown>>): boolean {
  const checked = fromJsonSchema(form as JsonSchemaType)["~standard"].validate(content);
  return !(checked instanceof Promise) && checked.issues === undefined;
}
