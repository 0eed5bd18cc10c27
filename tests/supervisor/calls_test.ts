import assert from "node:assert/strict";
import { child } from "../../supervisor/tree/spec.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Recorder, recorder } from "../workers/recorder.ts";
import { Talker, talker } from "../workers/talker.ts";
import { fails, onStage, startWaiter } from "./stage.ts";

Deno.test("K1 an actor handles one message at a time, also while a handler awaits", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const calls = Array.from({ length: 5 }, () => waiter.call("wait", { place: "inside" }));
    await gate.call("reached", { place: "inside", count: 1 });
    waiter.cast("pause", { place: "inside" });
    await gate.call("open", { place: "inside" });
    assert.deepEqual(await Promise.all(calls), [1, 1, 1, 1, 1]);
  });
});

Deno.test("K2 messages of one sender arrive in the order sent, whatever others send meanwhile", async () => {
  const file = await Deno.makeTempFile();
  try {
    await onStage(async ({ system }) => {
      const talkers = ["ann", "bob"];
      const tree = await system.start("root", {
        children: [
          child("recorder", recorder, { file }, { grant: { write: [file] } }),
          ...talkers.map((name) =>
            child(name, talker, (started) => ({ recorder: started.ref(Recorder, "recorder") }))
          ),
        ],
      });
      const main = tree.ref(Recorder, "recorder");
      const talk = talkers.map((from) =>
        tree.ref(Talker, from).call("talk", { from, count: 300, timeoutMs: 20_000 })
      );
      for (let n = 1; n <= 300; n++) {
        if (n % 2 > 0) main.cast("tell", { from: "main", n });
        else assert.equal(await main.call("ask", { from: "main", n, death: "none" }), n);
      }
      assert.deepEqual(await Promise.all(talk), [{ answered: 100 }, { answered: 100 }]);
    });
    const lines = (await Deno.readTextFile(file)).trim().split("\n").map((line) => line.split(" "));
    for (const sender of ["ann", "bob", "main"]) {
      const sent = lines.filter(([from]) => from === sender).map(([, n]) => Number(n));
      assert.deepEqual(sent, Array.from({ length: 300 }, (_, i) => i + 1), sender);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("K3 a call that waits behind another times out at its deadline and is never handled", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const first = waiter.call("wait", { place: "door" });
    const late = waiter.call("refuse", { code: "handled" }, { timeoutMs: 20 });
    const after = waiter.call("marks", {});
    assert.equal((await fails(late, "timeout")).retry, "later");
    await gate.call("open", { place: "door" });
    assert.equal(await first, 1);
    assert.deepEqual(await after, []);
  });
});

Deno.test("K3 a call times out while it is handled, and the handler's signal is aborted with it", async () => {
  await onStage(async (stage) => {
    const { waiter } = await startWaiter(stage);
    await fails(waiter.call("listen", { place: "never" }, { timeoutMs: 30 }), "timeout");
    assert.match((await waiter.call("marks", {})).join(), /^aborted: (timeout|cancelled)$/);
  });
});

Deno.test("K3 a message already past its deadline when its turn comes is refused, not handled", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    await gate.call("open", { place: "door" });
    await fails(waiter.call("listen", { place: "door" }, { timeoutMs: -1 }), "timeout");
    assert.deepEqual(await waiter.call("marks", {}), []);
  });
});

Deno.test("K3 the deadline travels: calls a handler makes end when its own caller gives up", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const left = await waiter.call("left", {}, { timeoutMs: 5_000 });
    assert.ok(left > 0 && left <= 5_000, `${left} ms left of 5 000`);
    const waits = fails(waiter.call("wait", { place: "never" }, { timeoutMs: 200 }), "timeout");
    await gate.call("reached", { place: "never", count: 1 });
    await waits;
    // The handler's own call to the gate ended with it, or it would still be in the message and never answer.
    assert.deepEqual(await waiter.call("marks", {}), []);
  });
});

Deno.test("a call without a limit waits for ever and has no deadline", async () => {
  await onStage(async (stage) => {
    const { waiter } = await startWaiter(stage);
    assert.equal(await waiter.call("left", {}, { timeoutMs: Infinity }), -1);
  });
});

Deno.test("a request that does not fit its schema fails with bad_request and says where", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: [child("a", counter, { from: 1 })] });
    const ref = tree.ref(Counter, "a");
    const fault = await fails(ref.call("crash", { how: "sing" } as never), "bad_request");
    assert.match(fault.message, /Cannot handle "crash": how: expected one of "throw"/);
    assert.equal(fault.retry, "never");
    ref.cast("add", { by: "two" } as never);
    ref.cast("add", { by: 1.5 } as never);
    assert.equal(await ref.call("total", {}), 1, "a refused cast changes nothing");
  });
});

