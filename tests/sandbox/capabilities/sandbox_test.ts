import assert from "node:assert/strict";
import { decide } from "../../../sandbox/capabilities/decide.ts";
import { ToolManifest } from "../../../sandbox/capabilities/manifest.ts";
import { permissionsFor, type Scope } from "../../../sandbox/capabilities/permissions.ts";
import { Sandbox } from "../../../sandbox/capabilities/sandbox.ts";
import { Capability, Decision } from "../../../protocols/messages/capability.ts";
import type { Grant } from "../../../supervisor/actor/grant.ts";
import { z } from "zod";

Deno.test("F214: a manifest says what a tool needs, each once, and never changes", () => {
  const bare = new ToolManifest("fetch_page");
  const full = bare.require("Network").require("Custom(cache)").require("Network").withDescription("Reads.");
  assert.deepEqual({ ...full }, {
    name: "fetch_page",
    needs: ["Network", "Custom(cache)"],
    description: "Reads.",
  });
  assert.deepEqual({ ...bare }, { name: "fetch_page", needs: [], description: "" });
  assert.throws(() => (full.needs as string[]).push("FileRead"), TypeError);
  assert.throws(() => Object.assign(full, { name: "other" }), TypeError);
});

Deno.test("F212, F215: nothing is granted by default, and a tool needs all it asks for", () => {
  const sandbox = new Sandbox();
  sandbox.registerTool(new ToolManifest("clock"));
  sandbox.registerTool(new ToolManifest("save").require("FileRead").require("FileWrite"));
  assert.deepEqual(sandbox.check("clock"), { ok: true });
  assert.deepEqual(sandbox.check("save"), {
    ok: false,
    denied: ["FileRead", "FileWrite"],
    reason: "save needs FileRead, FileWrite, which are not granted",
  });
  sandbox.grant("FileWrite");
  assert.deepEqual(sandbox.check("save"), {
    ok: false,
    denied: ["FileRead"],
    reason: "save needs FileRead, which is not granted",
  });
  sandbox.grant("FileRead");
  assert.deepEqual(sandbox.check("save"), { ok: true });
  assert.deepEqual(sandbox.check("nope"), { ok: false, denied: [], reason: 'there is no tool "nope"' });
});

Deno.test("F213: a capability of the tool's own is another one than every other", () => {
  const sandbox = new Sandbox({ granted: ["Custom(mail)"] });
  sandbox.registerTool(new ToolManifest("mail", ["Custom(mail)"]));
  sandbox.registerTool(new ToolManifest("fax", ["Custom(fax)"]));
  assert.equal(sandbox.check("mail").ok, true);
  assert.equal(sandbox.check("fax").ok, false);
  const words = Capability(z);
  for (const word of ["Custom()", "Custom(a", "Custom(a)b", "fileread", "Everything"]) {
    assert.equal(words.safeParse(word).success, false, word);
  }
});

Deno.test("F217: the audit log has every decision, in order, and keeps the newest", () => {
  const sandbox = new Sandbox({ granted: ["FileRead"], kept: 3 });
  sandbox.registerTool(new ToolManifest("read", ["FileRead"]));
  sandbox.registerTool(new ToolManifest("write", ["FileRead", "FileWrite"]));
  for (const tool of ["read", "read", "write", "other"]) sandbox.check(tool);
  const log = sandbox.auditLog();
  assert.deepEqual(log, [
    { tool: "read", allowed: true, denied: [], grant: "FileRead", reason: "all it needs is granted" },
    {
      tool: "write",
      allowed: false,
      denied: ["FileWrite"],
      grant: "FileRead",
      reason: "write needs FileWrite, which is not granted",
    },
    { tool: "other", allowed: false, denied: [], grant: "nothing", reason: 'there is no tool "other"' },
  ]);
  for (const decision of log) Decision(z).parse(decision);
});

Deno.test("what is granted and not needed is no part of a decision", () => {
  const granted = ["Network", "FileRead", "SecretAccess"] as const;
  assert.equal(decide("read", ["FileRead"], granted).grant, "FileRead");
  assert.deepEqual(decide("clock", [], granted), {
    tool: "clock",
    allowed: true,
    denied: [],
    grant: "nothing",
    reason: "it needs nothing",
  });
});

Deno.test("F213: capabilities come to permissions, and to nothing without a scope", () => {
  const scope: Scope = {
    workspace: "/ws",
    hosts: ["api.example.com:443"],
    programs: ["git"],
    databases: ["/data/a.db"],
    variables: ["TOKEN"],
    custom: { cache: { read: ["/cache"], write: ["/cache"] } },
  };
  const beside = ["/data/a.db", "/data/a.db-journal", "/data/a.db-wal", "/data/a.db-shm"];
  const cases: [needs: Capability[], grant: Grant][] = [
    [[], "none"],
    [["FileRead"], { read: ["/ws"] }],
    [["FileWrite"], { write: ["/ws"] }],
    [["FileRead", "FileWrite", "FileRead"], { read: ["/ws"], write: ["/ws"] }],
    [["Network"], { net: ["api.example.com:443"] }],
    [["DatabaseRead"], { read: ["/data/a.db"] }],
    [["DatabaseWrite"], { read: beside, write: beside }],
    [["ShellExec"], { run: ["git"] }],
    [["SecretAccess"], { env: ["TOKEN"] }],
    [["Custom(cache)", "FileRead"], { read: ["/cache", "/ws"], write: ["/cache"] }],
    [["Custom(unknown)"], "none"],
    [["Custom(constructor)"], "none"],
  ];
  for (const [needs, grant] of cases) {
    assert.deepEqual(permissionsFor(needs, scope), grant, needs.join());
    assert.equal(permissionsFor(needs, {}), "none", needs.join());
  }
  assert.deepEqual(permissionsFor(["ShellExec"], { programs: true }), { run: true });
});
