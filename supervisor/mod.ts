/**
 * The actor kernel: actors in workers, typed references between them, supervision.
 *
 * What it promises (each has a test that bears its number):
 *
 * - **K1** An actor handles one message at a time.
 * - **K2** Messages of one sender arrive in the order they were sent; between senders there is no order.
 * - **K3** A message is delivered at most once. A call is answered, fails, or times out; it never hangs past
 *   its deadline, and the deadline travels with it.
 * - **K4** A mailbox is bounded. A full one pushes back on the sender and says so.
 * - **K5** Death is noticed however it comes: a thrown error, an unhandled rejection, a silent exit, a busy
 *   loop, the end of a child process.
 * - **K6** Children start in order and stop in reverse. A stop is asked for, then after its limit forced.
 * - **K7** OneForOne restarts the failed child; OneForAll stops all in reverse and starts all in order;
 *   RestForOne does so for the failed child and those started after it.
 * - **K8** More restarts than the intensity allows fail the supervisor upward. A shutdown is heard between
 *   attempts.
 * - **K9** References survive restarts: messages sent while an actor is down wait for its next life or fail by
 *   their deadline. What a life had begun when it died fails with `died`; nothing is done twice.
 * - **K10** A worker's grant is never wider than its parent's.
 * - **K11** One actor's exhaustion of mailbox, CPU or heap leaves its neighbours answering. Where CPU or heap
 *   can be exhausted by code we did not write, the actor is declared `isolation: "process"`.
 * - **K12** Only the main thread makes workers, and never more than two without a turn of its event loop.
 *
 * @module
 */
export * from "./actor/define.ts";
export { ALL, attenuate, type Grant, type Permissions } from "./actor/grant.ts";
export { serve } from "./actor/serve.ts";
export {
  type JournaledRun,
  type JournalMessages,
  journalOver,
  type JournalPort,
  type OwnedJournal,
} from "./durable/journal.ts";
export type { LibsqlJournalOptions } from "./durable/libsql_journal.ts";
export { memoryJournal } from "./durable/memory_journal.ts";
export { store } from "./durable/store.ts";
export { runChild } from "./process/child.ts";
export { PROCESS_COMMAND } from "./process/launch.ts";
export { type ActorChange, System, type SystemOptions } from "./system.ts";
export { bus, type BusOptions, CAPACITY } from "./topology/bus.ts";
export * from "./topology/wiring.ts";
export * from "./tree/spec.ts";
export { decide, type Decision, isRestarted } from "./tree/decide.ts";
export { delayBefore, RestartWindow } from "./tree/intensity.ts";
export type { ChildStats, ChildStatus, SupervisorStats } from "./tree/stats.ts";
export { type Branch, type Supervised } from "./tree/roster.ts";
export { type Change, INTENSITY, Supervisor } from "./tree/supervisor.ts";
export type { Exit } from "./worker/incarnation.ts";
