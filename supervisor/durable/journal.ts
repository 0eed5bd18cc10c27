/**
 * The journal as the code that uses it sees it: the calls of the Journal protocol as plain async functions.
 * An {@linkcode ActorRef} to the store, the file itself and the in-memory twin all have this one shape, and
 * `tests/contracts/journal_contract.ts` holds them to the same rules:
 *
 * - an intent comes before its receipt, and seq n comes after seq n-1;
 * - writing the same thing again is harmless, writing another thing over it is `journal_conflict`;
 * - a run that ended takes no new intents until it is reopened, and one that was answered is never reopened.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Journal } from "../../protocols/messages/journal.ts";
import type { CallNames, MessagesOf, ReplyOf, RequestOf } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { RunStatus } from "../../protocols/messages/run.ts";
import type { Clock } from "../actor/define.ts";
import { patiently } from "./patience.ts";

/** What a store answers, by name. */
export type JournalMessages = MessagesOf<typeof Journal>;

/** The calls of the Journal protocol; see there what each does. */
export type JournalPort = {
  readonly [K in CallNames<JournalMessages>]: (
    request: RequestOf<JournalMessages[K]>,
  ) => Promise<ReplyOf<JournalMessages[K]>>;
};

/** A journal together with what it holds open. */
export type OwnedJournal = JournalPort & { close(): void };

/** A run and its entries, as `read` answers. */
export type JournaledRun = NonNullable<Awaited<ReturnType<JournalPort["read"]>>>;

/** The store actor behind `ref` as a journal. */
export function journalOver(ref: ActorRef<typeof Journal>): JournalPort {
  return {
    open: (request) => ref.call("open", request),
    intent: (request) => ref.call("intent", request),
    receipt: (request) => ref.call("receipt", request),
    record: (request) => ref.call("record", request),
    read: (request) => ref.call("read", request),
    end: (request) => ref.call("end", request),
    reopen: (request) => ref.call("reopen", request),
    list: (request) => ref.call("list", request),
  };
}

/** The same journal, asked again while its actor is being restarted: every call of it is harmless when repeated. */
export function patient(journal: JournalPort, clock: Clock): JournalPort {
  return {
    open: patiently(journal.open, clock),
    record: patiently(journal.record, clock),
    intent: patiently(journal.intent, clock),
    receipt: patiently(journal.receipt, clock),
    read: patiently(journal.read, clock),
    end: patiently(journal.end, clock),
    reopen: patiently(journal.reopen, clock),
    list: patiently(journal.list, clock),
  };
}

const FINAL: ReadonlySet<RunStatus> = new Set<RunStatus>(["answered", "denied"]);

/** Whether a run with this status is over for good. */
export function isFinal(status: RunStatus): boolean {
  return FINAL.has(status);
}

/** JSON with sorted keys, so that equal contents have equal texts. What JSON cannot say counts as null. */
export function canonicalJson(value: unknown): string {
  const sorted = (_key: string, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sorted) ?? "null";
}

/** A write that contradicts what is recorded. */
export function journalConflict(act: string, run: string, now: string): Fault {
  return new Fault("journal_conflict", `Cannot ${act} of run "${run}": ${now}`);
}

/** A write to a run nobody opened. */
export function unknownRun(run: string): Fault {
  return new Fault("unknown_run", `Cannot write to run "${run}": it was never opened`);
}

/**
 * Passes when a run with this status may be reopened.
 * @throws {Fault} code `run_ended` when it was answered or denied.
 */
export function assertReopenable(run: string, status: RunStatus): void {
  if (isFinal(status)) {
    throw new Fault("run_ended", `Cannot reopen run "${run}": it is ${status} and stays so`);
  }
}
