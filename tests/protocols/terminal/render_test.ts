import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import type { RunEvent, RunOutcome, RunStatus } from "../../../protocols/messages/run.ts";
import { harmless } from "../../../protocols/terminal/harmless.ts";
import type { Piece } from "../../../protocols/terminal/pieces.ts";
import { columnsOf } from "../../../protocols/terminal/preview.ts";
import { textRenderer, type View } from "../../../protocols/terminal/render.ts";
import { ended, EVENTFUL, outcome, RUN, STARTED, thought } from "./runs.ts";

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

Deno.test("a run in a file is whole lines, one for each tool call, and the answer stands alone on stdout", () => {
  const { stdout, stderr } = rendered(EVENTFUL, FILE);
  assert.equal(stdout, "[1, 2]\n");
  assert.equal(
    stderr,
    `run ${RUN} · m-1 · 2 tools
I will sort.

First the list.
✓ execute_python 12 ms code="print(1)\\nprint(2)" → 1 2
✗ read_file 1.3 s {broken → denied: outside the workspace
→ checker Check it
  checker │ Looks right.
  checker │ Yes.
← checker answered · 3 turns · 1234 tokens in, 56 out · 0.0012345 USD
≈ compacted 900 to 300
! nearly done
It is [1, 2].
✓ answered · 3 turns · 1234 tokens in, 56 out · 0.0012345 USD · 4.2 s · run ${RUN}
`,
  );
});

Deno.test("a file gets nothing of retries, deaths and restarts, which a replay need not repeat; a screen does", () => {
  const calm = EVENTFUL.filter(({ type }) => type !== "actor" && type !== "retry");
  assert.deepEqual(rendered(EVENTFUL, FILE), rendered(calm, FILE));
  const { stderr } = rendered(EVENTFUL, SCREEN);
  assert.match(stderr, /\n {2}checker │ ↻ HTTP 429; attempt 2 in 500 ms\n/);
  assert.match(stderr, /\n† troupe\/echo died: killed\n↺ troupe\/echo restarted: killed\n/);
  assert.equal(stderr.split("Looks right.").length, 2, "the crash of a tool takes back no words of an agent");
});

Deno.test("what an agent said in an inference it did not survive is told anew on a screen", () => {
  const { stderr } = rendered([
    STARTED,
    { type: "text", agent: "lead", text: "Half" },
    { type: "actor", agent: "lead", change: "restarted", reason: "killed" },
    { type: "thought", agent: "lead", thought: thought("A whole.") },
  ], SCREEN);
  assert.ok(stderr.endsWith("\nHalf\n↺ lead restarted: killed\nA whole.\n"));
});

Deno.test("debug messages are shown to those who ask", () => {
  assert.doesNotMatch(rendered(EVENTFUL, FILE).stderr, /not for everybody/);
  assert.match(rendered(EVENTFUL, { ...FILE, debug: true }).stderr, /· not for everybody\n/);
});

Deno.test("colour changes nothing but colour", () => {
  const { stderr } = rendered(EVENTFUL, { ...FILE, colour: true });
  assert.ok(stderr.includes("\x1b[32m✓\x1b[0m execute_python"));
  assert.equal(stripVTControlCharacters(stderr), rendered(EVENTFUL, FILE).stderr);
});

Deno.test("on a screen text appears as it comes, in a file once its inference is complete", () => {
  const chunks = ["One ", "two", "\nThr", "ee\n\nFour"];
  const pieces = (view: View) => {
    const renderer = begun(view);
    const said = chunks.map((text) => joined(renderer.render({ type: "text", agent: "lead", text })));
    const whole: RunEvent = { type: "thought", agent: "lead", thought: thought(chunks.join("")) };
    return [...said, joined(renderer.render(whole))];
  };
  assert.deepEqual(pieces(SCREEN), ["One", " two", "\nThr", "ee\n\nFour", "\n"]);
  assert.deepEqual(pieces(FILE), ["", "", "", "", "One two\nThree\n\nFour\n"]);
});

Deno.test("however text is cut into chunks, it looks the same: its lines without blank ends, made harmless", () => {
  fc.assert(
    fc.property(streamedText, cuts, fc.constantFrom(FILE, SCREEN), agents, (text, at, view, agent) => {
      const renderer = begun(view);
      const said = chunksOf(text, at).map((chunk) =>
        joined(renderer.render({ type: "text", agent, text: chunk }))
      );
      said.push(joined(renderer.render({ type: "thought", agent, thought: thought(text) })));
      const lines = text.split("\n").map((line) => line.replace(/[ \t\r]+$/, "")).join("\n");
      const body = harmless(lines.replace(/^\n+|\n+$/g, ""));
      const bar = agent === "lead" ? "" : "  checker │";
      const behind = (line: string) => bar === "" || line === "" ? bar + line : `${bar} ${line}`;
      assert.equal(
        said.map(asBytes).join(""),
        body === "" ? "" : `${body.split("\n").map(behind).join("\n")}\n`,
      );
      if (!view.live) { for (const piece of said) assert.match(piece, /^$|\n$/); }
    }),
  );
});

