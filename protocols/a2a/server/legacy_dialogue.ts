/**
 * What the first clients of this agent leave out, and later versions of A2A ask for.
 *
 * @module
 */

/** A JSON-RPC request as it came. */
export interface RpcRequest {
  readonly jsonrpc: string;
  readonly id?: string | number | null;
  readonly method: string;
  readonly params?: Record<string, unknown>;
}

/** Id of a webhook that was given none: until 0.2.5 a task had one. */
const THE_WEBHOOK = "default";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The request with what its method needs filled in: ids and kinds of a message that says neither, the id of a webhook.
 * Whoever says one of them is held to all.
 */
export function completed(request: RpcRequest): RpcRequest {
  const { method, params } = request;
  if (params === undefined) return request;
  switch (method) {
    case "message/send":
    case "message/stream":
      return isFields(params.message) ? { ...request, params: withMessage(params, params.message) } : request;
    case "tasks/pushNotificationConfig/set":
      return { ...request, params: withWebhookId(params) };
    case "tasks/pushNotificationConfig/get":
    case "tasks/pushNotificationConfig/delete":
      return { ...request, params: { pushNotificationConfigId: THE_WEBHOOK, ...params } };
    default:
      return request;
  }
}

function withMessage(params: Record<string, unknown>, message: Fields): Record<string, unknown> {
  const filled = message.messageId === undefined && message.kind === undefined
    ? { ...message, kind: "message", messageId: crypto.randomUUID() }
    : message;
  const parts = Array.isArray(filled.parts) ? filled.parts.map(withKind) : filled.parts;
  const configuration = isFields(params.configuration)
    ? withWebhookId(params.configuration)
    : params.configuration;
  return { ...params, configuration, message: { ...filled, parts } };
}

function withWebhookId(holder: Fields): Record<string, unknown> {
  const webhook = holder.pushNotificationConfig;
  if (!isFields(webhook)) return holder;
  return { ...holder, pushNotificationConfig: { ...webhook, id: webhook.id ?? THE_WEBHOOK } };
}

/** 0.2 called it `type` at first; a part with a text says enough. */
function withKind(part: unknown): unknown {
  if (!isFields(part) || part.kind !== undefined) return part;
  if (typeof part.type === "string") return { ...part, kind: part.type };
  return typeof part.text === "string" ? { ...part, kind: "text" } : part;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
