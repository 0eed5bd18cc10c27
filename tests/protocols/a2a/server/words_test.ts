import assert from "node:assert/strict";
import { Message, Part } from "@a2a-js/sdk";
import { A2AError } from "@a2a-js/sdk/errors";
import { questionParts, verdictOf } from "../../../../protocols/a2a/server/asking.ts";
import { happenings } from "../../../../protocols/a2a/server/progress.ts";
import { taskText } from "../../../../protocols/a2a/server/task_text.ts";
import type { Happening } from "../../../../protocols/a2a/server/workshop.ts";
import type { RunEvent, RunOutcome } from "../../../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../../../protocols/messages/tool.ts";
import type { OpenQuestion } from "../../../../workspace/tasks/task.ts";

function saying(...parts: unknown[]): Message {
  return Message.fromJSON({ messageId: "m", role: "ROLE_USER", parts });
}

Deno.test("the parts of a message become one text, each where it stood", () => {
  const cases: readonly (readonly [parts: unknown[], text: string])[] = [
    [[{ text: "Hello" }], "Hello"],
    [[{ text: "a" }, { text: " " }, { text: "b", mediaType: "text/markdown; charset=utf-8" }], "a\n\nb"],
    [[{ data: { a: 1 } }], 'Data:\n```\n{\n  "a": 1\n}\n```'],
    [
      [{ text: "Sum", mediaType: "text" }, { raw: btoa("1,2"), filename: "n.csv" }],
      "Sum\n\nFile n.csv:\n```\n1,2\n```",
    ],
    [[{ raw: btoa("{}"), mediaType: "application/vnd.x+json" }], "File without a name:\n```\n{}\n```"],
    [[{ text: "```", filename: "f.md", mediaType: "text/markdown" }], "File f.md:\n````\n```\n````"],
    [
      [{ url: "https://a.b/c.png", mediaType: "image/png", filename: "c.png" }],
      "File c.png (image/png): https://a.b/c.png",
    ],
  ];
  for (const [parts, text] of cases) assert.equal(taskText(saying(...parts)), text);
});

Deno.test("what is no text is refused as an unsupported content type", () => {
  for (
    const part of [{ raw: "AAAA" }, { raw: "AAAA", mediaType: "audio/wav" }, {
      raw: "AAAA",
      filename: "a.bin",
    }]
  ) {
    assert.throws(() => taskText(saying(part)), { name: "ContentTypeNotSupportedError" });
  }
  assert.throws(() => taskText(saying({ text: "" })), A2AError);
});

const PLAIN: OpenQuestion = {
  id: "q1",
  question: { tool: "run_command", action: "rm a", reason: "it is destructive" },
};

function withForm(properties: Record<string, unknown>): OpenQuestion {
  const form = { type: "object", properties, required: Object.keys(properties) };
  return { id: "q2", question: { tool: "book", action: "A table", reason: "For how many?", form } };
}

Deno.test("words and data answer a question, or are asked for again", () => {
  const count = withForm({ people: { type: "integer" } });
  const name = withForm({ name: { type: "string" } });
  const done = withForm({ done: { type: "boolean" } });
  const yes = { allowed: true };
  const no = { allowed: false };
  const cases: readonly (readonly [open: OpenQuestion, part: unknown, verdict: unknown])[] = [
    [PLAIN, { text: "yes" }, yes],
    [PLAIN, { text: " Allow! " }, yes],
    [PLAIN, { text: "OK" }, yes],
    [PLAIN, { text: "go ahead." }, yes],
    [PLAIN, { text: "no" }, no],
    [PLAIN, { text: "Deny" }, no],
    [PLAIN, { text: "don’t" }, no],
    [PLAIN, { text: "yes but not now" }, "unclear"],
    [PLAIN, { text: "not sure" }, "unclear"],
    [PLAIN, { text: "" }, "unclear"],
    [PLAIN, { data: { allowed: true } }, yes],
    [PLAIN, { data: { allowed: false, reason: "too late" } }, { allowed: false, reason: "too late" }],
    [PLAIN, { data: { allowed: true, id: "q1" } }, yes],
    [PLAIN, { data: { allowed: true, id: "q0" } }, "unclear"],
    [PLAIN, { data: { allowed: "yes" } }, "unclear"],
    [PLAIN, { data: ["yes"] }, "unclear"],
    [count, { data: { allowed: true, content: { people: 4 } } }, { allowed: true, content: { people: 4 } }],
    [count, { data: { allowed: true, content: { people: "four" } } }, "unclear"],
    [count, { data: { allowed: true } }, "unclear"],
    [count, { text: "yes" }, "unclear"],
    [count, { text: "no" }, no],
    [name, { text: "Ada" }, { allowed: true, content: { name: "Ada" } }],
    [name, { text: "no" }, no],
    [done, { text: "Yes" }, { allowed: true, content: { done: true } }],
    [done, { text: "no" }, { allowed: true, content: { done: false } }],
    [done, { text: "perhaps" }, "unclear"],
    [done, { data: { allowed: false } }, no],
  ];
  for (const [open, part, expected] of cases) {
    const verdict = verdictOf(saying(part), open);
    const what = `${open.id} ${JSON.stringify(part)}: ${JSON.stringify(verdict)}`;
    if (expected === "unclear") assert.equal(typeof verdict, "string", what);
    else assert.partialDeepStrictEqual(verdict, expected, what);
  }
});

