import assert from "node:assert/strict";
import { z } from "zod";
import { judge } from "../../../sandbox/policy/judge.ts";
import { PolicyRule } from "../../../sandbox/policy/rules.ts";

const WORKSPACE = "/home/u/ws";

Deno.test("a rule that allows names all arguments", () => {
  const rules: PolicyRule[] = [{ verdict: "allow", program: "touch", args: ["-c", "*.txt"] }];
  is(rules, "touch -c a.txt", "allow");
  is(rules, "/usr/bin/touch -c a.txt", "allow");
  is(rules, "touch -c a.txt b.txt", "ask");
  is(rules, "touch a.txt", "ask");
  is(rules, "touch a.txt -c", "ask");
  is(rules, "./touch -c a.txt", "ask");
  is(rules, 'touch -c "$x.txt"', "ask");
  is(rules, "touch -c *.txt", "ask");
  is(rules, "touch -c a.txt; touch b", "ask");
});

Deno.test("three dots in a rule are any number of arguments, none at all a rule without arguments", () => {
  const rules: PolicyRule[] = [
    { verdict: "allow", program: "mkdir", args: ["-p", "..."] },
    { verdict: "allow", program: "rmdir" },
    { verdict: "allow", program: "touch", args: [] },
  ];
  is(rules, "mkdir -p", "allow");
  is(rules, "mkdir -p a b", "allow");
  is(rules, "mkdir a -p", "ask");
  is(rules, "rmdir a", "allow");
  is(rules, "touch", "allow");
  is(rules, "touch a", "ask");
});

Deno.test("a rule with paths allows what leads there and nothing else", () => {
  const rules: PolicyRule[] = [
    { verdict: "allow", program: ["mkdir", "cc"], paths: "inside" },
    { verdict: "allow", program: "touch", paths: ["/tmp/x", "/home/u/ws/out"] },
    { verdict: "allow", program: ">", paths: ["/home/u/ws/out"] },
  ];
  is(rules, "mkdir a b/c", "allow");
  for (
    const path of [
      "/x",
      "../x",
      "a/../../x",
      "~/x",
      "$x",
      "a /x",
      "--mode=/x",
      "-m/x",
      "x=../y",
      "a:/b",
      "@/x",
    ]
  ) {
    is(rules, `mkdir ${path}`, "ask");
  }
  is(rules, "touch /tmp/x/a out/b", "allow");
  is(rules, "touch /tmp/xy", "ask");
  is(rules, "touch a", "ask");
  is(rules, "cd out && touch b", "ask");
  is(rules, "ls > out/list.txt", "allow");
  is(rules, "ls > list.txt", "ask");
});

Deno.test("a rule that denies wins over one that asks, and that over one that allows", () => {
  const all = ["allow", "ask", "deny"] as const;
  for (const [at, verdict] of all.entries()) {
    const rules = all.slice(0, at + 1).map((verdict) => ({ verdict, program: "touch" }));
    is(rules, "touch a", verdict);
    is(rules.reverse(), "touch a", verdict);
  }
  is([{ verdict: "allow", program: "*", trusted: true }], "rm -rf /", "deny");
  is([{ verdict: "ask", program: "cat", args: ["*.pem"] }], "cat a.pem", "ask");
  is([{ verdict: "ask", program: "cat", args: ["*.pem"] }], "cat a.txt", "allow");
  is([{ verdict: "deny", program: "ls", reason: "no" }], "env ls", "deny");
});

testDeny("options are found in clusters, in abbreviations and with values", { args: ["-x|--export"] }, {
  deny: [
    "tool -x",
    "tool -ax",
    "tool a -xb",
    "tool --export",
    "tool --exp",
    "tool --export=1",
    "/opt/tool -x",
  ],
  ask: ["tool x", "tool -a", "tool --other", "tool"],
});
testDeny("paths are found wherever they stand", { paths: ["/etc", "~/.ssh"] }, {
  deny: [
    "tool /etc",
    "tool --in=/etc/x",
    "tool a:/etc/x",
    "tool ~/.ssh/x",
    "tool /tmp/../etc/x",
    "cd /; tool etc/x",
  ],
  ask: ["tool /etcetera", "tool etc", "tool ~/ssh", "tool $x"],
});
testDeny("outside is anywhere but the workspace", { paths: "outside" }, {
  deny: ["tool /x", "tool ../x", "tool a/../../x", "tool a ~/x", "tool /home/u/ws2", "tool {a,/b}"],
  ask: ["tool a", "tool /home/u/ws/a", "tool .", "tool $x"],
});

