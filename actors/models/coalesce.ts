/**
 * Many small pieces of text become few: the first leaves at once, the next ones wait for each other.
 *
 * @module
 */
import type { Clock } from "../../supervisor/actor/define.ts";

/** A sender of text at a bounded rate. */
export interface TextFlow {
  /** Takes a piece; never waits and never throws. */
  push(text: string): void;
  /**
   * Ends the flow once what was sent arrived; the rest is sent first, or dropped.
   * @throws What sending threw.
   */
  end(rest: "send" | "drop"): Promise<void>;
}

/** Sends at most once in `everyMs` milliseconds what was pushed meanwhile, one send at a time. */
export function coalesce(
  send: (text: string) => Promise<void>,
  everyMs: number,
  clock: Pick<Clock, "sleep">,
): TextFlow {
  const ending = new AbortController();
  let held = "";
  let pump: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (held !== "" && !ending.signal.aborted) {
      const text = held;
      held = "";
      await send(text);
      await pause();
    }
    pump = undefined;
  }

  async function pause(): Promise<void> {
    try {
      await clock.sleep(everyMs, ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) throw error;
    }
  }

  return {
    push(text) {
      held += text;
      if (pump !== undefined || held === "") return;
      pump = run();
      pump.catch(() => {}); // end() reports it
    },
    async end(rest) {
      ending.abort();
      await pump;
      if (rest === "send" && held !== "") await send(held);
    },
  };
}
