/** A run from its task to its answer, and what can be seen of it afterwards. */
import assert from "node:assert/strict";
import { z } from "zod";
import { RunEvent } from "../../protocols/messages/run.ts";
import { scriptedOpenAi, text, toolCalls } from "../support/scripted_openai.ts";
import { type Ended, eventsOf, Place, runIn } from "./program.ts";

const MERGE_SORT = `def merge_sort(items):
    if len(items) < 2:
        return items
    left, right = merge_sort(items[:len(items) // 2]), merge_sort(items[len(items) // 2:])
    merged = []
    while left and right:
        merged.append((left if left[0] <= right[0] else right).pop(0))
    return merged + left + right

print("ready")`;

const python = (id: string, code: string, more = {}) => ({
  id,
  name: "execute_python",
  arguments: { code, ...more },
});
const file = (id: string, tool: string, args: Record<string, string>) => ({
  id,
  name: tool,
  arguments: args,
});

Deno.test("a task is answered by Python, files and a sub-agent, and replayed byte for byte without any of them", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi([
    {
      expect: { roles: ["system", "user"], last: "Write merge sort in Python and sort [38, 27, 43]" },
      answer: toolCalls([python("c1", MERGE_SORT, { session: "sort" })], { text: "I write it first." }),
    },
    {
      expect: { last: /"stdout":"ready\\n"/ },
      answer: toolCalls([python("c2", "merge_sort([38, 27, 43])", { session: "sort" })]),
    },
    {
      expect: { last: /"value":"\[27, 38, 43\]"/ },
      answer: toolCalls([python("c3", "while True: pass", { timeout_ms: 200 })]),
    },
    {
      expect: { last: /"kind":"timeout"/ },
      answer: toolCalls([
        file("c4", "write_file", { path: "out/sorted.txt", content: "27 38 43" }),
        file("c5", "write_file", { path: "../../outside.txt", content: "never" }),
        file("c6", "read_file", { path: "/etc/passwd" }),
      ]),
    },
    {
      expect: ({ body: { messages } }) => {
        const results = messages.slice(-3).map(({ content }) => content ?? "");
        assert.match(results[0] ?? "", /Wrote 8 bytes to out\/sorted\.txt/);
        for (const refused of results.slice(1)) assert.match(refused, /denied.*outside the workspace/);
      },
      answer: toolCalls([
        file("c7", "read_file", { path: "out/sorted.txt" }),
        file("c8", "list_files", {}),
        file("c9", "delegate", { name: "checker", task: "Are 27 38 43 in order?" }),
      ]),
    },
    {
      expect: ({ body: { messages } }) => {
        assert.deepEqual(messages.map(({ role }) => role), ["system", "user"]);
        assert.match(messages[0]?.content ?? "", /sub-agent "checker"/);
        assert.equal(messages[1]?.content, "Are 27 38 43 in order?");
      },
      answer: text("They are."),
    },
    {
      expect: ({ body: { messages } }) =>
        assert.deepEqual(messages.slice(-3).map(({ content }) => content), ["27 38 43", "out/", "They are."]),
      answer: text("Sorted: [27, 38, 43]"),
    },
  ]);
  const task = "Write merge sort in Python and sort [38, 27, 43]";
  const ran = await place.run(["run", task, "--model", "gpt-4o"], { server });

  assert.deepEqual([ran.code, ran.stdout], [0, "Sorted: [27, 38, 43]\n"], ran.stderr);
  const run = runIn(ran);
  for (
    const line of [
      new RegExp(`^run ${run} · gpt-4o · 11 tools\nI write it first\\.\n`),
      /\n✓ execute_python .* → .*ready/,
      /\n✗ write_file .* → denied: .*outside the workspace\n/,
      /\n→ checker Are 27 38 43 in order\?\n {2}checker │ They are\.\n← checker answered · 1 turn · .*\n/,
      // 7 inferences of 100 and 10 tokens at 2.50 and 10 USD a million
      new RegExp(`\n✓ answered · 7 turns · 700 tokens in, 70 out · 0\\.00245 USD · .* · run ${run}\n$`),
    ]
  ) assert.match(ran.stderr, line);
  assert.equal(Deno.readTextFileSync(`${place.workspace}/out/sorted.txt`), "27 38 43");
  assert.deepEqual(names(place.cwd), ["workspace"]);
  assert.deepEqual(names(place.folder).toSorted(), ["home", "project"]);

  await server.finish(); // from here on nobody could answer
  assert.deepEqual(await place.run(["replay", run], { server }), ran);
  assert.deepEqual(await place.run(["replay", run]), ran, "a replay needs no key either");
  const quiet = await place.run(["replay", run, "--quiet"]);
  assert.deepEqual([quiet.stdout, quiet.stderr], [ran.stdout, ""]);
  assert.equal(events(await place.run(["replay", run, "--json"])).at(-1)?.type, "run_ended");

  const shown = await place.run(["show", run]);
  const body = ran.stderr.split("\n").slice(1).join("\n");
  assert.equal(shown.stdout.split("\n").slice(4).join("\n"), body, "the transcript is what was printed");
  assert.match(
    shown.stdout,
    new RegExp(`^run ${run} · agent · started .* · answered\n\n${escaped(task)}\n\n`),
  );
  const { record, entries } = JSON.parse((await place.run(["show", run, "--json"])).stdout);
  assert.deepEqual([record.run, record.task, entries.length], [run, task, 15]);

  const listed = await place.run(["runs"]);
  assert.match(
    listed.stdout,
    new RegExp(`^RUN .*\n${run} +answered +\\d+ s +7 +0\\.00245 +Write merge sort`),
  );
  assert.deepEqual(lines(await place.run(["runs", "--json"])).map(({ run }) => run), [run]);
});

