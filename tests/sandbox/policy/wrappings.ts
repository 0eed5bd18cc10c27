/**
 * Ways to write and to hide a shell command, for properties that must hold however it is written.
 *
 * @module
 */
import fc from "fast-check";

/** A command as text, and whether it is one simple command that a program such as `env` can run. */
export interface Written {
  readonly text: string;
  readonly simple: boolean;
}

/** Words written plainly, quoted, escaped, in codes, in pieces. */
const SPELLINGS: readonly ((word: string) => string)[] = [
  (word) => word,
  quote,
  (word) => `"${word.replace(/["$`\\]/g, "\\$&")}"`,
  (word) => word.replace(/[^]/g, "\\$&"),
  (word) =>
    `$'${[...word].map((char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`).join("")}'`,
  (word) => `$'${[...word].map((char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`).join("")}'`,
  (word) => `${word.slice(0, 1)}''${word.slice(1)}""`,
  (word) => `"${word.slice(0, 1)}"${word.slice(1, 2)}${quote(word.slice(2))}`,
  (word) => `${word.slice(0, 1)}\\\n${word.slice(1)}`,
];

/** Programs that run the program in their arguments. */
const RUNNERS = [
  "env ",
  'env -i PATH="$PATH" ',
  "/usr/bin/env A=b ",
  "nice ",
  "nice -n 5 ",
  "timeout 50 ",
  "command ",
  "nohup ",
  "xargs -n 5 ",
  "eval ",
  "</dev/null ",
];

/** What may stand before a command. */
const LEADS = ["a=b ", "exec ", "time ", "! ", "true && ", "false || ", "true | ", "2>&1 c=d ", "true; "];

/** Scripts around a script. */
const AROUND: readonly ((script: string) => string)[] = [
  (script) => `(${script}\n)`,
  (script) => `{ ${script}\n}`,
  (script) => `if true; then ${script}\nfi`,
  (script) => `if ${script}\nthen :; fi`,
  (script) => `for i in 1; do ${script}\ndone`,
  (script) => `while ${script}\ndo break; done`,
  (script) => `until ! { ${script}\n}; do break; done`,
  (script) => `case a in a) ${script}\n;; esac`,
  (script) => `f() { ${script}\n}; f`,
  (script) => `function g { ${script}\n}\ng`,
  (script) => `echo "$(${script}\n)"`,
  (script) => `x=$(${script}\n)`,
  (script) => `x=$(${script}\n) true`,
  (script) => `echo \${none:-$(${script}\n)}`,
  (script) => `: "\${none:=$(${script}\n)}"`,
  (script) => `a=(1 $(${script}\n))`,
  (script) => `[[ -n $(${script}\n) ]]`,
  (script) => `echo $(( 1 + 0$(${script}\n) ))`,
  (script) => `cat < <(${script}\n) | cat`,
  (script) => `echo \`${script.replace(/[\\`$]/g, "\\$&")}\``,
  (script) => `bash -c ${quote(script)}`,
  (script) => `bash -ec ${quote(script)} name`,
  (script) => `eval ${quote(script)}`,
  (script) => `trap ${quote(script)} EXIT`,
  (script) => `env bash -c ${quote(script)}`,
  (script) => `find . -maxdepth 0 -exec bash -c ${quote(script)} \\;`,
  (script) => `bash <<< ${quote(script)}`,
];

/** Scripts in here-documents. */
const DOCUMENTS: readonly ((script: string) => string)[] = [
  (script) => `cat <<EOF\n$(${script}\n)\nEOF`,
  (script) => `bash <<'END'\n${script}\nEND`,
  (script) => `bash -s <<'END'\n${script}\nEND`,
];

/** Ways to write the command of these words. */
export function written(words: readonly string[]): fc.Arbitrary<Written> {
  const spelled = fc.tuple(...words.map((word) => fc.constantFrom(...SPELLINGS).map((spell) => spell(word))));
  const simple = fc.oneof(
    { weight: 6, arbitrary: spelled.map((all) => all.join(" ")) },
    { weight: 1, arbitrary: fc.constant(`{${words.join(",")}}`) },
  ).map((text) => ({ text, simple: true }));
  return fc.tuple(simple, fc.array(wrapping, { maxLength: 4 })).map(([start, wraps]) =>
    wraps.reduce((command: Written, wrap) => wrap(command), start)
  );
}

const wrapping: fc.Arbitrary<(command: Written) => Written> = fc.oneof(
  fc.constantFrom(...RUNNERS).map((runner) => (command: Written) =>
    command.simple ? { text: runner + command.text, simple: true } : command
  ),
  fc.constantFrom(...LEADS).map((lead) => (command: Written) =>
    command.simple ? { text: lead + command.text, simple: false } : command
  ),
  fc.constantFrom(...AROUND).map((around) => ({ text }: Written) => ({ text: around(text), simple: false })),
  fc.constantFrom(...DOCUMENTS).map((around) => ({ text }: Written) =>
    text.includes("\nEND") || text.includes("\nEOF")
      ? { text, simple: false }
      : { text: around(text), simple: false }
  ),
);

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