Deno.test("a question is put in words, and as data with its form", () => {
  const open = withForm({ people: { type: "integer" } });
  const [text, data] = questionParts(open).map((part) => Part.toJSON(part)) as Record<string, unknown>[];
  assert.match(String(text?.text), /^book asks: A table\nFor how many\?\nAnswer with a data part/);
  assert.deepEqual(data?.data, { id: "q2", ...open.question });
});

function words(event: RunEvent): string | null {
  const [first] = happenings(event);
  const [part] = first?.type === "status" ? first.parts ?? [] : [];
  return part?.content?.$case === "text" ? part.content.value : null;
}

function ended(name: string, args: string, outcome: ToolOutcome): RunEvent {
  return { type: "tool_ended", agent: "lead", call: { id: "c1", name, arguments: args }, outcome, ms: 1 };
}

Deno.test("what a run does is told in words", () => {
  const agent = "lead";
  const spent = { turns: 1, inputTokens: 1, outputTokens: 1, nanoUsd: null };
  const outcome: RunOutcome = { status: "answered", answer: "x", spent };
  const call = (name: string, args: string) => ({ id: "c", name, arguments: args });
  const thought = (text: string, calls: number) => ({
    text,
    toolCalls: Array.from({ length: calls }, () => call("a", "{}")),
    usage: { inputTokens: 1, cachedTokens: 0, outputTokens: 1, estimated: false },
    model: "m",
    costNanoUsd: null,
    finish: "stop",
  });
  const cases: readonly (readonly [event: RunEvent, words: string | null])[] = [
    [{ type: "turn_started", agent, turn: 1 }, "Thinking"],
    [{ type: "turn_started", agent: "lead/researcher", turn: 1 }, "lead/researcher: Thinking"],
    [{ type: "text", agent, text: "par" }, null],
    [{ type: "thought", agent, thought: thought("I look first", 1) }, "I look first"],
    [{ type: "thought", agent, thought: thought("The answer", 0) }, null],
    [
      { type: "tool_started", agent, call: call("read_file", '{"path":"a.txt"}') },
      "Calling read_file path=a.txt",
    ],
    [{ type: "tool_started", agent, call: call("list_files", "{}") }, "Calling list_files"],
    [{ type: "tool_started", agent, call: call("odd", "not json") }, "Calling odd not json"],
    [
      {
        type: "tool_started",
        agent,
        call: call("write_file", JSON.stringify({ path: "b", content: "x\n".repeat(500) })),
      },
      `Calling write_file path=b, content=${"x ".repeat(39)}x…`,
    ],
    [ended("fetch", "{}", { ok: false, kind: "denied", message: "no network" }), "fetch failed: no network"],
    [ended("fetch", "{}", { ok: true, content: "fine" }), null],
    [
      { type: "agent_spawned", agent, child: "researcher", run: "r", task: "Look" },
      "Gave researcher a task: Look",
    ],
    [{ type: "agent_ended", agent, child: "researcher", outcome }, "researcher is done: answered"],
    [{ type: "log", agent, level: "info", message: "x" }, null],
    [{ type: "run_ended", agent, run: "r", outcome, ms: 1 }, null],
  ];
  for (const [event, expected] of cases) assert.equal(words(event), expected);
});

Deno.test("what a tool made or changed becomes an artifact, the same one when it is told again", () => {
  const png = { name: "a.png", mediaType: "image/png", base64: btoa("png"), path: "out/a.png" };
  const cases: readonly (readonly [event: RunEvent, artifacts: string[]])[] = [
    [ended("execute_python", "{}", { ok: true, content: "", artifacts: [png, png] }), [
      "c1-1 a.png",
      "c1-2 a.png",
    ]],
    [ended("write_file", '{"path":"n.txt","content":"hi"}', { ok: true, content: "" }), ["c1-file n.txt"]],
    [ended("apply_patch", '{"diff":"--- a"}', { ok: true, content: "" }), ["c1-file changes.patch"]],
    [ended("apply_patch", '{"diff":"--- a","dry_run":true}', { ok: true, content: "" }), []],
    [
      ended("write_file", '{"path":"n.txt","content":"hi"}', { ok: false, kind: "denied", message: "no" }),
      [],
    ],
  ];
  for (const [event, expected] of cases) {
    const made = (happening: Happening) =>
      happening.type === "artifact" ? [`${happening.artifact.artifactId} ${happening.artifact.name}`] : [];
    assert.deepEqual(happenings(event).flatMap(made), expected);
    assert.deepEqual(happenings(event).flatMap(made), expected);
  }
});