Deno.test("an unknown message fails with bad_request, also one named like a method of Object", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: [child("a", counter, { from: 1 })] });
    const ref = tree.ref(Counter, "a") as unknown as ActorRef & {
      call(name: string, request: unknown): Promise<unknown>;
      cast(name: string, request: unknown): boolean;
    };
    for (const name of ["nothing", "toString", "constructor", "__proto__"]) {
      assert.match((await fails(ref.call(name, {}), "bad_request")).message, /has no such message/);
      ref.cast(name, {});
    }
    assert.equal(await ref.call("total", {}), 1);
  });
});

Deno.test("a thrown Fault is an answer and not a death", async () => {
  await onStage(async (stage) => {
    const { waiter } = await startWaiter(stage);
    waiter.cast("mark", { text: "kept" });
    const fault = await fails(waiter.call("refuse", { code: "no_milk" }), "no_milk");
    assert.equal(fault.message, "Cannot do it: told not to");
    assert.equal(fault.retry, "later");
    waiter.cast("refuseCast", { code: "no_milk" });
    assert.deepEqual(await waiter.call("marks", {}), ["kept"]);
    assert.ok(!stage.changes.includes("root/waiter died"));
  });
});

Deno.test("a caller that cancels is told at once, and so is the handler", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const controller = new AbortController();
    const call = waiter.call("listen", { place: "never" }, { signal: controller.signal });
    await gate.call("reached", { place: "never", count: 1 });
    controller.abort();
    await fails(call, "cancelled");
    assert.deepEqual(await waiter.call("marks", {}), ["aborted: cancelled"]);
  });
});

Deno.test("a call cancelled while it waits is never handled, and one cancelled before is not sent", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const first = waiter.call("wait", { place: "door" });
    const controller = new AbortController();
    const second = waiter.call("listen", { place: "second" }, { signal: controller.signal });
    await gate.call("reached", { place: "door", count: 1 });
    controller.abort();
    await fails(second, "cancelled");
    await fails(waiter.call("listen", { place: "third" }, { signal: controller.signal }), "cancelled");
    await gate.call("open", { place: "door" });
    await first;
    assert.deepEqual(await waiter.call("marks", {}), []);
  });
});

Deno.test("a stream gives its items, then its reply", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: [child("a", counter, { from: 0 })] });
    const stream = tree.ref(Counter, "a").stream("count", { to: 1_000 });
    const items = await Array.fromAsync(stream);
    assert.deepEqual(items, Array.from({ length: 1_000 }, (_, i) => i + 1));
    assert.equal(await stream.reply, 1_000);
  });
});

Deno.test("leaving a stream early cancels it and frees the actor", async () => {
  await onStage(async (stage) => {
    const { waiter } = await startWaiter(stage);
    const stream = waiter.stream("flood", {});
    for await (const item of stream) if (item === 3) break;
    await fails(stream.reply, "cancelled");
    assert.deepEqual(await waiter.call("marks", {}), ["flood ended"]);
  });
});

Deno.test("what a handler pushes is there at once, although it keeps its thread and nobody has room", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const deafUntil = `${folder}/now`;
  try {
    await onStage(async (stage) => {
      const { waiter } = await startWaiter(stage, { grant: { read: [deafUntil] } });
      const stream = waiter.stream("shout", { count: 200, deafUntil });
      const items: number[] = [];
      for await (const item of stream) {
        items.push(item);
        if (item === 200) await Deno.writeTextFile(deafUntil, "");
      }
      assert.deepEqual(items, Array.from({ length: 202 }, (_, i) => i + 1));
      assert.equal(await stream.reply, null);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a stream that is cancelled or times out ends its loop with that fault", async () => {
  await onStage(async (stage) => {
    const { waiter, gate } = await startWaiter(stage);
    const cancelled = waiter.stream("drip", { place: "never" });
    const read = async (stream: AsyncIterable<number>, seen: number[]) => {
      for await (const item of stream) seen.push(item);
    };
    const seen: number[] = [];
    const loop = read(cancelled, seen);
    await gate.call("reached", { place: "never", count: 1 });
    cancelled.cancel();
    await fails(loop, "cancelled");
    await fails(cancelled.reply, "cancelled");
    assert.deepEqual(seen, [1, 2], "what was here before is not lost");
    const late = waiter.stream("drip", { place: "nowhere" }, { timeoutMs: 30 });
    await fails(read(late, []), "timeout");
    await fails(late.reply, "timeout");
  });
});

Deno.test("a message that JSON cannot write fails for its sender alone", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: [child("a", counter, { from: 1 })] });
    const ref = tree.ref(Counter, "a");
    await fails(ref.call("total", { n: 1n } as never), "failed");
    assert.throws(() => ref.cast("add", { by: 1n } as never), TypeError);
    assert.equal(await ref.call("total", {}), 1);
  });
});
