/**
 * Hands an interpreter's worker what it is made of: the worker itself can read nothing.
 *
 * Runs on the main thread of the sandbox's process, which gives its permissions up right after; the files stay open.
 *
 * @module
 */
import type { Provide } from "../../supervisor/actor/define.ts";
import { compilePython, openSnapshot, type SnapshotFile } from "./assets.ts";

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
  /** Answers each message with an image, for one interpreter. */
  readonly images: MessagePort;
  /** Its first number is 1 once whoever waited for code gave up. */
  readonly stop: Int32Array;
}

/** See the module's words. */
export const provide: Provide = async (provisions) => {
  const { snapshot, memoryMb, fileBytes } = provisions as Provisions;
  const [module, read] = await Promise.all([compilePython(memoryMb), openSnapshot(snapshot)]);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const image = read();
    port1.postMessage(image, [image.buffer]);
  };
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return {
    value: { module, fileBytes, images: port2, stop } satisfies Provided,
    transfer: [port2],
    cancelled: () => void Atomics.store(stop, 0, 1),
  };
};