Deno.test("--json prints one event a line, which a replay repeats byte for byte", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi([
    toolCalls([{ id: "c1", name: "calculator", arguments: { expression: "6 * 7" } }], {
      text: "Let me see. ",
    }),
    { expect: { last: "42" }, answer: text("It is 42.") },
  ]);
  const ran = await place.run(["run", "-", "--json"], { server, stdin: "What is 6 * 7?\n" });
  assert.deepEqual([ran.code, ran.stderr], [0, ""]);
  const told = events(ran);
  assert.deepEqual(
    told.filter(({ type }) => type !== "text").map(({ type }) => type),
    [
      "run_started",
      "turn_started",
      "thought",
      "tool_started",
      "decision",
      "tool_ended",
      "turn_started",
      "thought",
      "run_ended",
    ],
  );
  const [first, last] = [told[0], told.at(-1)];
  assert.ok(first?.type === "run_started" && last?.type === "run_ended");
  assert.equal(first.task, "What is 6 * 7?\n");
  assert.deepEqual(last.outcome, {
    status: "answered",
    answer: "It is 42.",
    spent: { turns: 2, inputTokens: 200, outputTokens: 20, nanoUsd: null },
  });
  assert.deepEqual(await place.run(["replay", first.run, "--json"]), ran);
});

Deno.test("a model without tool calls works in words, on files of a project that is resumed from another folder", async () => {
  await using place = new Place();
  const stop = ["Observation:"];
  await using server = scriptedOpenAi([
    {
      expect: { roles: ["system", "user"], tools: [], stop, model: "small" },
      answer: text('Thought: I note it.\nAction: write_file {"path": "a.txt", "content": "kept"}'),
    },
    {
      expect: { last: /^Observation: .*Wrote 4 bytes/, stop },
      answer: text('Thought: I look.\nAction: read_file {"path": "a.txt"}'),
    },
    {
      expect: { last: /^Observation: .*kept/, stop, model: "small" },
      answer: text("Action: FINAL_ANSWER It is kept."),
    },
  ]);
  const { baseUrl, apiKey } = server;
  const env = { OPENAI_API_KEY: apiKey };
  const model = ["--model", "small", "--base-url", baseUrl];
  const limited = await place.run(["run", "Keep it", "--program", "textual", "--max-turns", "1", ...model], {
    env,
  });
  assert.equal(limited.code, 4, limited.stderr);
  // The run keeps its program, model, address and workspace; only the key is told again.
  const resume = ["resume", runIn(limited), "--max-turns", "5", "--quiet"];
  const other = `${place.folder}/elsewhere`;
  Deno.mkdirSync(other);
  const resumed = await place.run(resume, { env, cwd: other });
  assert.deepEqual(resumed, { code: 0, signal: null, stdout: "It is kept.\n", stderr: "" });
  assert.equal(Deno.readTextFileSync(`${place.workspace}/a.txt`), "kept");
  assert.deepEqual(names(other), []);
});

/** All events, each checked against the schema people rely on. */
function events(ended: Ended): RunEvent[] {
  return eventsOf(ended.stdout).map((event) => RunEvent(z).parse(event));
}

function lines({ stdout }: Ended): { run: string }[] {
  return stdout.trim().split("\n").map((line) => JSON.parse(line));
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

function escaped(text: string): string {
  return text.replace(/[[\]]/g, "\\$&");
}