Deno.test("a model that streams nothing still has its words shown, once", () => {
  const spoken = [STARTED, { type: "text", agent: "lead", text: "Hello" } as const];
  const thinks: RunEvent = { type: "thought", agent: "lead", thought: thought("Hello") };
  assert.equal(rendered([...spoken, thinks], FILE).stderr, rendered([STARTED, thinks], FILE).stderr);
  assert.match(rendered([STARTED, thinks], FILE).stderr, /\nHello\n$/);
});

Deno.test("what was said before a retry is ended on a screen and never seen in a file; then it is told anew", () => {
  const events: RunEvent[] = [
    STARTED,
    { type: "text", agent: "lead", text: "Half a sen" },
    { type: "retry", agent: "lead", reason: "the connection broke", attempt: 2, delayMs: 1500 },
    { type: "thought", agent: "lead", thought: thought("A whole sentence.") },
  ];
  const after = "↻ the connection broke; attempt 2 in 1.5 s\nA whole sentence.\n";
  assert.ok(rendered(events, SCREEN).stderr.endsWith(`\nHalf a sen\n${after}`));
  assert.ok(rendered(events, { ...FILE, news: true }).stderr.endsWith(`2 tools\n${after}`));
  assert.ok(rendered(events, FILE).stderr.endsWith("2 tools\nA whole sentence.\n"));
});

Deno.test("text that was cut off in the middle of an inference is in no file, since no replay could repeat it", () => {
  const events: RunEvent[] = [
    STARTED,
    { type: "text", agent: "lead", text: "Half\na sen" },
    ended(outcome("interrupted", "")),
  ];
  const without = events.filter(({ type }) => type !== "text");
  assert.equal(rendered(events, FILE).stderr, rendered(without, FILE).stderr);
  assert.match(rendered(events, SCREEN).stderr, /\nHalf\na sen\n✗ interrupted/);
});

Deno.test("agents that speak at once keep to lines of their own", () => {
  const says = (agent: string, text: string): RunEvent => ({ type: "text", agent, text });
  const events = [
    STARTED,
    says("lead", "I am "),
    says("lead/checker", "So"),
    says("lead", "first"),
    says("lead/checker", " am I"),
  ];
  const ends = ["lead", "lead/checker"].map((agent): RunEvent => ({ type: "turn_started", agent, turn: 2 }));
  const { stderr } = rendered([...events, ...ends], SCREEN);
  assert.equal(stderr.split("\n").slice(1).join("\n"), "I am\n  checker │ So\n first\n  checker │  am I\n");
});

Deno.test("an answer that was just streamed to the screen it would be printed on is not printed twice", () => {
  const events = [
    STARTED,
    { type: "text", agent: "lead", text: "It is " } as const,
    { type: "text", agent: "lead", text: "42.\n" } as const,
    { type: "thought", agent: "lead", thought: thought("It is 42.\n") } as const,
    ended(outcome("answered", "It is 42.")),
  ];
  assert.equal(rendered(events, SCREEN).stdout, "");
  assert.equal(rendered(events, { ...SCREEN, merged: false }).stdout, "It is 42.\n");
  const other = [...events.slice(0, -1), ended(outcome("answered", "42"))];
  assert.equal(rendered(other, SCREEN).stdout, "42\n");
});

Deno.test("nothing a model, a tool or a sub-agent writes can steer the terminal", () => {
  fc.assert(fc.property(hostile, fc.constantFrom(FILE, SCREEN), (text, view) => {
    const end = outcome("failed", text, { reason: text });
    const call = { id: "1", name: text, arguments: text };
    const agent = `lead/${text}`;
    const events: RunEvent[] = [
      { ...STARTED, model: text },
      { type: "text", agent, text },
      { type: "retry", agent, reason: text, attempt: 1, delayMs: 1 },
      { type: "tool_ended", agent, call, outcome: { ok: true, content: text }, ms: 1 },
      { type: "tool_ended", agent, call, outcome: { ok: false, kind: "permanent", message: text }, ms: 1 },
      { type: "agent_spawned", agent: "lead", child: agent, run: "01child", task: text },
      { type: "agent_ended", agent: "lead", child: agent, outcome: end },
      { type: "log", agent, level: "error", message: text },
      { type: "actor", agent, change: "died", reason: text },
      { type: "thought", agent: "lead", thought: thought(text) },
      ended(end),
    ];
    const { stdout, stderr } = rendered(events, { ...view, answerTerminal: true });
    assert.doesNotMatch(stdout + stderr, /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u);
  }));
});

