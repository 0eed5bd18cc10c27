/**
 * The parameters of each operation, checked before they are read: the SDK's readers take anything for anything.
 *
 * @module
 */
import { RequestMalformedError } from "@a2a-js/sdk/errors";
import { z } from "zod";

/** Levels of arrays and objects in a request. */
const DEPTH = 100;
/** Characters of an id. */
const ID_CHARS = 256;
/** Parts of a message. */
const PARTS = 1_000;

const id = z.string().max(ID_CHARS);
const length = z.int().min(0);
const texts = z.array(z.string().max(2_000)).max(100);
const object = z.record(z.string(), z.unknown());
const base64 = z.string().regex(/^[A-Za-z0-9+/_-]*={0,2}$/, "must be base64");

/** Members by their JSON names and, as protobuf's JSON allows, those of the schema. Null is absent. */
function members(fields: Record<string, z.ZodType>): z.ZodType {
  const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const both = Object.entries(fields).flatMap(([name, type]) => [
    [name, type.nullish()],
    [snake(name), type.nullish()],
  ]);
  return z.looseObject(Object.fromEntries(both));
}

const part = z.intersection(
  members({
    text: z.string(),
    raw: base64,
    url: z.string(),
    mediaType: id,
    filename: z.string(),
    metadata: object,
  }),
  z.looseObject({}).refine(
    (part) => ["text", "raw", "url", "data"].filter((name) => part[name] !== undefined).length === 1,
    "must have exactly one of text, raw, url and data",
  ),
);

const message = members({
  messageId: id,
  contextId: id,
  taskId: id,
  role: z.enum(["ROLE_USER", "ROLE_AGENT"]).or(z.literal([1, 2])),
  parts: z.array(part).min(1, "must not be empty").max(PARTS),
  metadata: object,
  extensions: texts,
  referenceTaskIds: z.array(id).max(100),
});

const pushConfig = members({
  id,
  taskId: id,
  url: z.string(),
  token: z.string(),
  authentication: members({ scheme: z.string(), credentials: z.string() }),
});

const send = members({
  tenant: id,
  message,
  configuration: members({
    acceptedOutputModes: texts,
    taskPushNotificationConfig: pushConfig,
    historyLength: length,
    returnImmediately: z.boolean(),
  }),
  metadata: object,
});
const task = members({ tenant: id, id, historyLength: length, metadata: object });
const config = members({ tenant: id, taskId: id, id, pageSize: length, pageToken: z.string() });

const CURRENT: ReadonlyMap<string, z.ZodType> = new Map(Object.entries({
  SendMessage: send,
  SendStreamingMessage: send,
  GetTask: task,
  CancelTask: task,
  SubscribeToTask: task,
  ListTasks: members({
    tenant: id,
    contextId: id,
    status: z.string().or(z.int()),
    pageSize: z.int().min(1).max(100),
    pageToken: z.string().max(2_000),
    historyLength: length,
    statusTimestampAfter: z.string().max(64),
    includeArtifacts: z.boolean(),
  }),
  CreateTaskPushNotificationConfig: pushConfig,
  GetTaskPushNotificationConfig: config,
  ListTaskPushNotificationConfigs: config,
  DeleteTaskPushNotificationConfig: config,
  GetExtendedAgentCard: members({ tenant: id }),
}));

const metadata = object.nullish();
const named = { name: id.nullish(), mimeType: id.nullish() };
const legacyPart = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("text"), text: z.string(), metadata }),
  z.looseObject({ kind: z.literal("data"), data: object, metadata }),
  z.looseObject({
    kind: z.literal("file"),
    file: z.looseObject({ bytes: base64, ...named }).or(z.looseObject({ uri: z.string(), ...named })),
    metadata,
  }),
]);
const legacyTask = z.looseObject({ id, historyLength: length.nullish(), metadata });
const legacyWebhook = z.looseObject({
  id: id.nullish(),
  url: z.string(),
  token: z.string().nullish(),
  authentication: z.looseObject({ schemes: texts, credentials: z.string().nullish() }).nullish(),
});
const legacySend = z.looseObject({
  message: z.looseObject({
    kind: z.literal("message").nullish(),
    messageId: id.min(1),
    role: z.literal("user"),
    parts: z.array(legacyPart).min(1, "must not be empty").max(PARTS),
    contextId: id.nullish(),
    taskId: id.nullish(),
    referenceTaskIds: z.array(id).max(100).nullish(),
    extensions: texts.nullish(),
    metadata,
  }),
  configuration: z.looseObject({
    acceptedOutputModes: texts.nullish(),
    historyLength: length.nullish(),
    blocking: z.boolean().nullish(),
    pushNotificationConfig: legacyWebhook.nullish(),
  }).nullish(),
  metadata,
});

const LEGACY: ReadonlyMap<string, z.ZodType> = new Map(Object.entries({
  "message/send": legacySend,
  "message/stream": legacySend,
  "tasks/get": legacyTask,
  "tasks/cancel": legacyTask,
  "tasks/resubscribe": legacyTask,
  "tasks/pushNotificationConfig/set": z.looseObject({
    taskId: id.min(1),
    pushNotificationConfig: legacyWebhook,
  }),
  "tasks/pushNotificationConfig/get": z.looseObject({ id, pushNotificationConfigId: id }),
  "tasks/pushNotificationConfig/list": legacyTask,
  "tasks/pushNotificationConfig/delete": z.looseObject({ id, pushNotificationConfigId: id }),
  "agent/getAuthenticatedExtendedCard": z.looseObject({}),
}));

/** The version that has a method of that name, for none is in both; null when neither has. */
export function versionOfMethod(method: string): "1.0" | "0.3" | null {
  return CURRENT.has(method) ? "1.0" : LEGACY.has(method) ? "0.3" : null;
}

/**
 * Checks the parameters of an operation of 1.0, or of a method before it. Null is no parameters.
 * @throws {RequestMalformedError} naming what is wrong.
 */
export function checkParameters(operation: string, params: unknown): void {
  const schema = CURRENT.get(operation) ?? LEGACY.get(operation);
  const checked = schema?.safeParse(params ?? {});
  if (checked === undefined || checked.success) return;
  const [first] = checked.error.issues;
  const where = first?.path.map(String).join(".") ?? "";
  throw new RequestMalformedError(
    `Invalid parameters: ${where} ${first?.message ?? ""}`.replace(/ +/g, " ").trim(),
  );
}

/** Whether JSON is nested deeper than anything here is made to walk. */
export function isTooDeep(value: unknown, levels = DEPTH): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}
