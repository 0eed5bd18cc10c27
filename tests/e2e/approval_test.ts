/** What tools may do: granted by the configuration, judged by the policy, asked of a person, and kept in the audit log. */
import assert from "node:assert/strict";
import type { Decision } from "../../protocols/messages/capability.ts";
import { scriptedOpenAi, text, toolCalls } from "../support/scripted_openai.ts";
import { eventsOf, Place, type Program, runIn } from "./program.ts";

const command = (id: string, command: string) => ({ id, name: "run_command", arguments: { command } });

/** Runs the rest of its command line on a terminal of its own; both outputs come to its stdout. */
const ON_TERMINAL = {
  under: ["bash", "-c", 'exec script -qefc "${*@Q}" /dev/null', "script"],
  keyboard: true,
  env: { NO_COLOR: "1" },
};

Deno.test("a tool that is not granted is denied to the model, shown, and in the audit log", async () => {
  await using place = new Place();
  Deno.writeTextFileSync(`${place.cwd}/troupe.toml`, '[tools]\ngrant = ["FileRead"]\n');
  await using server = scriptedOpenAi([
    toolCalls([
      { id: "c1", name: "write_file", arguments: { path: "a.txt", content: "x" } },
      command("c2", "ls"),
      { id: "c3", name: "list_files", arguments: {} },
      { id: "c4", name: "calculator", arguments: { expression: "1 + 1" } },
    ]),
    {
      expect: ({ body: { messages } }) => {
        const [write, run, list, sum] = messages.slice(-4).map(({ content }) => content ?? "");
        assert.match(write!, /TOOL_DENIED: write_file needs FileWrite, which is not granted/);
        assert.match(run!, /TOOL_DENIED: run_command needs ShellExec, FileWrite, which are not granted/);
        assert.deepEqual([list, sum], ["[the folder is empty]", "2"]);
      },
      answer: text("I may not."),
    },
  ]);
  const ran = await place.run(["run", "try it"], { server });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /\n⊘ write_file needs FileWrite\n/);
  assert.match(ran.stderr, /\n✗ write_file .* → denied: write_file needs FileWrite, which is not granted\n/);

  const run = runIn(ran);
  const audit = await place.run(["show", run, "--audit"]);
  assert.deepEqual([audit.code, audit.stdout.split("\n")], [0, [
    "denied  agent: write_file · FileRead · write_file needs FileWrite, which is not granted",
    "denied  agent: run_command · FileRead · run_command needs ShellExec, FileWrite, which are not granted",
    "allowed agent: list_files · FileRead · all it needs is granted",
    "allowed agent: calculator · nothing · it needs nothing",
    "",
  ]]);
  const json = await place.run(["show", run, "--audit", "--json"]);
  const lines = json.stdout.trim().split("\n").map((line): Decision & { agent: string } => JSON.parse(line));
  assert.deepEqual(lines.map(({ tool, allowed, denied }) => [tool, allowed, denied]), [
    ["write_file", false, ["FileWrite"]],
    ["run_command", false, ["ShellExec", "FileWrite"]],
    ["list_files", true, []],
    ["calculator", true, []],
  ]);
  await server.finish();
  assert.deepEqual(await place.run(["replay", run]), ran, "decisions are replayed, not made again");
});

