/**
 * How deep JSON goes, found out without parsing it: what reads values by calling itself fails on those that go very
 * deep, wherever that happens to be.
 *
 * @module
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Whether lists and objects stand in more than `most` others. Of bytes that are no JSON the answer means nothing. */
export function isDeeperThan(most: number, bytes: Uint8Array): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfText(bytes, at);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > most) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  return false;
}

/** Where the quote is that ends the text which begins at `at`; behind the last byte when there is none. */
function endOfText(bytes: Uint8Array, at: number): number {
  for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) {
    if (bytes[at] === BACKSLASH) at++;
  }
  return at;
}
