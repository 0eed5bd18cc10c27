import * as library from "@modelcontextprotocol/client";
import type { CallToolResult } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { outcomeOf, outcomeOfError } from "../../../../protocols/mcp/client/outcome.ts";
import type { ToolOutcome } from "../../../../protocols/messages/tool.ts";

const text = (text: string) => ({ type: "text" as const, text });

Deno.test("what a server answers is an outcome", () => {
  const cases: [result: CallToolResult, outcome: ToolOutcome][] = [
    [{ content: [] }, { ok: true, content: "" }],
    [{ content: [text("a"), text("b")] }, { ok: true, content: "a\nb" }],
    [{ content: [], structuredContent: { a: 1 } }, { ok: true, content: '{"a":1}' }],
    [{ content: [text("one")], structuredContent: { a: 1 } }, { ok: true, content: "one" }],
    [{ content: [text("no\u001b[31m")], isError: true }, { ok: false, kind: "permanent", message: "no[31m" }],
    [{ content: [], isError: true }, {
      ok: false,
      kind: "permanent",
      message: "the tool failed and did not say why",
    }],
    [{ content: [{ type: "audio", mimeType: "audio/wav", data: "AAAA" }] }, {
      ok: true,
      content: "(part-1.wav)",
      artifacts: [{ name: "part-1.wav", mediaType: "audio/wav", base64: "AAAA" }],
    }],
    [{ content: [{ type: "resource_link", uri: "file:///a", name: "a", title: "A" }] }, {
      ok: true,
      content: "A: file:///a",
    }],
    [{ content: [{ type: "resource", resource: { uri: "x://a", text: "hi" } }] }, {
      ok: true,
      content: "x://a:\nhi",
    }],
    [{ content: [{ type: "resource", resource: { uri: "x://a", blob: "AAAA" } }] }, {
      ok: true,
      content: "(part-1.octet)",
      artifacts: [{ name: "part-1.octet", mediaType: "application/octet-stream", base64: "AAAA" }],
    }],
  ];
  for (const [result, outcome] of cases) assert.deepEqual(outcomeOf(result), outcome);
});

Deno.test("an error of the protocol is an outcome", () => {
  const { ProtocolError, SdkError, SdkErrorCode, UrlElicitationRequiredError } = library;
  const cases: [error: unknown, kind: string, message: RegExp][] = [
    [new ProtocolError(-32602, "Tool a not found"), "permanent", /Tool a not found/],
    [new SdkError(SdkErrorCode.RequestTimeout, "Request timed out"), "transient", /timed out/],
    [new UrlElicitationRequiredError([]), "permanent", /open a page of the web/],
    ["odd", "permanent", /^odd$/],
  ];
  for (const [error, kind, message] of cases) {
    const outcome = outcomeOfError(library, error);
    assert.ok(!outcome.ok && outcome.kind === kind, String(error));
    assert.match(outcome.message, message);
  }
});