Deno.test("where nobody can answer, a command that needs a person is denied with that reason; others pass or are denied", async () => {
  await using place = new Place();
  Deno.mkdirSync(place.workspace, { recursive: true });
  Deno.writeTextFileSync(`${place.workspace}/a.txt`, "a");
  await using server = scriptedOpenAi([
    toolCalls([command("c1", "ls"), command("c2", "touch b.txt"), command("c3", "rm -rf /")]),
    {
      expect: ({ body: { messages } }) => {
        const [ls, touch, rm] = messages.slice(-3).map(({ content }) => content ?? "");
        assert.match(ls!, /"stdout":"a\.txt\\n"/);
        assert.match(touch!, /TOOL_DENIED: .*nobody can answer here/);
        assert.match(rm!, /TOOL_DENIED: /);
      },
      answer: text("done"),
    },
  ]);
  const ran = await place.run(["run", "tidy up", "--json"], { server });
  assert.equal(ran.code, 0, ran.stderr);
  const decisions = eventsOf(ran.stdout).flatMap((event) =>
    event.type === "decision" ? [event.decision] : []
  );
  const granted = decisions.filter(({ grant }) => grant === "ShellExec, FileRead, FileWrite");
  assert.equal(granted.length, 3);
  const judged = decisions.filter((decision) => !granted.includes(decision));
  assert.deepEqual(judged.map(({ allowed, grant }) => [allowed, grant.replace(/^(policy): .*/s, "$1")]), [
    [true, "policy"],
    [false, "a person"],
    [false, "policy"],
  ]);
  assert.deepEqual([...Deno.readDirSync(place.workspace)].map(({ name }) => name), ["a.txt"]);
});

Deno.test("a person at a terminal is asked; what they allow is done, what they refuse is not", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi([
    toolCalls([command("c1", "touch one.txt")]),
    { expect: { last: /"exit_code":0/ }, answer: toolCalls([command("c2", "touch two.txt")]) },
    { expect: { last: /TOOL_DENIED: .*a person refused it/ }, answer: text("One of two.") },
  ]);
  const program = place.start(["run", "make files"], { server, ...ON_TERMINAL });
  await answer(program, /Allow run_command: touch one\.txt \? \[y\]es/, "y");
  await answer(program, /Allow run_command: touch two\.txt \? \[y\]es/, "n");
  const { code, stdout } = await program.ended;
  assert.equal(code, 0, stdout);
  assert.match(stdout, /One of two\./);
  assert.deepEqual([...Deno.readDirSync(place.workspace)].map(({ name }) => name), ["one.txt"]);
  const audit = await place.run(["show", runIn({ stdout, stderr: "", code, signal: null }), "--audit"]);
  assert.match(audit.stdout, /^allowed agent: run_command · a person · a person allowed it$/m);
  assert.match(audit.stdout, /^denied {2}agent: run_command · a person · .*a person refused it$/m);
});

Deno.test("Ctrl-C at a question stops the run, nothing is done, and it can be gone on with", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi.byConversation(({ body: { messages } }) => {
    const last = messages.at(-1)!;
    if (last.role === "user") return toolCalls([command("c1", "touch one.txt")]);
    assert.match(last.content ?? "", /TOOL_DENIED: .*the run was stopped/);
    return text("Then not.", { chunkMs: 20 });
  }, { sameKeyMayRepeat: true });
  const program = place.start(["run", "make a file"], { server, ...ON_TERMINAL });
  await program.meanwhile(program.shows(/Allow run_command: touch one\.txt \?/));
  await program.type("\x03");
  const stopped = await program.ended;
  assert.equal(stopped.code, 130, stopped.stdout);
  assert.match(stopped.stdout, /stopping; resume with:/);
  assert.deepEqual([...Deno.readDirSync(place.workspace)], []);
  const resumed = await place.run(["resume", runIn(stopped)], { server });
  assert.deepEqual([resumed.code, resumed.stdout], [0, "Then not.\n"], resumed.stderr);
});

/** Types until the question has been answered: what comes within a moment of it is not taken for an answer. */
async function answer(program: Program, question: RegExp, word: string): Promise<void> {
  const { index, 0: shown } = await program.meanwhile(program.shows(question));
  for (let from = index + shown.length, ignored = true; ignored;) {
    await program.type(`${word}\n`);
    const seen = await program.meanwhile(
      program.shows(/typed before the question[^\n]*\n|[✓✗] run_command/, from),
    );
    ignored = seen[0].startsWith("typed");
    from += seen.index + seen[0].length;
  }
}
