import assert from "node:assert/strict";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import { child, type ChildSettings } from "../../../supervisor/tree/spec.ts";
import { Hostile, hostile } from "../../workers/hostile.ts";
import type { Hostility } from "../../workers/hostile_provider.ts";
import { fails, onStage, type Stage } from "../stage.ts";

type Ref = ActorRef<typeof Hostile>;

/** Starts "root/a", whose process says that when it is told to. The end of the one holder has the number 0. */
async function withHostile(
  provisions: Hostility,
  test: (a: Ref, stage: Stage) => Promise<void>,
  settings: Partial<ChildSettings> = {},
): Promise<void> {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [child("a", hostile, {}, { provisions, restart: "never", ...settings })],
    });
    await test(tree.ref(Hostile, "a"), stage);
  });
}

/** Nobody believes the line: it ends the process, and that is the reason everybody hears. */
function isFatal(name: string, lines: string[], reason: RegExp, before = async (_: Ref) => {}): void {
  Deno.test(`a process ends that says ${name}`, async () => {
    await withHostile({ lines }, async (a, stage) => {
      await a.call("call", {});
      await before(a);
      const told = a.call("speak", {}).then(() => undefined, (error) => error);
      assert.match((await stage.until("root/a", "died")).reason, reason);
      const failed = await told;
      if (failed !== undefined) assert.match(failed.message, reason);
      assert.equal(stage.system.abandoned, 0);
    });
  });
}

const control = (message: unknown) => `KEY${JSON.stringify(["control", message])}`;
const packet = (port: unknown, ...frames: unknown[]) =>
  `KEY${JSON.stringify(["packet", port, JSON.stringify(frames)])}`;
const uuid = "0".repeat(36);

isFatal(
  "a line without the kernel's word",
  [`${uuid}["control",{"op":"ended"}]`],
  /printed instead of speaking/,
);
isFatal("what is no JSON", ["KEY{"], /killed for what it said: .*JSON/);
isFatal("what is no line", ['KEY"started"'], /a line of unknown kind/);
isFatal("that a port was closed", ['KEY["closed",0]'], /a line of unknown kind/);
isFatal("more than a line holds", ['KEY["control",{"op":"ended"},1]'], /a line of unknown kind/);
isFatal("a control message of no kind", [control({ op: "rule" })], /unknown kind "rule"/);
isFatal("a control message named like a method", [control({ op: "toString" })], /unknown kind "toString"/);
isFatal("nothing as a control message", [control(null)], /unknown kind/);
isFatal("twice that it started", [control({ op: "started" })], /"started" out of place/);
isFatal("that it is primed unasked", [control({ op: "primed" })], /"primed" out of place/);
isFatal("a pong without a ping", [control({ op: "pong", n: 999 })], /"pong" out of place/);
isFatal(
  "that it failed to start when it had started",
  [control({ op: "start_failed", fault: { code: "a", message: "b", retry: "never" } })],
  /"start_failed" out of place/,
);
isFatal("how it crashed in no words", [control({ op: "crashed", fault: {} })], /"crashed" with fault/);
isFatal(
  "what it logs in no words",
  [control({ op: "log", level: "info", message: 1 })],
  /"log" with message/,
);
isFatal(
  "that it wants a child of junk",
  [control({ op: "spawn", id: 1, name: "b", module: 7, options: [], spec: { warm: "many" } })],
  /"spawn" with module: expected string/,
);
isFatal(
  "that it wants a child with settings there are not",
  [control({ op: "spawn", id: 1, name: "b", module: "c", options: "{}", spec: { lazy: true } })],
  /"spawn" with spec.lazy: not allowed/,
);
isFatal(
  "a reference with a port out of turn",
  [control({ op: "mint", via: "self", lent: [], token: "t", port: { "\u0000port": 99 } })],
  /port 99 out of turn/,
);
isFatal(
  "a reference with the port of another",
  [control({ op: "mint", via: "self", lent: [], token: "t", port: { "\u0000port": 0 } })],
  /port 0 out of turn/,
);
isFatal("a packet for a port never given", [packet(98, [5, 1, null])], /port 98, which was never given/);
isFatal("a packet for what is no port", [packet("0", [5, 1, null])], /port 0, which was never given/);
isFatal("a packet that is none", ['KEY["packet",0,{}]'], /a packet of unknown form/);
isFatal("a packet with junk for ports", ['KEY["packet",0,["[5,2,null]",{"onmessage":1}]]'], /unknown form/);
isFatal("a packet of no JSON", ['KEY["packet",0,"[5,2"]'], /JSON/);
isFatal("a frame that is none", [packet(0, ["x", 2, null])], /no frame/);
isFatal("a frame of no kind", [packet(0, [9, 2, null])], /no frame/);
isFatal("a failure without a fault", [packet(0, [6, 2, {}])], /no frame/);
isFatal("an answer to a call that was not made", [packet(0, [5, 99, null])], /an answer to call 99/);
isFatal("an answer again", [packet(0, [5, 1, null])], /an answer to call 1, /);
isFatal("an answer and then another", [packet(0, [5, 2, null], [5, 2, null])], /an answer to call 2, /);
isFatal("an item of what is no stream", [packet(0, [7, 2, 1])], /an item of stream 2/);
isFatal("an item of a stream that is over", [packet(0, [7, 2, 1])], /an item of stream 2/, async (a) => {
  assert.deepEqual(await Array.fromAsync(a.stream("stream", {})), [1]);
});
isFatal("that a message is done which was not sent", [packet(0, [8, 99])], /message 99 is done/);
isFatal("requests to a holder", [packet(0, [1, 1, "total", {}, 0])], /a frame of kind 1 to a holder/);

for (const to of ["stdout", "stderr"] as const) {
  Deno.test(`a process ends that says more at once than it may, on ${to}`, async () => {
    await withHostile({ flood: { to, bytes: 70_000 } }, async (a, stage) => {
      await a.call("call", {});
      const told = a.call("speak", {}).catch(() => {});
      const { reason } = await stage.until("root/a", "died");
      assert.match(reason, /Cannot read a line longer than 65536 bytes/);
      await told;
    }, { lineBytes: 65_536 });
  });
}

Deno.test("a process that uses more memory than it may ends and says why", async () => {
  await withHostile({ memory: 400 * 1_048_576 }, async (a, stage) => {
    await a.call("call", {});
    const told = a.call("speak", {}).catch(() => {});
    assert.match((await stage.until("root/a", "died")).reason, /out of memory: it uses more than 300 MiB/);
    await told;
  }, { memoryMb: 300 });
});

Deno.test("a process lives on whose callers gave up, whether it had begun or not", async () => {
  await withHostile({}, async (a, stage) => {
    for (let round = 0; round < 20; round++) {
      const controller = new AbortController();
      const { signal } = controller;
      const given = [
        fails(a.call("wait", {}, { signal }), "cancelled"),
        a.call("call", {}, { signal }),
        fails(a.call("wait", {}, { timeoutMs: 1 }), "timeout"),
        a.stream("stream", {}, { signal }).reply,
      ];
      const settled = Promise.allSettled(given);
      if (round % 2 === 0) controller.abort();
      if (round % 3 === 0) await a.call("call", {});
      controller.abort();
      const ends = await settled;
      for (const at of [0, 2]) assert.equal(ends[at]!.status, "fulfilled");
    }
    await new Promise((resolve) => setTimeout(resolve, 400)); // longer than a late answer may take
    await a.call("call", {});
    assert.deepEqual(stage.changes, ["root/a started"]);
  });
});
