/**
 * CPython in WebAssembly, started from the parts of Pyodide.
 *
 * This does what Pyodide's `loadPyodide` does, from bytes that are handed in: it reads no file, fetches nothing and
 * asks no environment, so it works in a worker without any permission. Every function the interpreter can call passes
 * through `guard` before the interpreter exists.
 *
 * The order and the names are those of Pyodide 314.0.7; another version needs another look at all of them.
 *
 * @see https://github.com/pyodide/pyodide/blob/314.0.7/src/js/pyodide.ts
 * @module
 */
import type { FileSystem } from "./filesystem.ts";

/** What an interpreter is started from. */
export interface EngineParts {
  /** Pyodide's WebAssembly, compiled. */
  readonly module: WebAssembly.Module;
  /** The zip archive of Python's standard library. */
  readonly stdlib: Uint8Array;
  /**
   * The memory of an interpreter that has started, used up by the start; without it a new one starts, which takes
   * seconds.
   */
  readonly snapshot?: Uint8Array<ArrayBuffer>;
}

/** Functions the interpreter may call, by name. */
export type Imports = Record<string, unknown>;

/** Changes the functions in place before the interpreter is made. */
export type Guard = (imports: Imports, engine: () => Engine) => void;

/** A started interpreter. */
export interface Engine {
  /** Its files. */
  readonly fs: FileSystem;
  /** Its memory; another view after each growth. */
  readonly memory: { readonly HEAPU8: Uint8Array; readonly HEAP32: Int32Array; readonly HEAP16: Int16Array };
  /** Runs Python text at once; only without a snapshot. */
  run(text: string): unknown;
  /** A snapshot of it, for {@linkcode EngineParts}. */
  snapshot(): Uint8Array;
  /** Calls a function of a Python module that takes nothing; resolves to the text it returns, undefined if none. */
  bind(module: string, name: string): () => Promise<string | undefined>;
  /** Has the interpreter ask for signals. */
  listenToSignals(): void;
}

/** Identifies the build that a snapshot belongs to. */
const BUILD = "990c3b51a9722d62434de2bbc9643732658d488c1b6d467f22c1b6beba80d497";

/** A module that makes and checks the marker Pyodide returns for failed calls. Its source is in Pyodide's loader. */
const MARKER = Uint8Array.from(
  atob(
    "AGFzbQEAAAABDANfAGAAAW9gAW8BfwMDAgECBygCE0pzdl9HZXRFcnJvcl9pbXBvcnQAAA5Kc3ZFcnJvcl9DaGVjawABChMCBwD7AQD7GwsJACAA" +
      "+xr7FAAL",
  ),
  (letter) => letter.charCodeAt(0),
);

/** Bytes of a text a function may return: one that is too long is none. */
const LONGEST_TEXT = 16 * 1024 * 1024;

/** The environment of Python programs. */
const ENVIRONMENT = {
  HOME: "/workspace",
  PATH: "/bin",
  LANG: "C.UTF-8",
  USER: "user",
  LOGNAME: "user",
  MPLBACKEND: "agg",
};

/** A host that is none of those Pyodide knows how to use. */
const NOWHERE = {
  IN_BUN: false,
  IN_DENO: false,
  IN_NODE: false,
  IN_NODE_COMMONJS: false,
  IN_NODE_ESM: false,
  IN_SAFARI: false,
  IN_SHELL: false,
  IN_WORKERD: true,
  IN_BROWSER: false,
  IN_BROWSER_MAIN_THREAD: false,
  IN_BROWSER_WEB_WORKER: false,
};

/** What is used of Pyodide's module object. */
interface Native {
  readonly FS: FileSystem;
  readonly ENV: Record<string, string>;
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  readonly HEAPU32: Uint32Array;
  readonly HEAP32: Int32Array;
  readonly HEAP16: Int16Array;
  readonly HEAP8: Int8Array;
  readonly _Py_Version: number;
  readonly _Py_EMSCRIPTEN_SIGNAL_HANDLING: number;
  locateFile: unknown;
  stringToNewUTF8(text: string): number;
  UTF8ToString(address: number): string;
  _free(address: number): void;
  _PyImport_ImportModule(name: number): number;
  _PyObject_GetAttrString(object: number, name: number): number;
  _PyUnicode_AsUTF8(object: number): number;
  _PyErr_Clear(): void;
  _Py_DecRef(object: number): void;
}

type Made = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

interface PyodideInternals {
  pyVersionTuple?: number[];
  sitePackages?: string;
  lockFilePromise: Promise<unknown>;
  readonly packageIndexReady?: Promise<unknown>;
  restoreSnapshot(snapshot: Uint8Array): void;
  makeSnapshot(): Uint8Array;
  finalizeBootstrap(): Bridge;
}

interface Bridge {
  runPython(text: string): unknown;
}

