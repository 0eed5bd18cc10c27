import assert from "node:assert/strict";
import { approver } from "../../../../actors/approvals/approver.ts";
import { toolSpec } from "../../../../actors/tools/tool_spec.ts";
import { Approval, type Question } from "../../../../protocols/messages/approval.ts";
import type { ActorRef } from "../../../../protocols/messages/ref.ts";
import type { ToolItem, ToolOutcome, ToolProtocol } from "../../../../protocols/messages/tool.ts";
import { toolName } from "../../../../protocols/mcp/client/tool_names.ts";
import { child } from "../../../../supervisor/tree/spec.ts";
import { APPROVER } from "../../../../workspace/runtime/crew.ts";
import { questionsAt } from "../../../../workspace/runtime/questions.ts";
import { fails } from "../../../supervisor/stage.ts";
import { type Joined, joined, program } from "./servers.ts";

const KEY = "key";
const everything = () => program("everything", "everything.ts", ["stdio"]);

/** The tools of a crew, as an agent has them. */
async function crewOf({ tree, extension, until }: Joined) {
  await until((names) => names.includes("everything_trigger-elicitation-request"));
  const { tools, denied } = await extension.toolkit(tree);
  assert.deepEqual(denied, []);
  await tree.add(child(APPROVER, approver, { key: KEY }, { lazy: true }));
  for (const { child } of tools) await tree.add(child);
  const named = (name: string) => tools.find(({ definition }) => definition.tool.name === name)!;
  const ref = (name: string) => tree.ref(named(name).child.actor.protocol, name) as ActorRef<ToolProtocol>;
  return { tools, named, ref };
}

async function invoke(
  ref: ActorRef<ToolProtocol>,
  args: unknown,
  items: ToolItem[] = [],
): Promise<ToolOutcome> {
  const stream = ref.stream("invoke", args);
  for await (const item of stream) items.push(item);
  return await stream.reply;
}

Deno.test("an agent uses the tool of a server as it uses any, and the server asks the person who watches", async () => {
  await joined([everything()], async (all) => {
    const { named, ref } = await crewOf(all);
    const { definition, child: { settings }, decision } = named("everything_get-sum");
    const { name, parameters } = toolSpec(definition);
    assert.equal(name, "everything_get-sum");
    assert.deepEqual(parameters, {
      type: "object",
      properties: {
        a: { type: "number", description: "First number" },
        b: { type: "number", description: "Second number" },
      },
      required: ["a", "b"],
    });
    assert.equal(settings.grant, "none");
    assert.deepEqual([decision.allowed, decision.grant], [true, "Custom(mcp_everything)"]);
    assert.equal(definition.tool.settle, "repeatable", "its server says that it reads only");
    assert.equal(named("everything_trigger-elicitation-request").definition.tool.settle, "ask");

    const sum = ref("everything_get-sum");
    assert.deepEqual(await invoke(sum, { a: 1, b: 2 }), { ok: true, content: "The sum of 1 and 2 is 3." });
    const wrong = await invoke(sum, { a: "x" });
    assert.ok(!wrong.ok && /Invalid arguments/.test(wrong.message), "the server refuses, not the kernel");
    await fails(sum.stream("invoke", "no object").reply, "bad_request");

    const items: ToolItem[] = [];
    await invoke(ref("everything_trigger-long-running-operation"), { duration: 0.2, steps: 2 }, items);
    const shown = items.map((item) => item.type === "output" ? item.text : "").join("");
    assert.equal(shown, "1 of 2\n2 of 2\n");
    await asksThePerson(all, ref("everything_trigger-elicitation-request"));
  });
});

async function asksThePerson({ tree }: Joined, tool: ActorRef<ToolProtocol>): Promise<void> {
  const asked: Question[] = [];
  const leave = questionsAt(tree.ref(Approval, APPROVER), KEY).answeredBy((question) => {
    asked.push(question);
    return Promise.resolve({ allowed: true, reason: "", content: { name: "Ann" } });
  });
  const outcome = await invoke(tool, {});
  assert.match(outcome.ok ? outcome.content : "", /- Name: Ann/);
  assert.equal(asked[0]!.tool, "everything_trigger-elicitation-request");
  leave();

  const gone = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  const leaveAgain = questionsAt(tree.ref(Approval, APPROVER), KEY).answeredBy(
    (_question, withdrawn) => {
      withdrawn.addEventListener("abort", () => gone.resolve(), { once: true });
      waiting.resolve();
      return new Promise(() => {});
    },
  );
  const stream = tool.stream("invoke", {});
  await waiting.promise;
  stream.cancel();
  await fails(stream.reply, "cancelled");
  await gone.promise;
  leaveAgain();
}

Deno.test("tools have names that every model and every gateway takes", () => {
  const cases: [server: string, tool: string, taken: string[], name: string][] = [
    ["git", "createIssue", [], "git_createIssue"],
    ["git", "issues/create.new", [], "git_issues_create_new"],
    ["git", "a b", ["git_a_b"], "git_a_b_2"],
    ["git", "ü", [], "git__"],
    ["git", "x".repeat(100), [], `git_${"x".repeat(60)}`],
    ["git", "x".repeat(100), [`git_${"x".repeat(60)}`], `git_${"x".repeat(58)}_2`],
  ];
  for (const [server, tool, taken, name] of cases) assert.equal(toolName(server, tool, new Set(taken)), name);
});
