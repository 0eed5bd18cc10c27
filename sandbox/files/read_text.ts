/**
 * Reading a bounded piece of a text file.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";

/** A piece of a text file. All numbers are bytes. */
export interface TextPiece {
  /** Whole characters only. */
  text: string;
  /** Where the next piece begins: never within a character. */
  next: number;
  /** Of the whole file. */
  size: number;
}

/**
 * Reads up to `limit` bytes of UTF-8 text from `offset` on; `limit` is at least 4, the longest character.
 * `path` names the file in errors.
 * @throws {Fault} code `bad_file` when it is a folder or a device, holds anything but UTF-8 text, or ends before `offset`;
 * and what Deno throws.
 */
export function readText(file: string, path: string, offset: number, limit: number): TextPiece {
  const { isFile, isDirectory, size } = Deno.statSync(file);
  if (!isFile) throw unreadable(path, isDirectory ? "it is a folder" : "it is neither a file nor a folder");
  if (offset > size) throw unreadable(path, `offset ${offset} is beyond its end, it has ${size} bytes`);
  const bytes = readBytes(file, offset, limit);
  const start = offset === 0 ? 0 : continuationBytes(bytes);
  const atEnd = offset + bytes.length >= size;
  const text = decode(bytes.subarray(start), atEnd);
  if (text === undefined) throw unreadable(path, `it is not UTF-8 text but binary (${size} bytes)`);
  return { text, next: offset + start + new TextEncoder().encode(text).length, size };
}

function readBytes(file: string, offset: number, limit: number): Uint8Array {
  using opened = Deno.openSync(file);
  opened.seekSync(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(limit);
  let length = 0;
  for (let read: number | null = 0; read !== null && length < limit;) {
    read = opened.readSync(bytes.subarray(length));
    length += read ?? 0;
  }
  return bytes.subarray(0, length);
}

/** How many bytes of a character that began earlier come first: an offset may fall within one. */
function continuationBytes(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && (bytes[count] ?? 0) >> 6 === 0b10) count++;
  return count;
}

/** Undefined for what is no text. A character the limit cut in two is left for the next piece. */
function decode(bytes: Uint8Array, atEnd: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !atEnd });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function unreadable(path: string, reason: string): Fault {
  return new Fault("bad_file", `Cannot read ${path}: ${reason}`);
}
