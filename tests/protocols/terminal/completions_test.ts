import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import { runCli } from "../../../protocols/terminal/cli.ts";
import { stand, type StandOptions } from "./outside.ts";
import { record, RUN } from "./runs.ts";

Deno.test("commands, options and the values of options are completed", async () => {
  assert.deepEqual((await completed(["re"])).words, ["resume", "replay"]);
  assert.deepEqual((await completed(["run", "--max-t"])).words, ["--max-turns", "--max-tokens"]);
  assert.deepEqual((await completed(["run", "--executor", ""])).words, ["pyodide", "pyo3", "none"]);
  assert.deepEqual((await completed(["complete", "z"])).words, ["zsh"]);
});

Deno.test("ids of runs are completed, from the database the line names, with what the run was", async () => {
  const runs = () => Promise.resolve([record({ task: "Sort\tit:\nall" }), record({ run: "02x" })]);
  for (const command of ["resume", "show", "replay"]) {
    const { at, lines, words } = await completed([command, "--db", "my.db", "01"], { runtime: { runs } });
    assert.deepEqual(words, [RUN], command);
    assert.equal(lines[0], `${RUN}\tanswered: Sort it: all`);
    assert.deepEqual([at.opened[0]?.db, at.closed], ["my.db", 1]);
  }
  assert.equal((await completed(["run", "0"], { runtime: { runs } })).at.opened.length, 0);
  assert.equal((await completed(["show", "--j"], { runtime: { runs } })).at.opened.length, 0);
});

Deno.test("where runs cannot be read there are no ids, and no error in the middle of the person's line", async () => {
  const { words, at } = await completed(["show", ""], { openFails: new Fault("config_invalid", "broken") });
  assert.deepEqual([words, at.stderr.written], [[], ""]);
});

Deno.test("there is a script for each shell, and no other", async () => {
  const marks = {
    bash: "complete -o default -F",
    zsh: "#compdef troupe",
    fish: "complete -c troupe",
    powershell: "Register-ArgumentCompleter",
  };
  for (const [shell, mark] of Object.entries(marks)) {
    const { code, out } = await cli(["complete", shell]);
    assert.equal(code, 0);
    assert.ok(out.includes(mark) && /troupe complete '?--/.test(out), shell);
  }
  assert.equal((await cli(["complete", "tcsh"])).code, 2);
  assert.equal((await cli(["complete"])).code, 2);
});

Deno.test("the shell completes the file of a command that takes one", async () => {
  assert.equal((await cli(["complete", "--", "python", "a"])).out, ":0\n");
  assert.match((await cli(["complete", "--", "python", "--t"])).out, /^--timeout\t.*\n:4\n$/);
  assert.equal((await cli(["complete", "--", "run", "a"])).out, ":4\n");
});

Deno.test("console.log is as it was after completing", async () => {
  const { log: before } = globalThis.console;
  await completed(["re"]);
  await cli(["complete", "tcsh"]);
  const { log: after } = globalThis.console;
  assert.equal(after, before);
});

Deno.test("bash completes with the script", async () => {
  const { out: script } = await cli(["complete", "bash"]);
  const { out: answer } = await cli(["complete", "--", "re"]);
  const test = `
    compopt() { :; }
    _get_comp_words_by_ref() { cur=re; prev=troupe; words=(troupe re); cword=1; }
    troupe() { printf %s '${answer}' ; }
    ${script}
    COMP_WORDS=(troupe re) COMP_CWORD=1
    __troupe_complete
    echo "\${COMPREPLY[@]}"`;
  const ran = await new Deno.Command("bash", { args: ["--norc", "-c", test] }).output();
  assert.equal(new TextDecoder().decode(ran.stderr), "");
  assert.equal(new TextDecoder().decode(ran.stdout), "resume replay\n");
});

async function completed(line: readonly string[], options: StandOptions = {}) {
  const { out, ...rest } = await cli(["complete", "--", ...line], options);
  const lines = out.trimEnd().split("\n");
  assert.equal(lines.pop(), ":4");
  return { ...rest, lines, words: lines.map((text) => text.split("\t")[0]) };
}

async function cli(args: readonly string[], options: StandOptions = {}) {
  const at = stand(options);
  const code = await runCli(args, at.outside);
  return { code, at, out: at.stdout.written };
}
