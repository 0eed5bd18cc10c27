/**
 * Text as lines that remember how each ends, so that what a patch does not mention stays as it is.
 *
 * @module
 */

/** How a line ends; the last of a file may end with nothing. */
export type LineEnd = "" | "\n" | "\r\n";

/** One line of a file. */
export interface Line {
  /** Without its end. */
  text: string;
  /** Empty only in a file's last line. */
  end: LineEnd;
}

/** The lines of a text. No text has no lines; a line break ends a line and does not begin another. */
export function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length;) {
    const at = text.indexOf("\n", start);
    if (at < 0) {
      lines.push({ text: text.slice(start), end: "" });
      break;
    }
    lines.push(endedLine(text.slice(start, at)));
    start = at + 1;
  }
  return lines;
}

/** A line that a "\n" ends, given what stands before it. */
export function endedLine(content: string): Line {
  return content.endsWith("\r") ? { text: content.slice(0, -1), end: "\r\n" } : { text: content, end: "\n" };
}

/** The reverse of {@linkcode splitLines}. */
export function joinLines(lines: readonly Line[]): string {
  return lines.map(({ text, end }) => text + end).join("");
}

/** How most of the lines end; "\n" when there is no majority. */
export function usualEnd(lines: readonly Line[]): "\n" | "\r\n" {
  let balance = 0;
  for (const { end } of lines) balance += end === "\r\n" ? 1 : end === "\n" ? -1 : 0;
  return balance > 0 ? "\r\n" : "\n";
}

/** The text in UTF-8 bytes, a byte order mark kept as its first character; undefined for what is no text. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
