import assert from "node:assert/strict";
import { approver } from "../../../actors/approvals/approver.ts";
import { CommandRunner, commandRunner, commandRunnerGrant } from "../../../actors/tools/command_runner.ts";
import { runCommand, runCommandGrant, type RunCommandOptions } from "../../../actors/tools/run_command.ts";
import { Approval, type Verdict } from "../../../protocols/messages/approval.ts";
import type { ActorRef, ActorStream, CallOptions } from "../../../protocols/messages/ref.ts";
import type { ToolItem, ToolOutcome, ToolProtocol } from "../../../protocols/messages/tool.ts";
import type { PolicyRule } from "../../../sandbox/policy/rules.ts";
import { findProgram, searchFolders, SYSTEM_PATH } from "../../../sandbox/process/search_path.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { assertNoneLeft, longSleep } from "../../sandbox/process/leftovers.ts";
import { onStage, type Stage } from "../../supervisor/stage.ts";

const KEY = "key";
const EVERYTHING: PolicyRule[] = [{ verdict: "allow", program: ["*", "<", ">", "="], trusted: true }];

type Invoke = (args: unknown, options?: CallOptions) => ActorStream<ToolItem, ToolOutcome>;

interface Scene {
  readonly stage: Stage;
  readonly workspace: string;
  readonly approval: ActorRef<typeof Approval>;
  readonly invoke: Invoke;
}

/** A workspace, the tool at work in it, and whoever asks a person. No process outlives it. */
async function withTool(
  test: (scene: Scene) => Promise<void>,
  options: Partial<RunCommandOptions> & { nobody?: boolean } = {},
): Promise<void> {
  const { nobody = false, ...more } = options;
  await inFolder((workspace) =>
    onStage(async (stage) => {
      const tree = await stage.system.start("root", {
        children: [
          child("approver", approver, { key: KEY }),
          child("tool", runCommand, (started) => ({
            workspace,
            rules: [],
            approver: nobody ? null : started.ref(Approval, "approver"),
            ...more,
          }), { grant: runCommandGrant(workspace) }),
        ],
      });
      const ref: ActorRef<ToolProtocol> = tree.ref(runCommand.protocol as unknown as ToolProtocol, "tool");
      const invoke: Invoke = (args, options) => ref.stream("invoke", args, options);
      await test({ stage, workspace, approval: tree.ref(Approval, "approver"), invoke });
    }, { actors: [commandRunner] })
  );
  assertNoneLeft("no command line has this in it");
}

async function reported(stream: ActorStream<ToolItem, ToolOutcome>): Promise<Record<string, unknown>> {
  const outcome = await stream.reply;
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return JSON.parse(outcome.content);
}

async function denial(stream: ActorStream<ToolItem, ToolOutcome>): Promise<string> {
  const outcome = await stream.reply;
  assert.ok(!outcome.ok && outcome.kind === "denied", JSON.stringify(outcome));
  return outcome.message;
}

Deno.test("run_command runs what the policy allows, in the workspace, with a clean environment", () =>
  withTool(async ({ invoke, workspace }) => {
    Deno.writeTextFileSync(`${workspace}/a b.txt`, "hello\n");
    const plain = await reported(invoke({ command: "cat 'a b.txt'" }));
    assert.deepEqual(plain, { exit_code: 0, stdout: "hello\n", stderr: "" });
    const piped = await reported(invoke({ command: "cat *.txt | wc -c" }));
    assert.deepEqual([piped.exit_code, String(piped.stdout).trim()], [0, "6"]);
    const failed = await reported(invoke({ command: "cat missing" }));
    assert.deepEqual([failed.exit_code, failed.stdout], [1, ""]);
    assert.match(String(failed.stderr), /missing/);
  }));

Deno.test("run_command hands on how a command ended", () =>
  withTool(async ({ invoke, workspace }) => {
    const run = (command: string, more = {}) => reported(invoke({ command, ...more }));
    Deno.writeTextFileSync(`${workspace}/crash`, "#!/bin/sh\nkill -SEGV $$\n", { mode: 0o755 });
    assert.equal((await run("exit 3")).exit_code, 3);
    assert.equal((await run("no-such-program")).exit_code, 127);
    assert.deepEqual(await run("./crash"), {
      exit_code: null,
      signal: "SIGSEGV",
      stdout: "",
      stderr: "",
    });
    assert.deepEqual((await run("seq 1 50000")).truncated, { stdout: 288_894 - 32 * 1024, stderr: 0 });
    const sleep = longSleep();
    const late = await run(`setsid ${sleep} & ${sleep}`, { timeout_ms: 200 });
    assert.deepEqual([late.timed_out, late.exit_code], [true, null]);
    assertNoneLeft(sleep);
    const env = String((await run("env")).stdout).trim().split("\n").sort();
    assert.deepEqual(env.map((line) => line.split("=")[0]), [
      "HOME",
      "LANG",
      "PATH",
      "TERM",
      "TROUPE_COMMAND",
    ]);
    assert.equal(env[0], `HOME=${workspace}`);
  }, { rules: EVERYTHING }));

Deno.test("run_command starts in a folder of the workspace and nowhere else", () =>
  withTool(async ({ invoke, workspace }) => {
    Deno.mkdirSync(`${workspace}/sub`);
    Deno.symlinkSync("/etc", `${workspace}/out`);
    const inSub = await reported(invoke({ command: "pwd", cwd: "sub" }));
    assert.equal(inSub.stdout, `${workspace}/sub\n`);
    assert.match(await denial(invoke({ command: "pwd", cwd: "out" })), /outside the workspace/);
    assert.match(await denial(invoke({ command: "pwd", cwd: ".." })), /outside the workspace/);
    const missing = await invoke({ command: "pwd", cwd: "missing" }).reply;
    assert.equal(missing.ok || missing.kind, "not_found");
  }));

