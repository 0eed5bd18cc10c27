/**
 * One piece of bytes with all that an interpreter starts from: its library and its memory.
 *
 * @module
 */

/** Bytes of the length of the library, and what both parts begin at a multiple of. */
const ALIGNED = 16;

/** What is in an image. */
export interface ImageParts {
  /** The zip archive of Python's standard library. */
  readonly stdlib: Uint8Array<ArrayBuffer>;
  /** The memory of an interpreter that has started. */
  readonly snapshot: Uint8Array<ArrayBuffer>;
}

/** Puts an image together. */
export function joinImage(stdlib: Uint8Array, snapshot: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = snapshotStart(stdlib.length);
  const image = new Uint8Array(from + snapshot.length);
  new DataView(image.buffer).setUint32(0, stdlib.length, true);
  image.set(stdlib, ALIGNED);
  image.set(snapshot, from);
  return image;
}

/** Takes an image apart: the library is a copy, the snapshot is still within the image. */
export function splitImage(image: Uint8Array<ArrayBuffer>): ImageParts {
  const length = new DataView(image.buffer, image.byteOffset).getUint32(0, true);
  return { stdlib: image.slice(ALIGNED, ALIGNED + length), snapshot: image.subarray(snapshotStart(length)) };
}

function snapshotStart(library: number): number {
  return ALIGNED + Math.ceil(library / ALIGNED) * ALIGNED;
}
