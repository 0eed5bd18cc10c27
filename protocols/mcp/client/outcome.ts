/**
 * What a server answers, as the outcome of a tool.
 *
 * @module
 */
import type { CallToolResult } from "@modelcontextprotocol/client";
import { type Artifact, ARTIFACT_BYTES, type FailureKind, type ToolOutcome } from "../../messages/tool.ts";
import { cut, ERROR_CHARS, RESULT_CHARS, visible } from "./bounds.ts";
import { BROKEN_OFF } from "./http_transport.ts";
import type { Library } from "./library.ts";

/** The outcome of a result. Texts are cut, and what has too many bytes is left out and said to be. */
export function outcomeOf({ content, structuredContent, isError }: CallToolResult): ToolOutcome {
  const lines: string[] = [];
  const artifacts: Artifact[] = [];
  let room = ARTIFACT_BYTES;
  for (const [index, block] of content.entries()) {
    const part = partOf(block, index + 1);
    if (typeof part === "string") {
      lines.push(part);
      continue;
    }
    const bytes = Math.ceil(part.base64.length * 3 / 4);
    if (bytes <= room) {
      room -= bytes;
      artifacts.push(part);
      lines.push(`(${part.name})`);
    } else lines.push(`(left out, since it is too large: ${part.name}, ${bytes} bytes)`);
  }
  if (structuredContent !== undefined && !content.some(({ type }) => type === "text")) {
    lines.push(JSON.stringify(structuredContent));
  }
  const text = lines.join("\n");
  if (isError === true) return failed("permanent", text || "the tool failed and did not say why");
  return { ok: true, content: cut(text, RESULT_CHARS), ...(artifacts.length === 0 ? {} : { artifacts }) };
}

/** The outcome of a call that got no result from a server that is there. */
export function outcomeOfError(library: Library, error: unknown): ToolOutcome {
  const message = error instanceof Error ? error.message : String(error);
  const { ProtocolError, ProtocolErrorCode, SdkError, SdkErrorCode } = library;
  if (error instanceof ProtocolError && error.code === ProtocolErrorCode.UrlElicitationRequired) {
    return failed(
      "permanent",
      "the tool wants a person to open a page of the web first, which cannot be done here",
    );
  }
  if (message === BROKEN_OFF) {
    return failed("transient", `${message} (the call may or may not have been done)`);
  }
  const passing = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
  return failed(passing ? "transient" : "permanent", message);
}

/** A failure with what the server said of it, cut and made visible. */
export function failed(kind: FailureKind, message: string): ToolOutcome {
  return { ok: false, kind, message: cut(visible(message), ERROR_CHARS) };
}

/** A part of a result: text, or what is none. `at` counts the parts from 1. */
function partOf(block: CallToolResult["content"][number], at: number): string | Artifact {
  switch (block.type) {
    case "text":
      return block.text;
    case "image":
    case "audio":
      return artifact(at, block.mimeType, block.data);
    case "resource_link":
      return `${block.title ?? block.name}: ${block.uri}`;
    case "resource": {
      const { uri, mimeType = "application/octet-stream" } = block.resource;
      if ("text" in block.resource) return `${uri}:\n${block.resource.text}`;
      return artifact(at, mimeType, block.resource.blob);
    }
  }
}

function artifact(at: number, mediaType: string, base64: string): Artifact {
  const ending = /^[\w.-]+\/([a-z\d]{1,10})\b/.exec(mediaType)?.[1] ?? "bin";
  return { name: `part-${at}.${ending}`, mediaType: visible(mediaType).slice(0, 100), base64 };
}
