import { deepStrictEqual, equal, rejects } from "node:assert/strict";
import { coalesce } from "../../../actors/models/coalesce.ts";
import { HandClock } from "../../support/hand_clock.ts";

/** Lets all promises that can go on do so. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("the first text leaves at once, later ones together and 25 ms apart", async () => {
  const clock = new HandClock();
  const sent: [number, string][] = [];
  const flow = coalesce(
    (text) => Promise.resolve(void sent.push([clock.now() - 1_000_000, text])),
    25,
    clock,
  );
  for (const text of ["a", "b", "c"]) flow.push(text);
  await settle();
  clock.advance(24);
  await settle();
  deepStrictEqual(sent, [[0, "a"]]);
  clock.advance(1);
  await settle();
  deepStrictEqual(sent, [[0, "a"], [25, "bc"]]);
  clock.advance(100);
  await settle();
  flow.push("d");
  await flow.end("send");
  deepStrictEqual(sent, [[0, "a"], [25, "bc"], [125, "d"]]);
  equal(clock.sleeping, 0);
});

Deno.test("what is held when the flow ends is sent or dropped, as asked", async () => {
  for (const [rest, expected] of [["send", ["a", "bc"]], ["drop", ["a"]]] as const) {
    const sent: string[] = [];
    const flow = coalesce((text) => Promise.resolve(void sent.push(text)), 25, new HandClock());
    for (const text of ["a", "b", "c"]) flow.push(text);
    await flow.end(rest);
    deepStrictEqual(sent, expected);
  }
});

Deno.test("a slow receiver gets one text at a time, in order", async () => {
  const clock = new HandClock();
  const gates: (() => void)[] = [];
  const sent: string[] = [];
  const flow = coalesce(
    (text) => (sent.push(text), new Promise((resolve) => gates.push(resolve))),
    25,
    clock,
  );
  flow.push("a");
  flow.push("b");
  const ended = flow.end("send");
  deepStrictEqual(sent, ["a"]);
  gates.shift()?.();
  await settle();
  deepStrictEqual(sent, ["a", "b"]);
  gates.shift()?.();
  await ended;
});

Deno.test("a receiver that is gone is told of at the end, and nothing is pushed to it again", async () => {
  let sends = 0;
  const flow = coalesce(() => (sends++, Promise.reject(new Error("gone"))), 25, new HandClock());
  flow.push("a");
  await settle();
  flow.push("b");
  await rejects(flow.end("send"), /gone/);
  equal(sends, 1);
});

Deno.test("nothing pushed, nothing sent", async () => {
  const flow = coalesce(() => Promise.reject(new Error("sent")), 25, new HandClock());
  flow.push("");
  await flow.end("send");
});
