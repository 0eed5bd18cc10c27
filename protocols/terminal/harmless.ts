/**
 * Text that models and tools wrote cannot steer the terminal it is shown on: it could otherwise hide
 * commands, rewrite what stands above, or set the clipboard.
 *
 * @module
 */

/** C0, DEL, C1, and the directional overrides that show text in another order than it has. */
const STEERING = /\r\n|[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** The text with everything that could steer a terminal written out ("\x1b"); new lines and tabs stay. */
export function harmless(text: string): string {
  return text.replace(STEERING, (found) => {
    if (found === "\n" || found === "\t") return found;
    if (found === "\r\n") return "\n";
    const hex = found.charCodeAt(0).toString(16);
    return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex}`;
  });
}

/** The same on one line. */
export function oneLine(text: string): string {
  return harmless(text.replace(/\s+/g, " ").trim());
}

/** A value as one line of JSON that is also harmless on a terminal: C1 characters are escaped too. */
export function jsonLine(value: unknown): string {
  const escaped = JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (found) => `\\u00${found.charCodeAt(0).toString(16)}`,
  );
  return `${escaped}\n`;
}
