import assert from "node:assert/strict";
import fc from "fast-check";
import type { RunEvent } from "../../../protocols/messages/run.ts";
import { fingerprints, randomBases } from "../../../sandbox/secrets/fingerprint.ts";
import { RedactedEvents } from "../../../sandbox/secrets/redacted_events.ts";
import { Redactor } from "../../../sandbox/secrets/redactor.ts";

const KEY = 'sk-proj-a"b\\c/d+e=f%g_0123456789';
const OTHER = "sk-or-v1-9f8e7d6c5b4a";

function redactor(secrets: Record<string, string> = { KEY, OTHER }): Redactor {
  const bases = randomBases();
  return new Redactor(Object.entries(secrets).flatMap(([name, value]) => fingerprints(name, value, bases)));
}

Deno.test("a secret is replaced wherever it stands, however often, and nothing else is changed", () => {
  const { text } = bound();
  assert.equal(text(KEY), "[secret:KEY]");
  assert.equal(text(`a${KEY}b ${KEY}${OTHER}\n`), "a[secret:KEY]b [secret:KEY][secret:OTHER]\n");
  for (const other of ["", "sk-", KEY.slice(0, -1), KEY.slice(1), KEY.toUpperCase(), "😀".repeat(100)]) {
    assert.equal(text(other), other);
  }
});

Deno.test("its forms within URLs, JSON and base64 are as secret as itself", () => {
  const { text } = bound();
  const shown = (whole: string) => {
    for (const value of [KEY, JSON.stringify(KEY).slice(1, -1), encodeURIComponent(KEY)]) {
      assert.ok(!whole.includes(value), whole);
    }
  };
  shown(text(`https://x/?key=${encodeURIComponent(KEY)}&n=1`));
  shown(text(JSON.stringify({ env: { KEY, nested: JSON.stringify(OTHER) } })));
  for (const before of ["", "a", "ab", "abc", "KEY=", "é"]) {
    for (const after of ["", "\n", "12"]) {
      const bytes = new TextEncoder().encode(before + KEY + after);
      for (const encoded of [bytes.toBase64(), bytes.toBase64({ alphabet: "base64url" })]) {
        const clean = text(encoded);
        assert.match(clean, /\[secret:KEY\]/, `${before}|${after}: ${clean}`);
        assert.ok(encoded.length - clean.replace("[secret:KEY]", "").length > 40, clean);
      }
    }
  }
});

Deno.test("secrets of fewer than 8 characters are not looked for", () => {
  const short = redactor({ PIN: "1234567" });
  assert.equal(short.longest, 0);
  assert.equal(short.text("1234567"), "1234567");
});

Deno.test("plain data is cleaned to its depth, keys included, and is the same value where there is nothing", () => {
  const { data } = bound();
  const clean = { a: [1, null, { b: "nothing" }], c: true };
  assert.equal(data(clean), clean);
  assert.deepEqual(data({ a: [1, { [KEY]: `x${OTHER}` }], b: KEY, c: clean }), {
    a: [1, { "[secret:KEY]": "x[secret:OTHER]" }],
    b: "[secret:KEY]",
    c: clean,
  });
});

Deno.test("what was redacted stays so: twice is as once, and the fingerprints do not have the secret in them", () => {
  const { text } = bound();
  const once = text(`${KEY} and ${OTHER}`);
  assert.equal(text(once), once);
  const data = JSON.stringify(fingerprints("KEY", KEY, randomBases()));
  for (let at = 0; at + 5 <= KEY.length; at++) assert.ok(!data.includes(KEY.slice(at, at + 5)));
});

Deno.test("a secret in a text that comes in pieces is never told, however it is cut; the rest is, in order", async () => {
  const cuts = fc.array(fc.nat(200), { maxLength: 12 });
  const words = fc.array(fc.constantFrom(KEY, OTHER, KEY.slice(0, 9), " ", "\n", "word", "x".repeat(90)), {
    maxLength: 8,
  });
  const known = redactor();
  await fc.assert(
    fc.asyncProperty(words, cuts, async (parts, at) => {
      const whole = parts.join("");
      const told = await flow(known, pieces(whole, at));
      assert.equal(told.join(""), known.text(whole));
    }),
    { numRuns: 300 },
  );
});

Deno.test("what cannot be the beginning of a secret is not held back", async () => {
  const told: string[] = [];
  const events = new RedactedEvents(redactor(), (event) => (told.push(textOf(event)), Promise.resolve()));
  for (const text of ["Some ", "words and", " more"]) await events.emit({ type: "text", agent: "a", text });
  assert.deepEqual(told, ["Some ", "words ", "and "]);
  await events.emit({ type: "turn_started", agent: "a", turn: 2 });
  assert.deepEqual(told, ["Some ", "words ", "and ", "more", "turn_started"], "all before another event");
});

Deno.test("the pieces of one stream do not hide in those of another", async () => {
  const told: RunEvent[] = [];
  const events = new RedactedEvents(redactor(), (event) => (told.push(event), Promise.resolve()));
  const say = (channel: "stdout" | "stderr", text: string) =>
    events.emit({ type: "tool_output", agent: "a", call: "c", channel, text });
  await say("stdout", KEY.slice(0, 12));
  await say("stderr", "between ");
  await say("stdout", `${KEY.slice(12)} end`);
  await events.flush();
  const stdout = told.filter((event) => event.type === "tool_output" && event.channel === "stdout").map(
    textOf,
  );
  assert.equal(stdout.join(""), "[secret:KEY] end");
});

function bound() {
  const known = redactor();
  return { text: (text: string) => known.text(text), data: <T>(value: T) => known.data(value) };
}

function pieces(whole: string, cuts: number[]): string[] {
  const at = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
  return at.slice(1).map((end, index) => whole.slice(at[index], end));
}

async function flow(known: Redactor, parts: string[]): Promise<string[]> {
  const told: string[] = [];
  const events = new RedactedEvents(known, (event) => (told.push(textOf(event)), Promise.resolve()));
  for (const text of parts) await events.emit({ type: "text", agent: "a", text });
  await events.flush();
  return told;
}

function textOf(event: RunEvent): string {
  return "text" in event ? event.text : event.type;
}
