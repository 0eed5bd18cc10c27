import assert from "node:assert/strict";
import type { Question, Verdict } from "../../../protocols/messages/approval.ts";
import { runCli } from "../../../protocols/terminal/cli.ts";
import type { Person, Questions } from "../../../workspace/runtime/questions.ts";
import { MemorySink, scriptedRun, settled, stand } from "./outside.ts";
import { ended, outcome, RUN, STARTED } from "./runs.ts";

const QUESTION: Question = { tool: "run_command", action: "rm x", reason: "rm removes files" };
const ASKED = "run_command asks: rm removes files\n" +
  "Allow run_command: rm x ? [y]es / [n]o / [a]lways for this run\n";

Deno.test("a person at a terminal is asked, and their word is the verdict", async () => {
  for (const word of ["y", "Yes", " yes ", "a", "n", "NO"]) {
    await using watched = watch();
    const verdict = watched.ask(QUESTION);
    await watched.shows(ASKED);
    await watched.types(word);
    assert.equal((await verdict).allowed, !/n/i.test(word), word);
  }
});

Deno.test("what is no answer is asked again, even an empty line", async () => {
  await using watched = watch();
  const verdict = watched.ask(QUESTION);
  for (const word of ["", "sure", "constructor"]) await watched.types(word);
  assert.equal(watched.written.split("please answer").length, 4, watched.written);
  await watched.types("n");
  assert.deepEqual(await verdict, { allowed: false, reason: "a person refused it" });
});

Deno.test("always means exactly this, in this run", async () => {
  await using watched = watch();
  const first = watched.ask(QUESTION);
  await watched.types("a");
  assert.deepEqual(await first, { allowed: true, reason: "a person allowed it for this run" });
  assert.deepEqual(await watched.ask(QUESTION), {
    allowed: true,
    reason: "a person had allowed it for this run",
  });
  const other = watched.ask({ ...QUESTION, action: "rm x y" });
  await watched.shows("Allow run_command: rm x y ?");
  await watched.types("n");
  assert.equal((await other).allowed, false);
});

Deno.test("two questions are put one after the other", async () => {
  await using watched = watch();
  const both = [watched.ask(QUESTION), watched.ask({ ...QUESTION, action: "rm y" })];
  await watched.shows(ASKED);
  assert.doesNotMatch(watched.written, /rm y/);
  await watched.types("y");
  await watched.shows("Allow run_command: rm y ?");
  await watched.types("n");
  assert.deepEqual((await Promise.all(both)).map(({ allowed }) => allowed), [true, false]);
});

Deno.test("what was typed before the question was on the screen does not answer it", async () => {
  await using watched = watch();
  watched.keyboard.type("y");
  const verdict = watched.ask(QUESTION);
  await watched.shows('troupe: "y" was typed before the question and is no answer to it');
  await watched.types("n");
  assert.equal((await verdict).allowed, false);
});

Deno.test("a question that is withdrawn leaves the screen, and a word typed later is not for the next one", async () => {
  await using watched = watch();
  const gone = new AbortController();
  const first = watched.ask(QUESTION, gone.signal);
  await watched.shows(ASKED);
  gone.abort();
  assert.equal((await first).allowed, false);
  await watched.shows("troupe: the question is withdrawn\n");
  await watched.types("y");
  const second = watched.ask({ ...QUESTION, action: "rm y" });
  await watched.shows('"y" was typed before');
  await watched.types("n");
  assert.equal((await second).allowed, false);
});

Deno.test("the whole of what is wanted is shown, and cannot steer the terminal or hide in it", async () => {
  await using watched = watch();
  const action = `echo  'a   b'\n\trm -rf ${"x".repeat(500)}\x1b[2K\u202egnp.exe`;
  const verdict = watched.ask({ ...QUESTION, action });
  await watched.shows(
    `Allow run_command: echo  'a   b'\\n\\trm -rf ${"x".repeat(500)}\\x1b[2K\\u202egnp.exe ? [y]es`,
  );
  await watched.types("n");
  await verdict;
});

Deno.test("Ctrl-C while a question stands refuses it, and stops the run once that is recorded", async () => {
  await using watched = watch();
  const verdict = watched.ask(QUESTION);
  await watched.shows(ASKED);
  watched.signal();
  assert.equal((await verdict).allowed, false);
  assert.equal(watched.run.interrupts, 0);
  watched.goOn();
  await watched.shows("✗ run_command");
  assert.equal(watched.run.interrupts, 1);
  assert.equal((await watched.ask(QUESTION)).allowed, false, "nothing is asked any more");
});

Deno.test("Ctrl-C where no question stands stops the run at once", async () => {
  await using watched = watch();
  const verdict = watched.ask(QUESTION);
  await watched.types("n");
  await verdict;
  watched.signal();
  assert.equal(watched.run.interrupts, 1);
});

Deno.test("nothing else is written while a question stands", async () => {
  await using watched = watch();
  const verdict = watched.ask(QUESTION);
  await watched.shows(ASKED);
  watched.goOn();
  for (let turns = 0; turns < 5; turns++) await settled();
  assert.ok(watched.written.endsWith(ASKED), watched.written);
  await watched.types("y");
  await verdict;
  await watched.shows("✗ run_command");
});

Deno.test("when the keyboard is gone the question is refused", async () => {
  await using watched = watch();
  const verdict = watched.ask(QUESTION);
  await watched.shows(ASKED);
  watched.keyboard.end();
  assert.deepEqual(await verdict, { allowed: false, reason: "nobody can answer here" });
});

