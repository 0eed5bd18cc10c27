/**
 * What a remote agent says, as text that can be shown and kept: without what steers a terminal, and not too long.
 *
 * @module
 */
import type { Part } from "@a2a-js/sdk";

/** Characters of an answer. */
export const ANSWER_CHARS = 256 * 1024;
/** Characters of a question or of a word on how it goes. */
export const WORD_CHARS = 4_000;

/** C0 but new lines and tabs, DEL, C1, and the overrides that show text in another order than it has. */
const STEERING = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** The text without control characters, cut to `limit` characters. */
export function plain(text: string, limit: number): string {
  const clean = text.slice(0, 2 * limit).replaceAll("\r\n", "\n").replace(STEERING, "");
  return text.length <= limit ? clean : `${clean.slice(0, limit)}\n(cut: there was more)`;
}

/** What parts say, a line or more each; of what is no text, what it is and where. */
export function textOf(parts: readonly Part[]): string {
  return listOf(parts).map(partText).filter((text) => text !== "").join("\n");
}

/** What parts say to a person: their texts; where there are none, all they are. */
export function wordsOf(parts: readonly Part[]): string {
  const texts = listOf(parts).filter(({ content }) => content?.$case === "text");
  return textOf(texts.length > 0 ? texts : parts);
}

/** Cards and tasks come as they were sent: a list may be anything. */
export function listOf<Item>(list: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === "object" && item !== null) : [];
}

function partText({ content, filename, mediaType }: Part): string {
  const file = [filename || "without a name", mediaType].filter((word) => word).join(", ");
  switch (content?.$case) {
    case "text":
      return String(content.value);
    case "data":
      return JSON.stringify(content.value) ?? "";
    case "url":
      return `[file ${file}: ${content.value}]`;
    case "raw":
      return `[file ${file}: ${content.value.length} bytes]`;
    default:
      return "";
  }
}
