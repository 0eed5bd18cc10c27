import assert from "node:assert/strict";
import type { RunEvent } from "../../../protocols/messages/run.ts";
import { jsonRenderer, quietRenderer } from "../../../protocols/terminal/pieces.ts";
import { textRenderer, type View } from "../../../protocols/terminal/render.ts";
import { told } from "../../../protocols/terminal/transcript.ts";
import { RUN, STARTED } from "./runs.ts";

const FILE: View = {
  run: RUN,
  live: false,
  answerTerminal: false,
  merged: false,
  colour: false,
  news: false,
  debug: false,
  command: "troupe",
  where: "",
  columns: Infinity,
};
const SCREEN: View = { ...FILE, live: true, answerTerminal: true, merged: true, news: true };

const agent = "lead";
const outer = { id: "c", name: "execute_python", arguments: '{"code":"x"}' };
const inner = { id: "c.0", name: "read_file", arguments: '{"path":"a"}' };
const shows = (text: string, call = "c", channel: "stdout" | "stderr" = "stdout"): RunEvent => ({
  type: "tool_output",
  agent,
  call,
  channel,
  text,
});
const ended = (call: typeof outer, content: string, parent?: string): RunEvent => ({
  type: "tool_ended",
  agent,
  call,
  outcome: { ok: true, content },
  ms: 5,
  ...(parent === undefined ? {} : { parent }),
});
const RAN: RunEvent[] = [
  STARTED,
  { type: "tool_started", agent, call: outer },
  shows("first\nsec"),
  shows("ond\n"),
  { type: "tool_started", agent, call: inner, parent: "c" },
  shows("reading\n", "c.0"),
  ended(inner, "text", "c"),
  shows("10%\r100%", "c", "stderr"),
  ended(outer, "done"),
];

function stderrOf(events: readonly RunEvent[], view: View): string {
  const renderer = textRenderer(view);
  return events.flatMap((event) => renderer.render(event)).map(({ text }) => text).join("");
}

Deno.test("on a screen output and nested calls stand under the name of the tool, above its line", () => {
  assert.deepEqual(stderrOf(RAN, SCREEN).split("\n").slice(1), [
    '▸ execute_python code="x"',
    "  first",
    "  second",
    '  ▸ read_file path="a"',
    "    reading",
    '  ✓ read_file 5 ms path="a" → text',
    "  100%",
    '✓ execute_python 5 ms code="x" → done',
    "",
  ]);
});

Deno.test("in a file nested calls are shown, and no output", () => {
  assert.deepEqual(stderrOf(RAN, FILE).split("\n").slice(1), [
    '▸ execute_python code="x"',
    '  ✓ read_file 5 ms path="a" → text',
    '✓ execute_python 5 ms code="x" → done',
    "",
  ]);
});

Deno.test("a tool that shows nothing has its one line", () => {
  const quiet = [STARTED, RAN[1]!, ended(outer, "done")];
  assert.equal(
    stderrOf(quiet, SCREEN).split("\n").slice(1).join("\n"),
    '✓ execute_python 5 ms code="x" → done\n',
  );
});

Deno.test("output cannot steer the terminal, and is faint", () => {
  const hostile = [STARTED, RAN[1]!, shows("\x1b[31ma\x07\x1b[0mb\x1b[2J\n")];
  const text = stderrOf(hostile, SCREEN);
  assert.match(text, /\n {2}a\\x07b\\x1b\[2J\n$/);
  const painted = stderrOf(hostile, { ...SCREEN, colour: true });
  assert.ok(painted.endsWith("\n  \x1b[2ma\\x07b\\x1b[2J\x1b[0m\n"), painted);
});

Deno.test("words that stand on an open line are ended before output comes", () => {
  const text = stderrOf([STARTED, RAN[1]!, { type: "text", agent, text: "Words" }, shows("out\n")], SCREEN);
  assert.match(text, /\nWords\n▸ execute_python code="x"\n {2}out\n$/);
});

Deno.test("--quiet shows nothing of it, --json each event", () => {
  const quiet = quietRenderer(RUN, false);
  const json = jsonRenderer();
  for (const event of RAN) {
    assert.deepEqual(quiet.render(event), []);
    assert.deepEqual(json.render(event), [{ to: "stdout", text: `${JSON.stringify(event)}\n` }]);
  }
});

Deno.test("the calls a tool made can be shown from their own journal", () => {
  const record = { run: "r.1", agent, task: "", setup: {}, limits: { turns: 1 }, startedAt: 0 };
  const entry = {
    seq: 0,
    kind: "use",
    intent: { ...inner, settle: "ask" },
    receipt: { value: { value: { outcome: { ok: true, content: "text" }, ms: 5 }, events: [] } },
  };
  const { events, unclear } = told({ ...record, status: "running" }, [entry]);
  assert.deepEqual(unclear, []);
  assert.deepEqual(events, [{ type: "tool_started", agent, call: inner }, ended(inner, "text")]);
});

Deno.test("pictures that were saved are named below the line of their call, others are not", () => {
  const artifact = { mediaType: "image/png", base64: "AAAA" };
  const drew: RunEvent = {
    type: "tool_ended",
    agent,
    call: outer,
    outcome: {
      ok: true,
      content: "drawn",
      artifacts: [{ ...artifact, name: "a.png", path: "figures/a\u001b[2J.png" }, {
        ...artifact,
        name: "b.png",
      }],
    },
    ms: 5,
  };
  const lines = stderrOf([STARTED, drew], FILE).split("\n").slice(1);
  assert.match(lines[0] ?? "", /drawn/);
  assert.match(lines[1] ?? "", /^ {2}saved figures\/a.*\.png$/);
  assert.ok(!lines.join("").includes("\u001b") && !lines.join("").includes("b.png"));
});
