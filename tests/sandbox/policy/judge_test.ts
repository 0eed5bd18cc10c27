import assert from "node:assert/strict";
import { judge } from "../../../sandbox/policy/judge.ts";

const POLICY = { rules: [], workspace: "/home/u/ws", home: "/home/u" };
const COMMANDS = Deno.readTextFileSync(new URL("commands.txt", import.meta.url)).split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [, verdict, rule, command] = /^(\w+) \| (.*?) \| (.*)$/.exec(line)!;
    return { verdict, rule, command: command!.replaceAll("\\n", "\n") };
  });

Deno.test(`${COMMANDS.length} commands are judged as they should be`, () => {
  assert.ok(COMMANDS.length >= 200);
  const wrong = COMMANDS.flatMap(({ verdict, rule, command }) => {
    const judged = judge(command, POLICY);
    const decides = rule === "*" ||
      judged.parts.some((part) => part.verdict === verdict && part.rule === rule);
    if (judged.verdict === verdict && decides) return [];
    return [`${verdict} ${rule}: ${command}\n    ${judged.verdict} ${judged.rule}: ${judged.reason}`];
  });
  assert.deepEqual(wrong, []);
});
