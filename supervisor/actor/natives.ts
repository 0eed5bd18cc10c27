/**
 * What the kernel uses of the platform in a worker, taken when the worker loads it: whoever prepares to run code he did
 * not write removes the globals, and the kernel goes on working. What every object is made of is expected to stay:
 * Object, Array, Map, Set, Promise, Error, Math, Number, String, RegExp, BigInt and the typed arrays.
 *
 * @module
 */

const { parse, stringify } = globalThis.JSON;
const { now } = globalThis.Date;
const { or, waitAsync } = globalThis.Atomics;
const never = new Int32Array(new SharedArrayBuffer(4));
const { crypto } = globalThis;

/** As the global one. */
export const JSON = { parse, stringify };
/** As the global one. */
export const Date = { now };
/** As the global one. */
export const Atomics = { or };
/** As the global one. */
export const { AbortController, MessageChannel } = globalThis;
/** As the global one. */
export type AbortController = InstanceType<typeof AbortController>;

/** As the global one. Deno itself uses it, and looks for V8's on the global object when it is first called. */
export const { queueMicrotask } = globalThis;
queueMicrotask(() => {});

/** See `crypto.randomUUID`. */
export const randomUUID: typeof crypto.randomUUID = crypto.randomUUID.bind(crypto);
/** See `crypto.getRandomValues`. */
export const getRandomValues: typeof crypto.getRandomValues = crypto.getRandomValues.bind(crypto);
/** Calls `ring` after that many milliseconds, at least 1. It cannot be cleared, and takes no loading as timers do. */
export function ringAfter(ms: number, ring: () => void): void {
  void Promise.resolve(waitAsync(never, 0, 0, ms).value).then(ring);
}

/** Posts through a port. */
export const postThrough: (port: MessagePort, message: unknown, transfer: MessagePort[]) => void = Function
  .prototype.call.bind(globalThis.MessagePort.prototype.postMessage);
