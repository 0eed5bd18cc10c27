/**
 * The most memory an interpreter can ever have, written into its module: no code in it or outside can exceed it.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#memory-section
 * @module
 */

/** Bytes of the magic number and version before the first section. */
const HEADER = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;
/** Pages in a mebibyte. */
const PAGES = 16;

/**
 * Sets the maximum of the only memory of a WebAssembly binary, in place. `mebibytes` from what the module needs to start
 * up to 4095.
 * @throws {Error} when the binary does not declare one memory with a maximum, or the limit does not fit.
 */
export function limitMemory(binary: Uint8Array, mebibytes: number): void {
  let at = HEADER;
  while (at < binary.length) {
    const section = binary[at]!;
    const [size, content] = integer(binary, at + 1);
    if (section === MEMORY_SECTION) return setMaximum(binary, content, mebibytes * PAGES);
    at = content + size;
  }
  throw new Error("Cannot limit the memory of Python: its module declares none");
}

function setMaximum(binary: Uint8Array, at: number, pages: number): void {
  const [count, flags] = integer(binary, at);
  if (count !== 1 || binary[flags] !== HAS_MAXIMUM) {
    throw new Error("Cannot limit the memory of Python: its module declares no maximum");
  }
  const [minimum, maximum] = integer(binary, flags + 1);
  const [, end] = integer(binary, maximum);
  if (pages < minimum) {
    throw new Error(`Cannot limit the memory of Python to ${pages / PAGES} MiB: it needs ${minimum / PAGES}`);
  }
  // As many bytes as before: all but the last say that another follows.
  for (let byte = maximum, left = pages; byte < end; byte++, left = Math.floor(left / 128)) {
    binary[byte] = (left % 128) | (byte < end - 1 ? 128 : 0);
  }
  if (integer(binary, maximum)[0] !== pages) {
    throw new Error(`Cannot limit the memory of Python to ${pages / PAGES} MiB: that is too much`);
  }
}

/** An unsigned LEB128 integer and where it ends. */
function integer(binary: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0;; shift += 7) {
    const byte = binary[at++];
    if (byte === undefined || shift > 28) throw new Error("Cannot read the module of Python");
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}