Deno.test("run_command asks a person, who says yes or no, and reports it", () =>
  withTool(async ({ invoke, approval, workspace }) => {
    const answers: Verdict[] = [{ allowed: true, reason: "fine" }, { allowed: false, reason: "not now" }];
    const asked: string[] = [];
    const questions = approval.stream("questions", { key: KEY });
    const person = (async () => {
      for await (const { id, question } of questions) {
        if (question === null) continue;
        asked.push(question.action);
        await approval.call("answer", { id, verdict: answers.shift()! });
      }
    })();
    assert.equal((await reported(invoke({ command: "touch made" }))).exit_code, 0);
    assert.ok(Deno.statSync(`${workspace}/made`).isFile);
    const stream = invoke({ command: "touch 'not made'" });
    const decisions: unknown[] = [];
    for await (const item of stream) if (item.type === "decision") decisions.push(item.decision.allowed);
    const refused = await denial(stream);
    assert.match(refused, /^TOOL_DENIED: .*not now$/);
    assert.deepEqual(decisions, [false]);
    assert.deepEqual(asked, ["touch made", "touch 'not made'"]);
    assert.throws(() => Deno.statSync(`${workspace}/not made`), Deno.errors.NotFound);
    questions.cancel();
    await person.catch(() => {});
    await questions.reply.catch(() => {});
  }));

Deno.test("run_command does not ask where nobody can answer, nor about what is denied", async () => {
  await withTool(async ({ invoke, workspace }) => {
    assert.match(await denial(invoke({ command: "touch made" })), /^TOOL_DENIED: .*nobody can answer here/);
    assert.deepEqual([...Deno.readDirSync(workspace)], []);
  }, { nobody: true });
  await withTool(async ({ invoke }) => {
    assert.match(await denial(invoke({ command: "touch made" })), /^TOOL_DENIED: .*nobody can answer here/);
    const rules = await denial(invoke({ command: "rm -rf /" }));
    assert.match(rules, /^TOOL_DENIED: (?!TOOL_DENIED)/);
    assert.doesNotMatch(rules, /nobody/);
  });
});

Deno.test("run_command does not take a link out of the workspace for a file in it", () =>
  withTool(async ({ invoke, workspace }) => {
    Deno.symlinkSync("/etc/hostname", `${workspace}/name`);
    assert.match(await denial(invoke({ command: "cat name" })), /outside the workspace/);
  }, { nobody: true }));

Deno.test("run_command shows the output while the command runs, and ends it when its caller gives up", () =>
  withTool(async ({ invoke, stage }) => {
    const sleep = longSleep();
    const stream = invoke({ command: `echo ready; setsid ${sleep} & ${sleep}` });
    for await (const item of stream) {
      if (item.type === "output" && item.text.includes("ready")) break; // leaving the loop cancels
    }
    const begun = performance.now();
    await assert.rejects(stream.reply, { code: "cancelled" });
    // The tool handles one message at a time: when it answers this, it is done with the other.
    assert.equal((await reported(invoke({ command: "true" }))).exit_code, 0);
    assertNoneLeft(sleep);
    assert.ok(performance.now() - begun < 10_000);
    assert.deepEqual(stage.changes.filter((change) => /died|failed/.test(change)), []);
  }, { rules: EVERYTHING }));

Deno.test("what a command started ends when the system is closed, or its caller's time is over", async () => {
  const sleep = longSleep();
  let cut: Promise<unknown> = Promise.resolve();
  await withTool(async ({ invoke }) => {
    const late = await reported(invoke({ command: sleep }, { timeoutMs: 2_500 }));
    assert.equal(late.timed_out, true);
    const stream = invoke({ command: `echo ready; ${sleep}` });
    cut = assert.rejects(stream.reply);
    for await (const item of stream) if (item.type === "output") return;
  }, { rules: EVERYTHING });
  await cut;
  assertNoneLeft(sleep);
});

Deno.test("a plain command runs in an actor that may start this program and no other; others in one that may start bash", () =>
  withTool(async ({ invoke, workspace }) => {
    // Bash counts itself in a variable; where it is missing, none was there.
    Deno.writeTextFileSync(`${workspace}/show`, "#!/bin/sh\nexec env\n", { mode: 0o755 });
    const shells = async (command: string) =>
      /^SHLVL=/m.test(String((await reported(invoke({ command }))).stdout));
    for (const plain of ["env", "env -u 'a b'", "./show", `${workspace}/show`]) {
      assert.equal(await shells(plain), false, plain);
    }
    for (const other of ["env | cat", "env && true", "true; ./show"]) {
      assert.equal(await shells(other), true, other);
    }
  }, { rules: EVERYTHING }));

Deno.test("the platform refuses a runner every program but the one its grant names", () =>
  onStage(async ({ system }) => {
    const folders = searchFolders(SYSTEM_PATH, "/nowhere");
    const [ls, cat] = [findProgram("ls", folders)!, findProgram("cat", folders)!];
    const tree = await system.start("root", {
      children: [child("runner", commandRunner, {}, { grant: commandRunnerGrant(ls) })],
    });
    const runner = tree.ref(CommandRunner, "runner");
    const spec = { args: ["/"], cwd: "/", env: {}, outputBytes: 1_000 };
    assert.match((await runner.stream("run", { ...spec, program: ls }).reply).stdout, /^etc$/m);
    for (const program of [cat, "/bin/sh", "cat"]) {
      await assert.rejects(runner.stream("run", { ...spec, program }).reply, { code: "denied" });
    }
    assertNoneLeft("no command line has this in it");
  }));