Deno.test("nobody answers where nobody can: no keyboard, no screen, --json, --quiet", async () => {
  const cases: [flags: string[], stdin: boolean, stderr: boolean, asked: boolean][] = [
    [[], true, true, true],
    [[], false, true, false],
    [[], true, false, false],
    [["--json"], true, true, false],
    [["--quiet"], true, true, false],
  ];
  for (const [flags, stdin, stderr, asked] of cases) {
    await using watched = watch(flags, stdin, new MemorySink(stderr));
    for (let turns = 0; turns < 5; turns++) await settled();
    assert.equal(watched.answers(), asked, JSON.stringify([flags, stdin, stderr]));
  }
});

const FORM: Question = {
  tool: "weather",
  action: "Which city?\x1b[2J",
  reason: "it works elsewhere",
  form: {
    type: "object",
    properties: {
      city: { type: "string", title: "City" },
      days: { type: "integer", default: 3, maximum: 10 },
      rain: { type: "boolean" },
    },
    required: ["city", "rain"],
  },
};

Deno.test("a form is filled in field by field; what does not fit is asked for again with the reason", async () => {
  await using watched = watch();
  const verdict = watched.ask(FORM);
  await watched.shows(
    "weather asks: Which city?\\x1b[2J\n(it works elsewhere; type no or press Ctrl-D to decline; " +
      '"no" with its quotes is an answer)\nCity: \n',
  );
  await watched.types("");
  await watched.shows("something has to be given; City: \n");
  await watched.types("Berlin");
  await watched.shows("days: a whole number; default 3\n");
  await watched.types("11");
  await watched.shows("at most 10; days: a whole number; default 3\n");
  await watched.types("");
  await watched.shows("rain: [y]es or [n]o\n");
  await watched.types("no");
  assert.deepEqual(await verdict, {
    allowed: true,
    reason: "a person filled it in",
    content: { city: "Berlin", days: 3, rain: false },
  });
});

Deno.test("a form is declined by no, by Ctrl-D, and when it wants what cannot be typed", async () => {
  {
    await using watched = watch();
    const verdict = watched.ask(FORM);
    await watched.types("No");
    assert.deepEqual(await verdict, { allowed: false, reason: "a person refused it" });
  }
  {
    await using watched = watch();
    const verdict = watched.ask(FORM);
    await watched.types("Berlin");
    watched.keyboard.end();
    assert.deepEqual(await verdict, { allowed: false, reason: "nobody can answer here" });
  }
  await using watched = watch();
  const form = { properties: { x: { type: "object" } }, required: ["x"] };
  const verdict = await watched.ask({ ...FORM, form });
  assert.deepEqual(verdict, { allowed: false, reason: '"x" cannot be filled in at a terminal' });
});

Deno.test("a form without fields is a question of yes or no", async () => {
  await using watched = watch();
  const verdict = watched.ask({ ...FORM, form: {} });
  await watched.shows("Allow weather: Which city?");
  await watched.types("y");
  assert.deepEqual(await verdict, { allowed: true, reason: "a person allowed it", content: {} });
});

Deno.test("a form that is withdrawn in the middle leaves the screen", async () => {
  await using watched = watch();
  const gone = new AbortController();
  const verdict = watched.ask(FORM, gone.signal);
  await watched.types("Berlin");
  await watched.shows("days:");
  gone.abort();
  assert.deepEqual(await verdict, { allowed: false, reason: "nobody answered in time" });
  await watched.shows("the question is withdrawn");
});

/** A keyboard whose lines a test types. */
class Keyboard {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor() {
    this.stream = new ReadableStream({ start: (controller) => void (this.#controller = controller) });
  }

  type(line: string): void {
    this.#controller.enqueue(new TextEncoder().encode(`${line}\n`));
  }

  end(): void {
    this.#controller.close();
  }
}

/** A run that is watched and waits until it is told to go on, and the person asked by it. */
function watch(flags: string[] = [], stdinTerminal = true, stderr = new MemorySink(true)) {
  const gate = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const keyboard = new Keyboard();
  let person: Person | undefined;
  const questions: Questions = {
    answeredBy(answer) {
      person = answer;
      return () => void (person = undefined);
    },
  };
  const call = { id: "c1", name: "run_command", arguments: "{}" };
  const refused = { ok: false, kind: "denied", message: "no" } as const;
  const tool = { type: "tool_ended", agent: "lead", call, outcome: refused, ms: 1 } as const;
  const events = [STARTED, tool, ended(outcome("answered", "done"))];
  const run = scriptedRun(RUN, events, { 1: gate.promise, 2: end.promise }, questions);
  const at = stand({
    runtime: { start: () => Promise.resolve(run) },
    stdin: keyboard.stream,
    stdinTerminal,
    stderr,
    env: { TERM: "xterm", NO_COLOR: "1" },
  });
  const ran = runCli(["run", "x", ...flags], at.outside);
  return {
    run,
    keyboard,
    get written() {
      return at.stderr.written;
    },
    answers: () => person !== undefined,
    goOn: () => gate.resolve(),
    signal: () => at.signal(),
    async ask(question: Question, withdrawn = new AbortController().signal): Promise<Verdict> {
      for (let turns = 0; person === undefined && turns < 10; turns++) await settled();
      assert.ok(person, "nobody answers questions");
      return await person(question, withdrawn);
    },
    async shows(text: string): Promise<void> {
      for (let turns = 0; !at.stderr.written.includes(text) && turns < 20; turns++) await settled();
      assert.ok(at.stderr.written.includes(text), at.stderr.written);
    },
    /** Reads the question first, as a person does. */
    async types(line: string): Promise<void> {
      await settled();
      await at.clock.advance(1000);
      keyboard.type(line);
      await settled();
    },
    async [Symbol.asyncDispose]() {
      gate.resolve();
      end.resolve();
      await ran;
      assert.equal(person, undefined, "nobody answers for a run that is over");
    },
  };
}
