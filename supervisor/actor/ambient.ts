/**
 * The deadline of the message being handled: an actor handles one at a time, so there is one.
 *
 * @module
 */

let deadline = Infinity;

/** When the message being handled must be answered, in milliseconds since 1970; Infinity when nobody waits. */
export function currentDeadline(): number {
  return deadline;
}

/** Says which deadline holds from now on. */
export function setCurrentDeadline(at: number): void {
  deadline = at;
}
