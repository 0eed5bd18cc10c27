/**
 * What a session remembers for clients that come back.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { EventLog } from "../../../../protocols/mcp/server/event_log.ts";

const message = (method: string): JSONRPCMessage => ({ jsonrpc: "2.0", method });

/** The methods that are replayed after an event. */
async function after(log: EventLog, id: string): Promise<string[]> {
  const methods: string[] = [];
  await log.replayEventsAfter(id, {
    send: (_id, sent) => Promise.resolve(void methods.push((sent as { method: string }).method)),
  });
  return methods;
}

Deno.test("only what followed on the same stream is replayed, in order, and what opened it is not", async () => {
  const log = new EventLog();
  const opened = await log.storeEvent("a", {} as JSONRPCMessage);
  const first = await log.storeEvent("a", message("one"));
  await log.storeEvent("b", message("other"));
  await log.storeEvent("a", message("two"));
  const last = await log.storeEvent("a", message("three"));
  assert.deepEqual(await after(log, opened), ["one", "two", "three"]);
  assert.deepEqual(await after(log, first), ["two", "three"]);
  assert.deepEqual(await after(log, last), []);
  assert.equal(await log.getStreamIdForEventId(first), "a");
});

Deno.test("the oldest are forgotten beyond a number and a size, and a gap is never passed off as a replay", async () => {
  const few = new EventLog({ events: 2 });
  const ids = [];
  for (const method of ["one", "two", "three"]) ids.push(await few.storeEvent("a", message(method)));
  assert.equal(await few.getStreamIdForEventId(ids[0]!), undefined);
  await assert.rejects(after(few, ids[0]!), /forgotten/);
  assert.deepEqual(await after(few, ids[1]!), ["three"]);

  const small = new EventLog({ chars: 100 });
  const before = await small.storeEvent("a", message("x"));
  const big = await small.storeEvent("a", message("y".repeat(200)));
  assert.equal(await small.getStreamIdForEventId(before), undefined);
  assert.equal(await small.getStreamIdForEventId(big), "a", "the newest is kept in any case");
});
