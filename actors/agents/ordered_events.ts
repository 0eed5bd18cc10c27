/**
 * Events of things that happen at the same time, told one after the other: a watcher sees them in the order in which
 * the journal will repeat them.
 *
 * @module
 */
import type { RunEvent } from "../../protocols/messages/run.ts";

/** Takes an event; resolves when there is room for more. */
export type Emit = (event: RunEvent) => Promise<void>;

/** The events of one of several things. */
export interface Lane {
  /** Passes the event on if all earlier lanes are closed, else keeps it until they are. */
  readonly emit: Emit;
  /** Says that nothing more comes. A lane that is never closed withholds all later ones. */
  close(): Promise<void>;
}

/** `count` lanes into one stream of events. Once `emit` failed, everything after it fails the same way. */
export function lanes(count: number, emit: Emit): Lane[] {
  return Array.from({ length: count }, laneOpener(emit));
}

/** The same when it is not known how many there will be: each call opens one behind all others. */
export function laneOpener(emit: Emit): () => Lane {
  const all: { readonly kept: RunEvent[]; closed: boolean }[] = [];
  let open = 0;
  let draining = Promise.resolve();
  const drainOpen = async () => {
    for (let lane = all[open]; lane !== undefined; lane = all[++open]) {
      for (let event = lane.kept.shift(); event !== undefined; event = lane.kept.shift()) await emit(event);
      if (!lane.closed) return;
    }
  };
  const drain = () => draining = draining.then(drainOpen);
  return () => {
    const lane = { kept: [] as RunEvent[], closed: false };
    all.push(lane);
    return {
      emit(event) {
        lane.kept.push(event);
        return drain();
      },
      close() {
        lane.closed = true;
        return drain();
      },
    };
  };
}
