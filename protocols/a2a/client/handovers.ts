/**
 * Runs of one actor, each with one at work on it: whoever asks for a run again, because its asker died and came back, takes
 * it over where it stands.
 *
 * @module
 */

interface AtWork {
  readonly taken: PromiseWithResolvers<void>;
  readonly ended: PromiseWithResolvers<void>;
}

/** See the module's words. */
export class Handovers {
  readonly #runs = new Map<string, AtWork>();

  /** Does it once whoever is at that run has ended; `taken` resolves when somebody else asks for the same run. */
  async take<T>(run: string, act: (taken: Promise<void>) => Promise<T>): Promise<T> {
    const before = this.#runs.get(run);
    const mine = { taken: Promise.withResolvers<void>(), ended: Promise.withResolvers<void>() };
    this.#runs.set(run, mine);
    try {
      before?.taken.resolve();
      await before?.ended.promise;
      return await act(mine.taken.promise);
    } finally {
      if (this.#runs.get(run) === mine) this.#runs.delete(run);
      mine.ended.resolve();
    }
  }
}
