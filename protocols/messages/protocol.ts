/**
 * A protocol is what an actor answers: message names and, for each, the zod schemas of what is sent and
 * what comes back. Types, checks, the wire form and the tool definition given to a model all follow from it.
 *
 * Schemas are written as functions of zod (`(z) => z.object({...})`) and built on first use, because an
 * actor's worker never builds them: importing zod costs a worker 13 ms and 5 MB. The main thread builds
 * each protocol once and hands its workers plain JSON Schemas to check messages with.
 *
 * @module
 */
import type { z as zod, ZodType } from "zod";

/** The zod namespace, as handed to schema builders. */
export type Z = typeof zod;

/** A schema that is built when first asked for, and once. */
export type LazySchema<S extends ZodType> = (z: Z) => S;

/** The type a {@linkcode LazySchema} describes. */
export type Infer<L> = L extends (z: Z) => infer S ? S extends ZodType ? zod.infer<S> : never : never;

/** Wants no answer. */
export interface CastSchemas {
  /** What is sent. */
  request: ZodType;
  /** None. */
  reply?: undefined;
  /** None. */
  item?: undefined;
}

/** Wants one reply. */
export interface CallSchemas {
  /** What is sent. */
  request: ZodType;
  /** What answers it. */
  reply: ZodType;
  /** None. */
  item?: undefined;
}

/** Wants many items, then a reply that ends the stream. */
export interface StreamSchemas {
  /** What is sent. */
  request: ZodType;
  /** What ends the stream. */
  reply: ZodType;
  /** What it carries. */
  item: ZodType;
}

/** One message: a cast, a call or a stream, told apart by which schemas it has. */
export type MessageSchemas = CastSchemas | CallSchemas | StreamSchemas;

/** The messages of one protocol by name. */
export type Messages = { readonly [name: string]: MessageSchemas };

/** What an actor answers. Made by {@linkcode protocol}. */
export interface Protocol<M extends Messages = Messages> {
  /** Unique name, used in errors and traces. */
  readonly name: string;
  /** Builds the schemas; memoized. */
  readonly messages: (z: Z) => M;
}

/** The messages of a protocol type. */
export type MessagesOf<P> = P extends Protocol<infer M> ? M : never;
/** Names of the messages that want no answer. */
export type CastNames<M> = { [K in keyof M]: M[K] extends { reply: ZodType } ? never : K }[keyof M] & string;
/** Names of the messages that want one reply. */
export type CallNames<M> =
  & { [K in keyof M]: M[K] extends { item: ZodType } ? never : M[K] extends { reply: ZodType } ? K : never }[
    keyof M
  ]
  & string;
/** Names of the messages that want a stream. */
export type StreamNames<M> = { [K in keyof M]: M[K] extends { item: ZodType } ? K : never }[keyof M] & string;
/** What is sent with a message. */
export type RequestOf<S> = S extends { request: infer R } ? R extends ZodType ? zod.infer<R> : never : never;
/** What answers it. */
export type ReplyOf<S> = S extends { reply: infer R } ? R extends ZodType ? zod.infer<R> : never : never;
/** What a stream carries. */
export type ItemOf<S> = S extends { item: infer R } ? R extends ZodType ? zod.infer<R> : never : never;

/** Names a schema so that it can be shared between protocols. Built once, when first used. */
export function schema<S extends ZodType>(build: (z: Z) => S): LazySchema<S> {
  let built: S | undefined;
  return (z) => built ??= build(z);
}

/**
 * Declares what an actor answers.
 *
 * ```ts
 * const Counter = protocol("counter", (z) => ({
 *   add: { request: z.object({ by: z.int() }) },                 // cast
 *   total: { request: z.object({}), reply: z.int() },            // call
 *   watch: { request: z.object({}), item: z.int(), reply: z.null() }, // stream
 * }));
 * ```
 */
export function protocol<const M extends Messages>(name: string, build: (z: Z) => M): Protocol<M> {
  let built: M | undefined;
  return { name, messages: (z) => built ??= build(z) };
}
