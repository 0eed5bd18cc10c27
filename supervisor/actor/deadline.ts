/**
 * The deadlines of this thread: that of the message being handled, and what is to happen when one passes.
 *
 * All share one wait, for the earliest. In a worker it is for memory nobody writes to: `setTimeout` would load Deno's
 * emulation of Node's timers there (7 ms). On the main thread it is a timer, which keeps the process alive as
 * long as something waits.
 *
 * @module
 */
import { inWorker } from "./bootstrap.ts";
import { Date, ringAfter } from "./natives.ts";

let current = Infinity;

/** When the message being handled must be answered, in milliseconds since 1970; Infinity when nobody waits. */
export function currentDeadline(): number {
  return current;
}

/** Says which deadline holds from now on: an actor handles one message at a time, so there is one. */
export function setCurrentDeadline(at: number): void {
  current = at;
}

/** Something that is to happen. Made by {@linkcode setAlarm}. */
export interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

const alarms = new Set<Alarm>();
/** Times a worker waits for; what was set cannot be cleared. */
const waits = new Set<number>();
let timer: ReturnType<typeof setTimeout> | undefined;
let earliest = Infinity;

/** Calls `ring` once it is `at` (milliseconds since 1970), unless cleared before. */
export function setAlarm(at: number, ring: () => void): Alarm {
  const alarm = { at, ring };
  alarms.add(alarm);
  if (at < earliest) waitUntil(at);
  return alarm;
}

/** Makes sure that it does not ring; returns undefined to forget it by. */
export function clearAlarm(alarm: Alarm | undefined): undefined {
  if (alarm === undefined || !alarms.delete(alarm) || alarms.size > 0 || timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  earliest = Infinity;
}

function waitUntil(at: number): void {
  earliest = at;
  const ms = Math.max(1, Math.min(at - Date.now(), 2 ** 31 - 1));
  if (!inWorker) {
    clearTimeout(timer);
    timer = setTimeout(ringAll, ms);
  } else if (!waits.has(at)) {
    waits.add(at);
    ringAfter(ms, () => (waits.delete(at), ringAll()));
  }
}

function ringAll(): void {
  earliest = Infinity;
  const now = Date.now();
  for (const alarm of alarms) {
    if (alarm.at > now) continue;
    alarms.delete(alarm);
    alarm.ring();
  }
  const next = Math.min(...[...alarms].map(({ at }) => at));
  if (next < earliest) waitUntil(next);
}