/** Starts an interpreter. Takes about 0.2 s from a snapshot, seconds without. */
export async function startEngine(parts: EngineParts, guard: Guard): Promise<Engine> {
  const internals = internalsOf(parts.snapshot === undefined);
  let exports: WebAssembly.Exports = {};
  const create = await loadPyodide();
  const native = await create({
    API: internals,
    config: (internals as unknown as { config: unknown }).config,
    noImageDecoding: true,
    noAudioDecoding: true,
    noWasmDecoding: false,
    thisProgram: "/bin/python",
    arguments: [],
    noInitialRun: parts.snapshot !== undefined,
    print: ignore,
    printErr: ignore,
    locateFile: (name: string) => name,
    preRun: [(native: Native) => furnish(native, internals, parts.stdlib)],
    instantiateWasm(info: { env: Imports }, done: Made) {
      Object.assign(info.env, new WebAssembly.Instance(new WebAssembly.Module(MARKER)).exports);
      guard(info.env, () => engine);
      WebAssembly.instantiate(parts.module, info as unknown as WebAssembly.Imports).then((instance) => {
        exports = instance.exports;
        done(instance, parts.module);
      });
      return {};
    },
  }) as Native;
  // In a snapshot Python has started. Pyodide's bridge, which would follow, is not built again.
  if (parts.snapshot !== undefined) {
    internals.restoreSnapshot(parts.snapshot);
    parts.snapshot.buffer.transfer(0); // 30 MB that would else stay until the next collection
  }
  const bridge = parts.snapshot === undefined ? internals.finalizeBootstrap() : undefined;
  native.locateFile = refuse;
  if (bridge !== undefined) await internals.packageIndexReady;
  const engine: Engine = engineOf(native, internals, bridge, exports);
  return engine;
}

/** Pyodide looks for its surroundings while it loads and while it starts: it is to find none. */
async function loadPyodide(): Promise<(settings: unknown) => Promise<unknown>> {
  const scope = globalThis as unknown as Record<string, unknown>;
  delete scope.process;
  const { default: create } = await import("pyodide/pyodide.asm.mjs") as unknown as {
    default: (settings: unknown) => Promise<unknown>;
  };
  return create;
}

function internalsOf(makesSnapshot: boolean): PyodideInternals {
  const lock = {
    info: {
      abi_version: "2026_0",
      arch: "wasm32",
      platform: "emscripten",
      python: "3.14",
      version: "314.0.7",
    },
    packages: {},
  };
  const config = {
    jsglobals: Object.create(null),
    env: ENVIRONMENT,
    args: [],
    packages: [],
    enableRunUntilComplete: false,
    BUILD_ID: BUILD,
    indexURL: "/",
    packageBaseUrl: "/",
    cdnUrl: "/",
    packageCacheDir: "/",
    lockFileContents: lock,
    _makeSnapshot: makesSnapshot,
  };
  return {
    config,
    runtimeEnv: NOWHERE,
    lockFilePromise: Promise.resolve(lock),
  } as unknown as PyodideInternals;
}

function furnish(native: Native, internals: PyodideInternals, stdlib: Uint8Array): void {
  const version = native.HEAPU32[native._Py_Version >>> 2]!;
  const [major, minor, micro] = [version >>> 24 & 255, version >>> 16 & 255, version >>> 8 & 255];
  internals.pyVersionTuple = [major, minor, micro];
  internals.sitePackages = `/lib/python${major}.${minor}/site-packages`;
  const { FS, ENV } = native;
  for (const folder of [internals.sitePackages, `/lib/python${major}.${minor}/lib-dynload`, "/workspace"]) {
    FS.mkdirTree(folder);
  }
  FS.writeFile(`/lib/python${major}${minor}.zip`, stdlib, { canOwn: true });
  FS.chdir("/workspace");
  Object.assign(ENV, ENVIRONMENT);
}

function engineOf(
  native: Native,
  internals: PyodideInternals,
  bridge: Bridge | undefined,
  exports: WebAssembly.Exports,
): Engine {
  const call = promising(exports.PyObject_CallNoArgs as (callable: number) => number);
  return {
    fs: native.FS,
    memory: native,
    run(text) {
      if (bridge === undefined) throw new Error("Cannot run text in an interpreter that was restored");
      return bridge.runPython(text);
    },
    snapshot: () => internals.makeSnapshot(),
    bind(module, name) {
      const object = named(native, module, (text) => native._PyImport_ImportModule(text));
      const callable = named(native, name, (text) => native._PyObject_GetAttrString(object, text));
      return async () => textOf(native, await call(callable));
    },
    listenToSignals: () => void (native.HEAP8[native._Py_EMSCRIPTEN_SIGNAL_HANDLING] = 1),
  };
}

/** @see https://github.com/WebAssembly/js-promise-integration */
function promising(exported: (callable: number) => number): (callable: number) => Promise<number> {
  const { promising } = WebAssembly as unknown as {
    promising(exported: (callable: number) => number): (callable: number) => Promise<number>;
  };
  return promising(exported);
}

function named(native: Native, name: string, look: (text: number) => number): number {
  const text = native.stringToNewUTF8(name);
  const found = look(text);
  native._free(text);
  if (found === 0) throw new Error(`Cannot find ${name} in the interpreter`);
  return found;
}

function textOf(native: Native, object: number): string | undefined {
  const text = object === 0 ? 0 : native._PyUnicode_AsUTF8(object);
  const length = native.HEAPU8.indexOf(0, text) - text;
  const result = text === 0 || length > LONGEST_TEXT ? undefined : native.UTF8ToString(text);
  if (object !== 0) native._Py_DecRef(object);
  if (text === 0) native._PyErr_Clear();
  return result;
}

function refuse(name: string): never {
  throw new Error(`Cannot load ${name}: this interpreter loads nothing`);
}

function ignore(): void {}
