import assert from "node:assert/strict";
import fc from "fast-check";
import { judge } from "../../../sandbox/policy/judge.ts";
import { inFolder } from "../files/in_folder.ts";
import { written } from "./wrappings.ts";

const POLICY = { rules: [], workspace: "/home/u/ws", home: "/home/u" };
const DENIED = [
  "rm -rf /",
  "rm -r -f ../x",
  "sudo reboot",
  "mkfs.ext4 /dev/sda",
  "dd if=/dev/zero of=/dev/sda",
  "git push --force",
  "kill -9 -1",
  "chmod -R 777 /",
  "crontab -r",
  "shutdown now",
  "iptables -F",
  "cp a /etc/x",
].map((command) => command.split(" "));
/** What they do depends on the run. */
const HIDDEN = [
  "echo / | xargs rm -rf",
  'rm -rf "$1"',
  "rm -rf $(echo /)",
  "$(echo rm) -rf /",
  "x=$(cat f); $x",
  "cat f | sh",
  'sh -c "$x"',
  'cat "$x"',
  "${x:-rm} -rf /",
  "r? -rf /",
];

const TOKENS = [
  ..."ls cat echo a.txt -l | || & && ; ;; ( ) { } [[ ]] (( )) $( ` ' \" \\ $ ${ } # < > << <<< >& ! if then else fi for in do done"
    .split(" "),
  ..."while case esac function f() =x a=b a[1]=2 $'a' $((1)) ${x:-y} {a,b} *.ts ~ EOF <( @(a) \n".split(" "),
];

Deno.test("a denied command is denied however it is written", () => {
  fc.assert(
    fc.property(fc.constantFrom(...DENIED).chain(written), ({ text }) => {
      assert.equal(judge(text, POLICY).verdict, "deny", text);
    }),
    { numRuns: 25_000 },
  );
});

Deno.test("what depends on the run is never allowed, however it is written", () => {
  const hidden = fc.constantFrom(...HIDDEN).chain((command) => written(["bash", "-c", command]));
  fc.assert(
    fc.property(hidden, ({ text }) => {
      assert.notEqual(judge(text, POLICY).verdict, "allow", text);
    }),
    { numRuns: 8_000 },
  );
});

Deno.test("whatever bash runs of a wrapping, the policy knew of", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/probe`, `#!/bin/bash\nprintf '%s\\n' "$*" >> ${folder}/log\n`, {
      mode: 0o755,
    });
    const rules = [{ verdict: "deny", program: "probe", args: ["one", "-t", "/two"] } as const];
    let ran = 0;
    fc.assert(
      fc.property(written(["probe", "one", "-t", "/two"]), ({ text }) => {
        Deno.writeTextFileSync(`${folder}/log`, "");
        runBash(["--norc", "--noprofile", "-c", text], folder);
        const log = Deno.readTextFileSync(`${folder}/log`);
        if (log !== "") ran++;
        if (log.includes("one -t /two")) {
          const { parts } = judge(text, { ...POLICY, rules });
          assert.ok(parts.some(({ rule }) => rule === "deny probe one -t /two"), text);
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(ran >= 30, `only ${ran} of 60 wrappings ran what they wrap`);
  }));

Deno.test("nothing bash cannot parse is allowed, and nothing makes the policy fail", () =>
  inFolder((folder) => {
    const script = fc.array(fc.constantFrom(...TOKENS), { maxLength: 9 }).map((tokens) => tokens.join(" "));
    let allowed = 0;
    fc.assert(
      fc.property(script, (text) => {
        const { verdict } = judge(text, POLICY);
        assert.match(verdict, /^(?:allow|ask|deny)$/);
        if (verdict !== "allow" || allowed >= 60) return;
        allowed++;
        assert.ok(runBash(["--norc", "-n", "-c", text], folder), text);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(allowed >= 20, `only ${allowed} were allowed`);
  }));

Deno.test("any text is judged", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      assert.match(judge(text, POLICY).verdict, /^(?:allow|ask|deny)$/);
    }),
    { numRuns: 2_000 },
  );
});

/** Whether bash ended well, with the programs of `folder` and the system's. */
function runBash(args: string[], folder: string): boolean {
  const { success } = new Deno.Command("bash", {
    args,
    cwd: folder,
    clearEnv: true,
    env: { PATH: `${folder}:/usr/bin:/bin` },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success;
}
