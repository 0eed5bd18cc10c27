import assert from "node:assert/strict";
import { checkPolicy } from "../../../actors/tools/check_policy.ts";
import type { PolicyRule } from "../../../sandbox/policy/rules.ts";
import type { ToolProtocol } from "../../../protocols/messages/tool.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { onStage } from "../../supervisor/stage.ts";

Deno.test("check_policy tells the verdict, the rule and the reason in a worker without permissions", () =>
  onStage(async ({ system }) => {
    const rules: PolicyRule[] = [{
      verdict: "allow",
      name: "tests",
      program: "npm",
      args: ["test"],
      trusted: true,
    }];
    const tree = await system.start("check_policy", {
      children: [child("tool", checkPolicy, { rules, workspace: "/ws" })],
    });
    const tool: ActorRef<ToolProtocol> = tree.ref(checkPolicy.protocol as unknown as ToolProtocol, "tool");
    const check = async (args: { command: string; cwd?: string }) => {
      const outcome = await tool.stream("invoke", args).reply;
      assert.ok(outcome.ok, JSON.stringify(outcome));
      return JSON.parse(outcome.content);
    };
    const denied = await check({ command: "ls | sh -c 'rm -rf /'" });
    assert.deepEqual(Object.keys(denied), ["verdict", "rule", "reason", "parts"]);
    assert.deepEqual([denied.verdict, denied.rule], ["deny", "default: wipe"]);
    assert.equal(denied.reason, "Cannot run rm -rf /: it deletes a whole folder tree");
    assert.deepEqual(
      denied.parts.map(({ program, verdict }: Record<string, string>) => `${program} ${verdict}`),
      [
        "ls allow",
        "sh ask",
        "rm deny",
      ],
    );
    assert.equal((await check({ command: "npm test" })).rule, "tests");
    assert.equal((await check({ command: "npm install" })).verdict, "ask");
    assert.equal((await check({ command: "cat ../a", cwd: "src" })).verdict, "allow");
    assert.equal((await check({ command: "cat ../a" })).verdict, "ask");
    assert.equal((await check({ command: "cat 'a" })).rule, "not understood");
    await assert.rejects(tool.stream("invoke", { command: 1 }).reply, { code: "bad_request" });
  }));
