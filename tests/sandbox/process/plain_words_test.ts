import assert from "node:assert/strict";
import { plainWords } from "../../../sandbox/process/plain_words.ts";

Deno.test("a program with literal arguments needs no shell", () => {
  const plain: [string, string[]][] = [
    ["ls", ["ls"]],
    ["  ls   -la  src/a.ts ", ["ls", "-la", "src/a.ts"]],
    ["git log --format=%h -n 3 a^1", ["git", "log", "--format=%h", "-n", "3", "a^1"]],
    ["grep 'a b' \"c d\"e'f'.txt ''", ["grep", "a b", "c def.txt", ""]],
    ["./build.sh x", ["./build.sh", "x"]],
  ];
  for (const [command, words] of plain) assert.deepEqual(plainWords(command), words, command);
});

Deno.test("whatever a shell might read differently is left to the shell", () => {
  const commands = [
    "",
    "a|b",
    "a;b",
    "a&",
    "a && b",
    "a > b",
    "a <b",
    "a $b",
    'a "$b"',
    "a `b`",
    'a "`b`"',
    "a *",
    "a ?",
    "a [b]",
    "a {b,c}",
    "a ~",
    "a b=~/c",
    "a \\b",
    'a "\\b"',
    "a\nb",
    "a 'b\nc'",
    "a # b",
    "! a",
    "A=1 b",
    "'a' b",
    "a 'b",
    'a "b',
    "a (b)",
    'a "!b"',
    "(a)",
    "a\0",
    "a $'b'",
    "a ä",
  ];
  for (const command of commands) assert.equal(plainWords(command), undefined, command);
});
