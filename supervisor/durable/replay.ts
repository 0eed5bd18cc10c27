/**
 * Stepping a program against its journal, as pure decisions.
 *
 * A deterministic program begins the same effects in the same order each time it is played. So the n-th effect it
 * begins now is the n-th the journal knows, and one of three things holds: it is done and its receipt is the
 * result; it was begun and nobody knows how it ended; or it was never begun. Anything else means that the program
 * is not the one that wrote the journal.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { JournalEntry } from "../../protocols/messages/journal.ts";
import { canonicalJson } from "./journal.ts";

/** What the journal knows of an effect. */
export type Found =
  | { readonly state: "done"; readonly value: unknown }
  | { readonly state: "begun" }
  | { readonly state: "new" };

/** An effect as a program begins it. */
export type Begun = {
  readonly seq: number;
  readonly kind: string;
  readonly intent: unknown;
};

/**
 * What the entries of `run` know of an effect.
 * @throws {Fault} code `replay_diverged` when another effect is recorded under its number.
 */
export function find(run: string, entries: readonly JournalEntry[], effect: Begun): Found {
  const entry = entries[effect.seq];
  if (entry === undefined) return { state: "new" };
  const recorded = canonicalJson(entry.intent);
  const asked = canonicalJson(effect.intent);
  if (entry.kind !== effect.kind || recorded !== asked) {
    throw new Fault(
      "replay_diverged",
      `Cannot go on with run "${run}": its effect ${effect.seq} was ${entry.kind} ${
        difference(recorded, asked)
      }, ` +
        `now it is ${effect.kind} ${
          difference(asked, recorded)
        }; the program, its instructions or its tools changed`,
    );
  }
  return entry.receipt === undefined ? { state: "begun" } : { state: "done", value: entry.receipt.value };
}

/** A replay asked for an effect whose result is not in the journal. */
export function replayIncomplete(run: string, effect: Begun): Fault {
  return new Fault(
    "replay_incomplete",
    `Cannot replay run "${run}" to its end: effect ${effect.seq} (${effect.kind}) has no receipt; resume the run first`,
  );
}

/** A replay came to the end of the program, and the journal does not say that the run ended. */
export function replayUnended(run: string): Fault {
  return new Fault(
    "replay_incomplete",
    `Cannot replay run "${run}" to its end: its end is not in the journal; resume the run first`,
  );
}

/** The part of `text` around the first character in which it is not `other`. */
function difference(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const from = Math.max(0, at - 20);
  const part = text.slice(from, at + 60);
  return (from > 0 ? "..." : "") + part + (at + 60 < text.length ? "..." : "");
}