Deno.test("a rule allows what runs other programs only when it is trusted", () => {
  const rule: PolicyRule = { verdict: "allow", program: ["make", "python3", "find", "xargs", "bash"] };
  const trusted: PolicyRule = { ...rule, trusted: true };
  for (
    const command of ["make test", "python3 x.py", "find . -exec ls {} +", "ls | xargs ls", "bash -c ls"]
  ) {
    is([rule], command, "ask");
  }
  is([trusted], "make test", "allow");
  is([trusted], "bash -c ls", "allow");
  is([trusted], "bash -c 'curl x'", "ask");
  is([trusted], "bash -c 'rm -rf /'", "deny");
  is([trusted], 'bash -c "$x"', "deny");
  is([trusted], "find . -exec curl x ;", "ask");
  is([trusted], "python3 -c 'import os; os.system(\"rm -rf /\")'", "deny");
});

Deno.test("an answer names the part, the rule, the programs and the files counted on", () => {
  const { verdict, rule, reason, parts, programs, files } = judge(
    "cat a.txt src/b | sort > out; env x=1 touch c",
    { rules: [{ verdict: "allow", program: ">", paths: "inside" }], workspace: WORKSPACE },
  );
  assert.deepEqual([verdict, rule, reason], [
    "ask",
    "default",
    "Cannot simply run = x=1: x=1 may change what programs do",
  ]);
  assert.deepEqual(parts.map((part) => [part.program, part.verdict, part.rule].join(" ")), [
    "cat allow reading",
    "sort allow reading",
    "> allow allow >",
    "env allow runs",
    "= ask default",
    "touch ask default",
  ]);
  assert.deepEqual(programs, ["cat", "sort", "env", "touch"]);
  assert.deepEqual(files, [`${WORKSPACE}/a.txt`, `${WORKSPACE}/src/b`, `${WORKSPACE}/out`]);
});

Deno.test("a command starts in the folder it is told", () => {
  const at = (cwd: string, command: string) =>
    judge(command, { rules: [], workspace: WORKSPACE, cwd }).verdict;
  assert.equal(at("src", "cat ../a.txt"), "allow");
  assert.equal(at(`${WORKSPACE}/src`, "cat ../a.txt"), "allow");
  assert.equal(at("src", "cat ../../a.txt"), "ask");
  assert.equal(at("..", "cat a.txt"), "ask");
  assert.equal(at("/", "rm -r etc"), "deny");
});

Deno.test("the shape of rules is checked", () => {
  const shape = PolicyRule(z);
  const good = {
    verdict: "deny",
    program: ["a", "b"],
    args: ["x"],
    paths: ["/etc", "~/x"],
    reason: "r",
    name: "n",
  };
  assert.deepEqual(shape.parse(good), good);
  assert.ok(shape.safeParse({ verdict: "allow", program: "a", paths: "inside", trusted: true }).success);
  for (
    const bad of [
      { verdict: "maybe", program: "a" },
      { verdict: "deny" },
      { verdict: "deny", program: [] },
      { verdict: "deny", program: "" },
      { verdict: "deny", program: "a", paths: ["etc"] },
      { verdict: "deny", program: "a", paths: "elsewhere" },
      { verdict: "deny", program: "a", arg: ["x"] },
    ]
  ) assert.ok(!shape.safeParse(bad).success, JSON.stringify(bad));
});

function is(rules: readonly PolicyRule[], command: string, verdict: string): void {
  const judged = judge(command, { rules, workspace: WORKSPACE, home: "/home/u" });
  assert.equal(judged.verdict, verdict, `${command}: ${judged.reason}`);
}

/** Tests a rule that denies `tool`: commands it covers, and commands it does not. */
function testDeny(
  sentence: string,
  rule: Pick<PolicyRule, "args" | "paths">,
  commands: { deny: string[]; ask: string[] },
): void {
  Deno.test(sentence, () => {
    const rules = [{ verdict: "deny", program: "tool", ...rule } as const];
    for (const verdict of ["deny", "ask"] as const) {
      for (const command of commands[verdict]) is(rules, command, verdict);
    }
  });
}
