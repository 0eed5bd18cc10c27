/**
 * What a message asks for, as the text a run is started with.
 *
 * @module
 */
import type { Message, Part } from "@a2a-js/sdk";
import { ContentTypeNotSupportedError, RequestMalformedError } from "@a2a-js/sdk/errors";

/** Media types a card names as understood. */
export const INPUT_MODES: readonly string[] = ["text/plain", "text/markdown", "application/json"];
/** Media types a card names as answered in. */
export const OUTPUT_MODES: readonly string[] = ["text/plain", "application/json", "image/png"];

/** What is text although its media type does not begin with `text/`. */
const TEXTUAL = /^(text\/.*|application\/([\w.-]+\+)?(json|xml|yaml|toml|javascript|typescript|sql|x-sh))$/;

/**
 * One text of all parts, in their order. Data and files are fenced, so that a model sees where they end.
 * @throws {ContentTypeNotSupportedError} for what is no text; {@link RequestMalformedError} when nothing is left.
 */
export function taskText(message: Message): string {
  const text = message.parts.map(partText).filter((piece) => piece.trim() !== "").join("\n\n");
  if (text === "") throw new RequestMalformedError("message.parts has no text");
  return text;
}

function partText({ content, mediaType, filename }: Part): string {
  const type = mediaType.split(";", 1)[0]!.trim().toLowerCase();
  switch (content?.$case) {
    case "text":
      requireTextual(type === "" || type === "text" ? "text/plain" : type);
      return filename === "" ? content.value : fenced(`File ${filename}:`, content.value);
    case "data":
      return fenced(filename === "" ? "Data:" : `File ${filename}:`, JSON.stringify(content.value, null, 2));
    case "raw":
      requireTextual(type === "" ? guessed(filename) : type);
      return fenced(`File ${filename || "without a name"}:`, decoded(content.value, filename));
    case "url":
      return `File ${filename || "without a name"}${type === "" ? "" : ` (${type})`}: ${content.value}`;
    default:
      throw new RequestMalformedError("Each of message.parts needs one of text, raw, url and data");
  }
}

function requireTextual(type: string): void {
  if (TEXTUAL.test(type)) return;
  throw new ContentTypeNotSupportedError(
    `Media type '${type}' is not supported; texts are: ${INPUT_MODES.join(", ")} and other text`,
  );
}

function guessed(filename: string): string {
  return /\.(txt|md|csv|json|xml|ya?ml|toml|[jt]sx?|py|rs|go|java|c|h|cpp|sh|sql|html|css|diff|patch|log)$/i
      .test(
        filename,
      )
    ? "text/plain"
    : "application/octet-stream";
}

function decoded(bytes: Uint8Array, filename: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ContentTypeNotSupportedError(`File ${filename || "without a name"} is no UTF-8 text`);
  }
}

/** With a fence longer than any in the text. */
function fenced(title: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${title}\n${fence}\n${text}\n${fence}`;
}
