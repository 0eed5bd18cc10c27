/**
 * Hands an interpreter's worker what it is made of: the worker itself can read nothing.
 *
 * Runs on the main thread of the sandbox's process, which gives its permissions up right after; the files stay open.
 *
 * @module
 */
import type { Provide } from "../../supervisor/actor/define.ts";
import { compilePython, openSnapshot, readStandardLibrary, type SnapshotFile } from "./assets.ts";

/** How the sandboxes of one kind are made. Plain data. */
export interface Provisions {
  readonly snapshot: SnapshotFile;
  /** Memory of Python in MiB. */
  readonly memoryMb: number;
  /** Bytes of all files of a session. */
  readonly fileBytes: number;
}

/** What the worker gets. */
export interface Provided {
  readonly module: WebAssembly.Module;
  readonly fileBytes: number;
  /** Answers each message with {@linkcode Supplies}. */
  readonly supplies: MessagePort;
}

/** What one interpreter is made of; it may change it. */
export interface Supplies {
  readonly snapshot: Uint8Array<ArrayBuffer>;
  readonly stdlib: Uint8Array;
}

/** See the module's words. */
export const provide: Provide = async (provisions) => {
  const { snapshot, memoryMb, fileBytes } = provisions as Provisions;
  const [module, read] = await Promise.all([compilePython(memoryMb), openSnapshot(snapshot)]);
  const library = readStandardLibrary();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const supplies = { snapshot: read(), stdlib: library.slice() };
    port1.postMessage(supplies, [supplies.snapshot.buffer, supplies.stdlib.buffer]);
  };
  return { value: { module, fileBytes, supplies: port2 } satisfies Provided, transfer: [port2] };
};
