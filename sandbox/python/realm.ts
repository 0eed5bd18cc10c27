/**
 * A worker with nothing left in it.
 *
 * The gate keeps Python out of JavaScript. Should there be a hole in it, this is what would be found behind: a realm that
 * can neither send, nor load, nor make code. The worker has no permission either way.
 *
 * @module
 */

/** Globals that stay: the language itself, and what the interpreter computes with. */
const KEPT: ReadonlySet<string> = new Set([
  ..."globalThis self undefined NaN Infinity isNaN isFinite parseFloat parseInt".split(" "),
  ..."Object Array Function Boolean Symbol Number BigInt String RegExp Date Math JSON Reflect Proxy".split(
    " ",
  ),
  ..."Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError"
    .split(" "),
  ..."Map Set WeakMap WeakSet WeakRef FinalizationRegistry Promise Iterator ArrayBuffer DataView".split(" "),
  ..."Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array".split(" "),
  ..."Float16Array Float32Array Float64Array BigInt64Array BigUint64Array".split(" "),
  ..."WebAssembly TextDecoder TextEncoder WorkerGlobalScope DOMException".split(" "),
  // Deno defines these again when it needs them, and the worker dies if it cannot.
  ..."queueMicrotask dispatchEvent".split(" "),
]);

/**
 * Removes all other globals of this thread and every way to make code from text.
 * @throws {Error} when one of them cannot be removed: then no foreign code may run.
 */
export function stripRealm(): void {
  if (stripped) return;
  stripped = true;
  const scope = globalThis as unknown as Record<string, unknown>;
  const { crypto, performance } = globalThis;
  const getRandomValues = crypto.getRandomValues.bind(crypto);
  const now = performance.now.bind(performance);
  const { EventTarget } = globalThis;
  for (let level: object | null = scope; level !== null; level = Object.getPrototypeOf(level)) {
    // Ports need what every event target has.
    if (level === EventTarget.prototype) break;
    removeFrom(level as Record<string, unknown>);
  }
  define(scope, "crypto", Object.freeze({ __proto__: null, getRandomValues }));
  define(scope, "performance", Object.freeze({ __proto__: null, now }));
  const silent = () => {};
  define(scope, "console", Object.freeze({ __proto__: null, log: silent, warn: silent, error: silent }));
  for (const name of INERT) define(scope, name, silent);
  for (const maker of MAKERS) define(Object.getPrototypeOf(maker), "constructor", undefined);
  // Something to ask `instanceof`, that makes nothing.
  define(scope, "Function", Object.assign(() => {}, { prototype: Function.prototype }));
  const left = ["Deno", "process", "postMessage", "Worker", "eval", "fetch"]
    .filter((name) => scope[name] !== undefined);
  if (left.length > 0) throw new Error(`Cannot contain Python: ${left.join(", ")} cannot be removed`);
}

/** Called while another interpreter is made, for nothing that is needed. */
const INERT = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "addEventListener"];

let stripped = false;

/** One of each kind of function: the constructors of their prototypes make code from text. */
const MAKERS = [() => {}, async () => {}, function* () {}, async function* () {}];

function removeFrom(level: Record<string, unknown>): void {
  for (const name of Object.getOwnPropertyNames(level)) {
    if (KEPT.has(name) || name === "constructor") continue;
    if (!Reflect.deleteProperty(level, name)) define(level, name, undefined);
  }
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: false, enumerable: false, configurable: false });
}
