import assert from "node:assert/strict";
import fc from "fast-check";
import type { Fault } from "../../protocols/messages/fault.ts";
import { child, type Tree } from "../../supervisor/tree/spec.ts";
import { Recorder, recorder } from "../workers/recorder.ts";
import { Talker, talker } from "../workers/talker.ts";
import { onStage } from "./stage.ts";

const TALKERS = ["ann", "bob"];
const TALK = 45;

/** What the main thread does next: sends casts, then a call that may be the actor's death. */
const step = fc.record({
  casts: fc.nat({ max: 5 }),
  death: fc.constantFrom("none", "throw", "reject", "exit", "close", "kill"),
  /** Whether to wait for the answer before going on. */
  waits: fc.boolean(),
});

interface Ends {
  answered: Set<number>;
  other: Map<number, string>;
  sent: number;
}

// Deno drops the messages of a worker that it has received and not yet delivered when the worker is terminated, and
// forgets the ports in them.
const sanitizeResources = false;

Deno.test("K1 K2 K3 K9 under random deaths every call settles, nothing is done twice, lost or out of order", {
  sanitizeResources,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 12 }),
      fc.constantFrom<NonNullable<Tree["strategy"]>>("one-for-one", "rest-for-one"),
      fc.nat({ max: 2 }),
      async (steps, strategy, warm) => {
        const file = await Deno.makeTempFile();
        try {
          const { ends, talks } = await play(file, steps, strategy, warm);
          check(await read(file), steps, ends, strategy === "one-for-one" ? talks : undefined);
        } finally {
          await Deno.remove(file);
        }
      },
    ),
    { numRuns: 12 },
  );
});

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function play(file: string, steps: Step[], strategy: Tree["strategy"], warm: number) {
  const ends: Ends = { answered: new Set(), other: new Map(), sent: 0 };
  const talks: Record<string, number>[] = [];
  await onStage(async ({ system }) => {
    const grant = { write: [file] };
    const tree = await system.start("root", {
      strategy,
      intensity: { restarts: 1_000, withinMs: 1_000 },
      backoff: { capMs: 5 },
      children: [
        child("recorder", recorder, { file }, { grant, warm }),
        ...TALKERS.map((name) =>
          child(name, talker, (started) => ({ recorder: started.ref(Recorder, "recorder") }))
        ),
      ],
    });
    const talking = TALKERS.map((from) =>
      tree.ref(Talker, from).call("talk", { from, count: TALK, timeoutMs: 10_000 }).then(
        (ends) => void talks.push(ends),
        (fault: Fault) => assert.equal(fault.code, "died", "it was restarted with the recorder"),
      )
    );
    const ref = tree.ref(Recorder, "recorder");
    const calls: Promise<void>[] = [];
    for (const { casts, death, waits } of steps) {
      for (let n = 0; n < casts; n++) ref.cast("tell", { from: "main", n: ++ends.sent });
      const n = ++ends.sent;
      const asked = { from: "main", n, death: death === "kill" ? "none" : death } as const;
      const call = ref.call("ask", asked, { timeoutMs: 10_000 }).then(
        (answer) => void ends.answered.add((assert.equal(answer, n), n)),
        (fault: Fault) => void ends.other.set(n, fault.code),
      );
      calls.push(call);
      if (death === "kill") tree.kill("recorder", "a test says so");
      if (waits) await call;
    }
    await Promise.all([...calls, ...talking]);
    await ref.call("ask", { from: "last", n: 1, death: "none" });
  });
  return { ends, talks };
}

async function read(file: string): Promise<Record<string, number[]>> {
  const log: Record<string, number[]> = { main: [], last: [], ann: [], bob: [] };
  for (const line of (await Deno.readTextFile(file)).trim().split("\n")) {
    const [from, n] = line.split(" ");
    log[from!]!.push(Number(n));
  }
  return log;
}

function check(
  log: Record<string, number[]>,
  steps: Step[],
  ends: Ends,
  talks?: Record<string, number>[],
): void {
  const { answered, other } = ends;
  const codes = new Set(other.values());
  assert.deepEqual([...codes].filter((code) => code !== "died" && code !== "timeout"), []);
  assert.equal(answered.size + other.size, steps.length, "every call settled, and once");
  for (const [from, handled] of Object.entries(log)) {
    const inOrder = [...new Set(handled)].sort((a, b) => a - b);
    assert.deepEqual(handled, inOrder, `what ${from} sent is handled once and in order`);
  }
  for (const n of answered) assert.ok(log.main!.includes(n), `${n} was answered and handled`);
  const kills = steps.filter(({ death }) => death === "kill").length;
  const total = log.main!.length + (talks === undefined ? 0 : log.ann!.length + log.bob!.length);
  const sent = ends.sent + (talks === undefined ? 0 : TALK * TALKERS.length);
  assert.ok(total >= sent - kills, `${sent - total} of ${sent} were lost, ${kills} deaths were by force`);
  if (talks === undefined) return;
  assert.equal(talks.length, TALKERS.length);
  for (const { answered = 0, died = 0, timeout = 0 } of talks) {
    assert.equal(answered + died + timeout, TALK / 3, "every call of every worker settled");
  }
}