Deno.test("a run that was not answered says why and how to go on, unless it cannot", () => {
  const end = (view: View, status: RunStatus, more?: Partial<RunOutcome>) =>
    rendered([STARTED, ended(outcome(status, "", more))], view).stderr.split("\n").slice(1, -1);
  assert.deepEqual(end(FILE, "failed", { reason: "Cannot reach\nthe host" }), [
    "✗ Cannot reach the host",
    `✗ failed · 3 turns · 1234 tokens in, 56 out · 0.0012345 USD · 4.2 s · run ${RUN}`,
    `resume with: troupe resume ${RUN}`,
  ]);
  const options = {
    turns: "--max-turns",
    tokens: "--max-tokens",
    usd: "--max-usd",
    wall_clock: "--timeout",
  } as const;
  for (const [limit, option] of Object.entries(options) as [keyof typeof options, string][]) {
    const [summary = "", hint] = end({ ...FILE, command: "deno task troupe" }, "limited", { limit });
    assert.match(summary, new RegExp(`^✗ limited \\(${limit}\\) · `));
    assert.equal(hint, `resume with: deno task troupe resume ${RUN} ${option} <more>`);
  }
  assert.equal(end(FILE, "interrupted").length, 2);
  assert.equal(end(FILE, "denied").length, 1);
});

Deno.test("on a screen a tool call that was answered is one line of it, a sub-agent's too", () => {
  const content = "wide 漢字 ".repeat(50);
  for (const columns of [60, 80, 100]) {
    for (const agent of ["lead", "lead/checker"]) {
      const call = { id: "1", name: "execute_python", arguments: JSON.stringify({ code: content }) };
      const event: RunEvent = { type: "tool_ended", agent, call, outcome: { ok: true, content }, ms: 1234 };
      const { stderr } = rendered([STARTED, event], { ...SCREEN, columns });
      const line = stderr.split("\n")[1] ?? "";
      assert.match(line, /code="wide.* → wide /);
      assert.ok(columnsOf(line) <= columns, `${columnsOf(line)} > ${columns}: ${line}`);
    }
  }
});

Deno.test("people read why a tool was denied without the word that tells the model", () => {
  const call = { id: "1", name: "write_file", arguments: "{}" };
  const outcome = { ok: false, kind: "denied", message: "TOOL_DENIED: no right to write" } as const;
  const { stderr } = rendered([{ type: "tool_ended", agent: "lead", call, outcome, ms: 0 }], FILE);
  assert.match(stderr, /write_file 0 ms → denied: no right to write\n/);
});

Deno.test("last words that were just streamed to the screen are not printed as the answer of a run cut short", () => {
  const last = outcome("interrupted", "I will sort. ");
  const said: RunEvent = { type: "thought", agent: "lead", thought: thought("I will sort. ") };
  const events = [STARTED, said, ended(last)];
  assert.equal(rendered(events, SCREEN).stdout, "");
  assert.equal(rendered(events, { ...SCREEN, merged: false }).stdout, "I will sort. \n");
});

Deno.test("what is waited for is named, with the sub-agent that waits, and not while a line is unfinished", () => {
  const renderer = textRenderer(SCREEN);
  const after = (event: RunEvent) => (renderer.render(event), renderer.waiting);
  assert.equal(after(STARTED), "starting");
  assert.equal(after({ type: "turn_started", agent: "lead", turn: 1 }), "thinking");
  assert.equal(after({ type: "text", agent: "lead", text: "Well" }), undefined);
  const call = { id: "1", name: "execute_python", arguments: "{}" };
  assert.equal(after({ type: "tool_started", agent: "lead", call }), "execute_python");
  assert.equal(after({ type: "turn_started", agent: "lead/checker", turn: 1 }), "checker: thinking");
  assert.equal(after(ended(outcome("answered", "x"))), undefined);
});

const agents = fc.constantFrom("lead", "lead/checker");
const pieceOfText = fc.constantFrom(
  "a",
  "Word",
  " ",
  "  ",
  "\n",
  "\n\n",
  "\r\n",
  "\r",
  "\t",
  "\f",
  "😀",
  "é",
  "\x1b[31m",
  "│",
);
const streamedText = fc.array(pieceOfText, { maxLength: 24 }).map((parts) => parts.join(""));
const cuts = fc.array(fc.nat(40), { maxLength: 12 });
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom("\x1b]52;c;AAAA\x07", "\x9b2J", "\r", "\x7f", "\u202e", "\n", "x", "\x00", "\x08"),
    fc.string(),
  ),
  { minLength: 1, maxLength: 8 },
).map((parts) => parts.join(""));

function rendered(events: readonly RunEvent[], view: View): { stdout: string; stderr: string } {
  const renderer = textRenderer(view);
  const pieces = events.flatMap((event) => renderer.render(event));
  const of = (to: Piece["to"]) => joined(pieces.filter((piece) => piece.to === to));
  return { stdout: of("stdout"), stderr: of("stderr") };
}

/** A renderer that has seen the run start. */
function begun(view: View): ReturnType<typeof textRenderer> {
  const renderer = textRenderer(view);
  renderer.render(STARTED);
  return renderer;
}

function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join("");
}

/** As it comes out of a pipe: what is written must not end in the middle of a character. */
function asBytes(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

function chunksOf(text: string, cuts: readonly number[]): string[] {
  const at = [0, ...cuts.filter((cut) => cut < text.length).sort((one, other) => one - other), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}
