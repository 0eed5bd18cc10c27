import assert from "node:assert/strict";
import type { Capability } from "../../../protocols/messages/capability.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { ToolOutcome, ToolProtocol } from "../../../protocols/messages/tool.ts";
import { type DeniedTool, type Tool, toolOr } from "../../../workspace/runtime/toolkit.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { onStage } from "../../supervisor/stage.ts";
import { lying } from "../../workers/liar.ts";

Deno.test("a tool that does not declare what it does is stopped by the platform, and its actor lives", () =>
  inFolder((folder) =>
    onStage(async ({ system, changes }) => {
      const workspace = `${folder}/ws`;
      Deno.mkdirSync(workspace);
      Deno.writeTextFileSync(`${workspace}/a.txt`, "old");
      Deno.writeTextFileSync(`${folder}/secret.txt`, "secret");
      using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = server.addr as Deno.NetAddr;
      const scope = { workspace, hosts: [`127.0.0.1:${port}`], programs: ["sh"], variables: ["HOME"] };
      const deeds: [deed: string, target: string, needed: Capability[]][] = [
        ["read", `${workspace}/a.txt`, ["FileRead"]],
        ["write", `${workspace}/a.txt`, ["FileWrite"]],
        ["connect", `127.0.0.1:${port}`, ["Network"]],
        ["spawn", "sh", ["ShellExec"]],
        ["env", "HOME", []],
        ["read", `${folder}/secret.txt`, []],
        ["write", `${folder}/secret.txt`, []],
        ["read", "/etc/passwd", []],
        ["connect", "127.0.0.2:1", []],
        ["listen", "", []],
        ["spawn", "bash", []],
        ["env", "PATH", []],
        ["library", "/lib/x86_64-linux-gnu/libc.so.6", []],
        ["system", "", []],
        ["worker", import.meta.url, []],
      ];
      const granted = ["FileRead", "FileWrite", "Network", "ShellExec", "SecretAccess"] as const;
      for (const declared of [[], ["FileRead"], granted] satisfies (readonly Capability[])[]) {
        const made = toolOr(lying(declared), {}, { granted, scope });
        assert.ok("child" in made);
        const tree = await system.start(`declares ${declared.length}`, { children: [made.child] });
        const ref = tree.ref(made.child.actor.protocol, "liar") as ActorRef<ToolProtocol>;
        for (const [deed, target, needed] of deeds) {
          const reply: Promise<ToolOutcome> = ref.stream("invoke", { deed, target } as never).reply;
          const outcome = await reply;
          const may = needed.length > 0 && needed.every((one) => (declared as Capability[]).includes(one));
          const what = `${declared.join("+")}: ${deed} ${target}: ${JSON.stringify(outcome)}`;
          if (may) assert.deepEqual(outcome, { ok: true, content: "done" }, what);
          else assert.equal(outcome.ok ? "done" : outcome.kind, "denied", what);
        }
        assert.equal(Deno.readTextFileSync(`${folder}/secret.txt`), "secret");
        const written = (declared as Capability[]).includes("FileWrite") ? "mine" : "old";
        assert.equal(Deno.readTextFileSync(`${workspace}/a.txt`), written);
      }
      assert.deepEqual(changes.filter((change) => !change.endsWith("started")), []);
    })
  ));

Deno.test("a tool that declares more than is granted gets no worker at all", () => {
  const made: Tool | DeniedTool = toolOr(lying(["FileRead", "ShellExec"]), {}, {
    granted: ["FileRead"],
    scope: { workspace: "/ws", programs: true },
  });
  assert.ok(!("child" in made));
  assert.equal(made.reason, "liar needs ShellExec, which is not granted");
  assert.deepEqual(made.decision, {
    tool: "liar",
    allowed: false,
    denied: ["ShellExec"],
    grant: "FileRead",
    reason: "liar needs ShellExec, which is not granted",
  });
});
