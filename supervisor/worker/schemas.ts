/**
 * The JSON Schemas of a protocol's requests, made once on the main thread for all workers.
 *
 * @module
 */
import { z } from "zod";
import type { Protocol } from "../../protocols/messages/protocol.ts";
import type { JsonSchema } from "../actor/guard.ts";

const made = new WeakMap<Protocol, Record<string, JsonSchema>>();

/** Request schemas by message name. */
export function requestSchemas(protocol: Protocol): Record<string, JsonSchema> {
  let schemas = made.get(protocol);
  if (schemas === undefined) {
    schemas = Object.fromEntries(
      Object.entries(protocol.messages(z)).map(([name, { request }]) => [
        name,
        z.toJSONSchema(request, { io: "input", unrepresentable: "any", reused: "inline" }) as JsonSchema,
      ]),
    );
    made.set(protocol, schemas);
  }
  return schemas;
}
