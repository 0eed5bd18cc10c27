/**
 * What an actor's module imports. Every worker loads what its actor's module does, so this is all that describing and
 * serving an actor takes, and no more: starting actors is in the entry point above this one.
 *
 * ```ts
 * import { defineActor, next, protocol, serve } from "@troupe/troupe/actor";
 *
 * export const Counter = protocol("counter", (z) => ({
 *   add: { request: z.object({ by: z.int() }) },
 *   total: { request: z.object({}), reply: z.int() },
 * }));
 *
 * export const counter = defineActor({
 *   module: import.meta.url,
 *   protocol: Counter,
 *   init: ({ from }: { from: number }) => from,
 *   handle: {
 *     add: (total, { by }) => next(total + by),
 *     total: (total) => next(total, total),
 *   },
 * });
 * if (import.meta.main) serve(counter); // the same file is the worker's entry
 * ```
 *
 * @module
 */
export * from "../../protocols/messages/fault.ts";
export * from "../../protocols/messages/protocol.ts";
export * from "../../protocols/messages/ref.ts";
export * from "./define.ts";
export type { Grant, Permissions } from "./grant.ts";
export type { ChildSettings, Intensity, Restart } from "../tree/spec.ts";
export { serve } from "./serve.ts";
