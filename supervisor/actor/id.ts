/**
 * Identifiers that sort by time.
 *
 * @see https://github.com/ulid/spec
 * @module
 */

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** A ULID in lower case: 48 bits of milliseconds since 1970 and 80 random bits (10 bytes), 26 characters. */
export function newId(now: number, random: Uint8Array): string {
  let bits = BigInt(now);
  for (const byte of random) bits = (bits << 8n) | BigInt(byte);
  let id = "";
  for (let i = 0; i < 26; i++, bits >>= 5n) id = DIGITS[Number(bits & 31n)] + id;
  return id;
}
