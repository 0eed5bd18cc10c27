/**
 * What a store of documents answers: small JSON values by kind and id, beside the journal. A task that somebody outside
 * asked for, what they were told of it, whom to notify.
 *
 * @module
 */
import { type Infer, protocol, schema } from "./protocol.ts";

/** One document. `kind` and `id` name it. */
export const Document = schema((z) =>
  z.object({
    /** What it is one of: "task", say. */
    kind: z.string(),
    id: z.string(),
    /** Whose it is; nobody else is told of it. */
    owner: z.string(),
    /** What it belongs together with, a conversation say. Default nothing. */
    group: z.string().optional(),
    /** Where it stands, in a word. Default nothing. */
    state: z.string().optional(),
    /** Milliseconds since 1970. */
    updatedAt: z.number(),
    /** JSON. */
    value: z.unknown(),
  })
);
/** See the schema of the same name. */
export type Document = Infer<typeof Document>;

/** The protocol of a store of documents. Writes are durable when answered, and harmless when repeated. */
export const Documents = protocol("documents", (z) => {
  const name = z.object({ kind: z.string(), id: z.string() });
  const filter = z.object({
    kind: z.string(),
    owner: z.string().optional(),
    group: z.string().optional(),
    state: z.string().optional(),
    /** Changed at or after it. */
    since: z.number().optional(),
  });
  return {
    /** Writes it, over what was there. */
    put: { request: Document(z), reply: z.null() },
    /** Null when there is none. */
    get: { request: name, reply: Document(z).nullable() },
    /** Last changed first, those of the same moment by id downwards; from behind `before`, when given. */
    list: {
      request: filter.extend({
        limit: z.int().min(1).max(1000),
        before: z.object({ updatedAt: z.number(), id: z.string() }).optional(),
      }),
      reply: z.array(Document(z)),
    },
    /** How many there are. */
    count: { request: filter, reply: z.int() },
    /** Replies whether there was one. */
    remove: { request: name, reply: z.boolean() },
  };
});
