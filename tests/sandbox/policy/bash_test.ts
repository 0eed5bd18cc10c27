import assert from "node:assert/strict";
import fc from "fast-check";
import { judge, type Judgement } from "../../../sandbox/policy/judge.ts";
import { inFolder } from "../files/in_folder.ts";

/** Programs that write down how they were called. */
const PROGRAMS = ["ls", "cat", "rm", "head"];
const TOKENS = [
  ..."ls ls ls cat cat rm head a.txt -l -n5 /etc/x | || && ; ( ) { } $( ) \" ' \\ # ! time if then fi in do done"
    .split(" "),
  ...'{a,b} {1..2} *.txt ~ ~/x "$HOME" $PWD ${x:-a} $x "$x" x=1 x=rm $((1)) 2>&1 >/dev/null < -- = == [[ ]]'
    .split(" "),
  ...'<<EOF \nEOF\n <<<a <( > a) ;; case esac f() l""s c\\at $\'\\x61\' $"a" "\\$x" \'$x\' "`ls`" `ls` ""'
    .split(" "),
  '"a b"',
  "'c d'",
  "\n",
];

Deno.test("what is allowed runs nothing in bash that was not judged", () =>
  inFolder((folder) => {
    for (const sub of ["bin", "ws"]) Deno.mkdirSync(`${folder}/${sub}`);
    for (const file of ["a.txt", "b.txt"]) Deno.writeTextFileSync(`${folder}/ws/${file}`, "");
    for (const name of PROGRAMS) {
      const script = `#!/bin/bash\nIFS=,\nprintf '%s\\0' "${name},$*" >> ${folder}/log\n`;
      Deno.writeTextFileSync(`${folder}/bin/${name}`, script, { mode: 0o755 });
    }
    const workspace = `${folder}/ws`;
    const glued = fc.array(fc.tuple(fc.constantFrom(...TOKENS), fc.constantFrom(" ", " ", " ", "", "\n")), {
      minLength: 2,
      maxLength: 11,
    }).map((tokens) => tokens.flat().join(""));
    let allowed = 0;
    fc.assert(
      fc.property(glued, (command) => {
        if (allowed >= 80) return;
        const judgement = judge(command, { rules: [], workspace, home: `${workspace}/home` });
        if (judgement.verdict !== "allow" || judgement.parts.length < 2) return;
        allowed++;
        for (const called of callsIn(command, folder)) {
          assert.ok(knows(judgement, called), `${JSON.stringify(command)} ran ${called}`);
        }
      }),
      { numRuns: 25_000 },
    );
    assert.ok(allowed >= 20, `only ${allowed} were allowed`);
  }));

/** What bash calls for `command`, each as the program and its arguments with commas between. */
function callsIn(command: string, folder: string): string[] {
  Deno.writeTextFileSync(`${folder}/log`, "");
  new Deno.Command("bash", {
    args: ["--norc", "--noprofile", "-c", command],
    cwd: `${folder}/ws`,
    clearEnv: true,
    env: { PATH: `${folder}/bin:/usr/bin:/bin`, HOME: `${folder}/ws/home` },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return Deno.readTextFileSync(`${folder}/log`).split("\0").filter(Boolean);
}

/** Whether a part is this call, where what depends on the run may be anything. */
function knows({ parts }: Judgement, called: string): boolean {
  return parts.some(({ program, args }) => {
    const pattern = args.map((arg) => /[*$`]|<\(/.test(arg) ? "[^]*" : "," + arg.replace(/[^\w\s]/g, "\\$&"))
      .join("");
    return new RegExp(`^${program.replace(/\W/g, "")}${pattern},?$`).test(called);
  });
}
