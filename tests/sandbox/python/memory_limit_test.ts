import assert from "node:assert/strict";
import { pyodideDirectory } from "../../../sandbox/python/assets.ts";
import { limitMemory } from "../../../sandbox/python/memory_limit.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** `(type (func))`: a section that comes before the memory. */
const TYPES = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00];

/** A module with that memory section; its length is put before it, padded to `width` bytes. */
function moduleWith(content: number[], width = 1, before = TYPES): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...HEADER, ...before, 0x05, ...padded(content.length, width), ...content]);
}

/** LEB128 of exactly that many bytes. */
function padded(value: number, width: number): number[] {
  return Array.from({ length: width }, (_, at) => (value >> 7 * at & 127) | (at < width - 1 ? 128 : 0));
}

/** Pages that can be added to a memory of one page before it refuses. */
function growable(binary: Uint8Array<ArrayBuffer>): number {
  const exported = new Uint8Array([...binary, 0x07, 0x05, 0x01, 0x01, 0x6d, 0x02, 0x00]);
  const { m } = new WebAssembly.Instance(new WebAssembly.Module(exported)).exports as {
    m: WebAssembly.Memory;
  };
  let pages = 0;
  try {
    for (;; pages += 16) m.grow(16);
  } catch {
    return pages;
  }
}

Deno.test("the limit is written over the maximum, in as many bytes, and the engine keeps to it", () => {
  const table: [name: string, binary: Uint8Array<ArrayBuffer>, mebibytes: number][] = [
    ["three bytes, as Pyodide has it", moduleWith([1, 1, 0, ...padded(65_536, 3)]), 2],
    ["five bytes", moduleWith([1, 1, 0, ...padded(65_536, 5)]), 3],
    ["one byte", moduleWith([1, 1, 0, 100]), 4],
    ["a minimum of several bytes", moduleWith([1, 1, ...padded(0, 4), ...padded(65_536, 3)]), 5],
    ["a padded section length", moduleWith([1, 1, 0, ...padded(65_536, 3)], 5), 6],
    ["no section before it", moduleWith([1, 1, 0, ...padded(65_536, 3)], 1, []), 7],
  ];
  for (const [name, binary, mebibytes] of table) {
    const before = binary.slice();
    limitMemory(binary, mebibytes);
    assert.equal(binary.length, before.length, name);
    assert.ok(WebAssembly.validate(binary), name);
    assert.equal(growable(binary), mebibytes * 16, name);
  }
});

Deno.test("limits at the edges fit or are refused", () => {
  const binary = (minimum: number, width: number) =>
    moduleWith([1, 1, ...padded(minimum, 2), ...padded(0, width)]);
  limitMemory(binary(16, 3), 1);
  limitMemory(binary(16, 3), 4_095);
  assert.throws(() => limitMemory(binary(17, 3), 1), /to 1 MiB: it needs 1.0625/);
  limitMemory(binary(0, 2), 1_023);
  assert.throws(() => limitMemory(binary(0, 2), 1_024), /to 1024 MiB: that is too much/);
  assert.throws(() => limitMemory(binary(0, 1), 8), /that is too much/);
});

Deno.test("a module whose memory cannot be limited is refused", () => {
  const refused: [name: string, binary: Uint8Array, message: RegExp][] = [
    ["no memory", new Uint8Array([...HEADER, ...TYPES]), /declares none/],
    ["nothing at all", new Uint8Array(HEADER), /declares none/],
    ["no maximum", moduleWith([1, 0, 1]), /declares no maximum/],
    ["two memories", moduleWith([2, 1, 0, 9, 1, 0, 9]), /declares no maximum/],
    ["none in the section", moduleWith([0]), /declares no maximum/],
    ["shared", moduleWith([1, 3, 0, 9]), /declares no maximum/],
    ["of 64 bits", moduleWith([1, 5, 0, 9]), /declares no maximum/],
    ["with pages of its own size", moduleWith([1, 9, 0, 9, 0]), /declares no maximum/],
    ["cut off", moduleWith([1, 1, 0]), /Cannot read/],
    ["an endless number", moduleWith([1, 1, 0, 128, 128, 128, 128, 128, 0]), /Cannot read/],
  ];
  for (const [name, binary, message] of refused) assert.throws(() => limitMemory(binary, 8), message, name);
});

Deno.test("Pyodide's own module can be limited", () => {
  const binary = Deno.readFileSync(`${pyodideDirectory()}pyodide.asm.wasm`);
  limitMemory(binary, 100);
  assert.ok(WebAssembly.validate(binary));
});
