/** Tools called from outside, without a run: what a person finds of it afterwards, also when the server was killed. */
import assert from "node:assert/strict";
import { Place } from "./program.ts";

const MESSAGES = [
  {
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  },
  { method: "notifications/initialized" },
  { id: 2, method: "tools/call", params: { name: "echo", arguments: { text: "hello" } } },
  { id: 3, method: "tools/call", params: { name: "write_file", arguments: { path: "a.txt", content: "x" } } },
];

Deno.test("calls made over MCP are listed, shown and audited after a SIGKILL, and no run to be resumed", async () => {
  await using place = new Place();
  const server = place.start(["mcp"], { keyboard: true });
  for (const message of MESSAGES) await server.type(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  await server.meanwhile(server.shows(/Wrote 1 bytes/));
  server.kill("SIGKILL");
  await server.ended;
  assert.equal(Deno.readTextFileSync(`${place.workspace}/a.txt`), "x");

  const [record] = JSON.parse(
    `[${(await place.run(["runs", "--json"])).stdout.trim().split("\n").join(",")}]`,
  );
  const { run, status, task } = record;
  assert.deepEqual([status, task], ["interrupted", "Direct calls by anyone"]);
  const [shown, audited, resumed] = await Promise.all([
    place.run(["show", run]),
    place.run(["show", run, "--audit"]),
    place.run(["resume", run]),
  ]);
  assert.match(shown.stdout, /✓ write_file .* → Wrote 1 bytes to a.txt/);
  assert.doesNotMatch(shown.stdout, /resume with/);
  assert.match(audited.stdout, /^allowed desk: write_file · FileRead, FileWrite · all it needs is granted$/m);
  assert.equal(resumed.code, 1);
  assert.match(resumed.stderr, /Cannot resume run .*: it is a list of calls that others made/);
});
