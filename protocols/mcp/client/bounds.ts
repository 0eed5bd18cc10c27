/**
 * How much an MCP server may say. What it says is read by models and kept in memory, and it may be anybody's.
 *
 * @module
 */

/** Bytes of one message. */
export const MESSAGE_BYTES = 10 * 1024 * 1024;
/** Tools that are known of one server; further ones are left out. */
export const TOOLS = 1_000;
/** Pages its list may have. */
export const PAGES = 64;
/** Characters of one tool's description and schemas as JSON; a larger tool is left out. */
export const TOOL_CHARS = 64 * 1024;
/** Characters of all of them together. */
export const LIST_CHARS = 4 * 1024 * 1024;
/** Characters a model is told of one result. */
export const RESULT_CHARS = 256 * 1024;
/** Characters of an error. */
export const ERROR_CHARS = 2_000;
/** Characters of what a person is asked, its form included. */
export const QUESTION_CHARS = 64 * 1024;
/** Questions that may wait at once in one call. */
export const QUESTIONS = 8;

/**
 * The text without what cannot be seen: control characters, and those that change the direction of text or stand for
 * nothing, in which words for a model can be hidden. Line breaks, tabs and the joiners within words stay.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, (one) => /[\n\t\u200c\u200d]/.test(one) ? one : "")
    .toWellFormed();
}

/** The first `most` characters of a text, saying how many are missing. */
export function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text.slice(0, most).toWellFormed()}\n(${text.length - most} characters left out)`;
}
