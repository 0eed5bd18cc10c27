/**
 * Notices when the other side says nothing for too long.
 *
 * @module
 */
import type { Clock } from "../../supervisor/actor/define.ts";

/** A running watch; disposing it ends it. */
export interface SilenceWatch extends Disposable {
  /** Whether anything was heard at all. */
  readonly heardAnything: boolean;
  /** Tells that something came: the limit counts from here again. */
  heard(): void;
}

/** Calls `onSilence` once when nothing was heard for `limitMs` milliseconds. */
export function watchSilence(limitMs: number, clock: Clock, onSilence: () => void): SilenceWatch {
  const ended = new AbortController();
  let since = clock.now();
  let heardAnything = false;

  // One timer at a time, however much is heard: it is set again for the rest only when it fires.
  async function watch(): Promise<void> {
    for (let left = limitMs; left > 0; left = since + limitMs - clock.now()) {
      try {
        await clock.sleep(left, ended.signal);
      } catch (error) {
        if (ended.signal.aborted) return;
        throw error;
      }
    }
    onSilence();
  }
  void watch();

  return {
    get heardAnything() {
      return heardAnything;
    },
    heard() {
      since = clock.now();
      heardAnything = true;
    },
    [Symbol.dispose]: () => ended.abort(),
  };
}
