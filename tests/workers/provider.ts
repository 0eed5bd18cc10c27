/** What the main thread of an actor's process does for it in tests: reads a file, compiles, listens at a port. */
import type { Provided } from "../../supervisor/actor/define.ts";

/** What the tests ask for. */
export interface Provisions {
  file: string;
  fail?: string;
}

/** `(module (func (export "answer") (result i32) i32.const 42))` */
const ANSWER = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f], // types
  ...[0x03, 0x02, 0x01, 0x00], // functions
  ...[0x07, 0x0a, 0x01, 0x06, 0x61, 0x6e, 0x73, 0x77, 0x65, 0x72, 0x00, 0x00], // exports
  ...[0x0a, 0x06, 0x01, 0x04, 0x00, 0x41, 0x2a, 0x0b], // code
]);

export async function provide(provisions: unknown): Promise<Provided> {
  const { file, fail } = provisions as Provisions;
  if (fail !== undefined) throw new Error(fail);
  const open = await Deno.open(file);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => port1.postMessage(read(open, file));
  const bytes = new Uint8Array(4);
  await open.read(bytes);
  const value = { module: await WebAssembly.compile(ANSWER), bytes: bytes.buffer, port: port2 };
  return { value, transfer: [bytes.buffer, port2] };
}

/** The rest of the file that was opened, and whether it may be opened again. */
function read(open: Deno.FsFile, file: string): { rest: string; again: string } {
  const bytes = new Uint8Array(100);
  const rest = new TextDecoder().decode(bytes.subarray(0, open.readSync(bytes) ?? 0));
  try {
    Deno.openSync(file).close();
    return { rest, again: "done" };
  } catch (error) {
    return { rest, again: (error as Error).name };
  }
}
