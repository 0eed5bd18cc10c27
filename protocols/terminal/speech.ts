/**
 * One agent's streamed text on its way to the screen. However the stream was cut into chunks, the pieces
 * that come out join to the same text: white space at the end of what is known, and half of a surrogate
 * pair, wait until it is clear what follows.
 *
 * Blank lines before and after the text and spaces at the ends of lines are left out.
 *
 * @module
 */
import { harmless } from "./harmless.ts";

/** How far the text of one turn has been shown. */
export class Speech {
  #held = "";
  #begun = false;

  /**
   * Adds a chunk and answers what can be shown now, to be put behind what was shown before.
   * `lineOpen` tells whether that stands on a line that was not ended meanwhile.
   */
  add(chunk: string, lineOpen: boolean): string {
    this.#held += chunk;
    return this.#release(lineOpen, false);
  }

  /** Answers the rest; the next chunk begins a new text. */
  end(lineOpen: boolean): string {
    const rest = this.#release(lineOpen, true);
    this.#held = "";
    this.#begun = false;
    return rest;
  }

  #release(lineOpen: boolean, last: boolean): string {
    const cut = settledEnd(this.#held, last);
    if (cut === 0) return "";
    let text = this.#held.slice(0, cut);
    this.#held = this.#held.slice(cut);
    if (!this.#begun) text = text.replace(/^(?:[ \t\r]*\n)+/, "");
    else if (!lineOpen) text = text.replace(/^[ \t\r]*\n/, "");
    this.#begun = true;
    return harmless(text.replace(/[ \t\r]+\n/g, "\n"));
  }
}

/** Whether a text is nothing but white space, which is not shown on its own. */
export function isBlank(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}

/** Where the text ends that will not change its look, whatever follows. */
function settledEnd(text: string, last: boolean): number {
  let end = text.length;
  const unit = text.charCodeAt(end - 1);
  if (!last && unit >= 0xd800 && unit < 0xdc00) end--;
  while (end > 0 && " \t\r\n".includes(text.charAt(end - 1))) end--;
  return end;
}
