/**
 * What the message bus answers.
 *
 * @module
 */
import { type Infer, protocol, schema } from "./protocol.ts";

/** Whom a message is for. */
export const Target = schema((z) =>
  z.discriminatedUnion("to", [
    /** Everybody subscribed now. */
    z.object({ to: z.literal("broadcast") }),
    /** The subscribers of that id. */
    z.object({ to: z.literal("specific"), id: z.string() }),
    /** All subscribers with that role. */
    z.object({ to: z.literal("role"), role: z.string() }),
  ])
);
/** See the schema of the same name. */
export type Target = Infer<typeof Target>;

/** A message on the bus. */
export const BusMessage = schema((z) =>
  z.object({ from: z.string(), topic: z.string(), target: Target(z), content: z.unknown() })
);
/** See the schema of the same name. */
export type BusMessage = Infer<typeof BusMessage>;

/** What a subscriber receives: a message, or how many it was too slow for. */
export const BusItem = schema((z) =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("message"), message: BusMessage(z) }),
    z.object({ type: z.literal("lagged"), missed: z.int().min(1) }),
  ])
);
/** See the schema of the same name. */
export type BusItem = Infer<typeof BusItem>;

/** The protocol of the bus. */
export const Bus = protocol("bus", (z) => ({
  /** Answers how many subscribers it went to; fails with `undeliverable` when there are none. */
  send: { request: BusMessage(z), reply: z.int().min(1) },
  /** As `send` without an answer. */
  publish: { request: BusMessage(z) },
  /** What is addressed to this id or role on these topics (default all) until cancelled. */
  subscribe: {
    request: z.object({
      id: z.string(),
      role: z.string().optional(),
      topics: z.array(z.string()).optional(),
    }),
    item: BusItem(z),
    reply: z.null(),
  },
}));
