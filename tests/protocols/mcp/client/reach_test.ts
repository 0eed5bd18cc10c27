import assert from "node:assert/strict";
import { McpConnection } from "../../../../protocols/messages/mcp_connection.ts";
import { mcpConnection } from "../../../../protocols/mcp/client/connection.ts";
import type { Reach } from "../../../../protocols/mcp/client/session.ts";
import type { Grant } from "../../../../supervisor/actor/grant.ts";
import { child, type TreeChild } from "../../../../supervisor/tree/spec.ts";
import type { McpServerSettings } from "../../../../workspace/config/mcp_servers.ts";
import { federation } from "../../../../protocols/mcp/client/federation.ts";
import { onStage } from "../../../supervisor/stage.ts";
import { address, freePort, joined, program } from "./servers.ts";

function grants(settings: McpServerSettings): Record<string, Grant | undefined> {
  const [tree] = federation([settings]).children as [TreeChild];
  return Object.fromEntries(
    tree.tree.children.map((one) => [one.name, one.kind === "actor" ? one.settings.grant : undefined]),
  );
}

/** Why a connection with that grant is down. */
async function down(reach: Reach, grant: Grant): Promise<string | null> {
  let said: string | null = null;
  await onStage(async ({ system }) => {
    const options = { name: "s", timeoutMs: 1_000, guard: null, reach };
    const root = await system.start("root", { children: [child("c", mcpConnection, options, { grant })] });
    const stream = root.ref(McpConnection, "c").stream("state", {});
    for await (const { down } of stream) {
      said = down;
      break;
    }
    await assert.rejects(stream.reply, { code: "cancelled" });
  });
  return said;
}

Deno.test("a connection may reach its server and nothing else", async () => {
  const connection = { net: ["mcp.example:8443"] };
  assert.deepEqual(grants(address("s", "https://mcp.example:8443/mcp?key=1")), { connection });
  assert.deepEqual(grants(address("s", "https://mcp.example/")), {
    connection: { net: ["mcp.example:443"] },
  });
  assert.deepEqual(grants(address("s", "http://[::1]/mcp")), { connection: { net: ["[::1]:80"] } });
  assert.deepEqual(grants(program("s", "everything.ts", [])), {
    guard: { run: ["/usr/bin/bash"] },
    connection: { run: [Deno.execPath()] },
  });

  const port = freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  assert.match(
    (await down({ url, headers: {} }, { net: ["127.0.0.1:1"] }))!,
    /Requires net access to "127.0.0.1:\d+"/,
  );
  const other = { program: Deno.execPath(), args: ["eval", "1"], env: {}, cwd: "/" };
  assert.match((await down(other, { run: ["/usr/bin/true"] }))!, /Requires run access/);
});

Deno.test("what keeps a server from being reached is said without its address, in which there may be a key", async () => {
  const host = `127.0.0.1:${freePort()}`;
  const said = await down({ url: `http://${host}/mcp?key=plum`, headers: {} }, { net: [host] });
  assert.match(said!, /Connection refused/);
  assert.doesNotMatch(said!, /plum|127/);
});

Deno.test("a program that is not there is said to be missing and not tried again", async () => {
  const missing = { ...program("s", "everything.ts", []), name: "s" };
  const settings = { ...missing, reach: { ...missing.reach, command: "no-such-program" } };
  assert.deepEqual(grants(settings).connection, "none");
  await joined([settings], async ({ source }) => assert.deepEqual(await source.list(), []));
});

/** The processes that bear that word on their command line. */
function processes(word: string): number {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => {
    try {
      return /^\d+$/.test(name) && Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(word);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false; // it ended this moment
      throw error;
    }
  }).length;
}

Deno.test("nothing is left of a program, nor of what it started, however its connection ends", async () => {
  const word = `leftover-${crypto.randomUUID()}`;
  // It starts a process in a session of its own, and neither heeds a polite word.
  const deaf = "trap '' TERM; while :; do sleep 1; done";
  const script = `trap '' TERM; setsid bash -c "${deaf}" ${word} & while read -r line; do :; done; sleep 60`;
  const settings = program("s", "everything.ts", []);
  const reach = { ...settings.reach, command: "bash", args: ["-c", script, word], env: {} };
  const [server] = federation([{ ...settings, reach }]).children as [TreeChild];
  const begun = async () => {
    while (processes(word) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await onStage(async ({ system, until }) => {
    const root = await system.start("root", server.tree);
    await begun();
    root.kill("connection", "for the test");
    await until("root/connection", "restarted");
    await begun();
  });
  assert.equal(processes(word), 0);
});
