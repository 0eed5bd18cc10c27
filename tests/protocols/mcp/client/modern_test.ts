import { acceptedContent, createMcpHandler, inputRequired, McpServer } from "@modelcontextprotocol/server";
import assert from "node:assert/strict";
import { z } from "zod";
import { within } from "../../../../protocols/mcp/client/patience.ts";
import type { Person } from "../../../../workspace/runtime/questions.ts";
import { fails } from "../../../supervisor/stage.ts";
import { address, joined } from "./servers.ts";

const NAME = {
  type: "object" as const,
  properties: { name: { type: "string" as const } },
  required: ["name"],
};

/** A server of 2026-07-28 that has no session, and what it saw. */
function serve() {
  const seen = { started: Promise.withResolvers<void>(), aborted: Promise.withResolvers<true>(), header: "" };
  let hasMore = false;
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "modern", version: "1" }, {
      capabilities: { tools: { listChanged: true } },
    });
    server.registerTool(
      "greet",
      { description: "Greets whoever is asked." },
      ({ mcpReq: { inputResponses } }) => {
        const said = acceptedContent<{ name: string }>(inputResponses, "who");
        if (said !== undefined) return { content: [{ type: "text", text: `Hello ${said.name}` }] };
        return inputRequired({
          inputRequests: { who: inputRequired.elicit({ message: "Who?", requestedSchema: NAME }) },
        });
      },
    );
    server.registerTool("wait", { description: "Waits." }, async ({ mcpReq: { signal } }) => {
      seen.started.resolve();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      seen.aborted.resolve(true);
      return { content: [] };
    });
    const inputSchema = z.object({ place: z.string().meta({ "x-mcp-header": "Place" }) });
    server.registerTool("routed", { description: "Says where.", inputSchema }, ({ place }) => ({
      content: [{ type: "text", text: `${place} ${seen.header}` }],
    }));
    if (hasMore) server.registerTool("more", {}, () => ({ content: [] }));
    return server;
  });
  const listening = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    seen.header = request.headers.get("mcp-param-place") ?? "";
    assert.equal(request.headers.get("authorization"), "Bearer plum");
    return handler.fetch(request);
  });
  return {
    seen,
    url: `http://127.0.0.1:${listening.addr.port}/mcp`,
    grow() {
      hasMore = true;
      handler.notify.toolsChanged();
    },
    async [Symbol.asyncDispose]() {
      await handler.close();
      await listening.shutdown();
    },
  };
}

Deno.test("a server of 2026-07-28 asks, is cancelled, and tells of new tools", async () => {
  await using server = serve();
  await joined([address("modern", server.url)], async ({ call, until }) => {
    assert.deepEqual(await until((names) => names.length > 0), [
      "modern_greet",
      "modern_wait",
      "modern_routed",
    ]);
    const named = (name: string): Person => (question) => {
      assert.equal(question.tool, "modern_greet");
      return Promise.resolve({ allowed: true, reason: "", content: { name } });
    };
    const people = ["Ann", "Bea", "Cem"];
    const greeted = await Promise.all(
      people.map((name) => call("modern_greet", {}, { person: named(name) })),
    );
    assert.deepEqual(
      greeted.map(({ outcome }) => outcome.ok && outcome.content),
      people.map((name) => `Hello ${name}`),
      "each question goes to whoever made the call",
    );
    const { outcome } = await call("modern_routed", { place: "here" });
    assert.deepEqual(outcome, { ok: true, content: "here here" });

    const cancelling = new AbortController();
    const waiting = call("modern_wait", {}, { signal: cancelling.signal });
    await server.seen.started.promise;
    cancelling.abort();
    await fails(waiting, "cancelled");
    assert.ok(await within(5_000, server.seen.aborted.promise), "the server is told");

    server.grow();
    await until((names) => names.includes("modern_more"));
  });
});
