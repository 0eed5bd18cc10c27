/**
 * Playing a program from a list: nothing is performed.
 *
 * @module
 */
import type { Effect, Program, Results } from "./effects.ts";

/** The result of one effect, with the kind it must have: `{ think: thought }`. */
export type Played = { [K in keyof Results]: { readonly [Kind in K]: Results[K] } }[keyof Results];

/** What a program did with a list of results. */
export type Playback<T> = {
  readonly value: T;
  /** What it asked for, in order. */
  readonly effects: readonly Effect[];
};

/**
 * Plays a program to its end.
 * @throws {Error} when it asks for more than the list has, for another kind, or ends before the list does.
 */
export function playProgram<T>(program: Program<T>, results: readonly Played[]): Playback<T> {
  const effects: Effect[] = [];
  let step = program.next();
  while (!step.done) {
    const effect = step.value;
    const result = results[effects.length];
    effects.push(effect);
    if (result === undefined) {
      throw new Error(`Cannot play effect ${effects.length}: it is one too many (${effect.kind})`);
    }
    if (!(effect.kind in result)) {
      const there = Object.keys(result).join();
      throw new Error(
        `Cannot play effect ${effects.length}: the program wants ${effect.kind}, the list has ${there}`,
      );
    }
    step = program.next((result as Results)[effect.kind]);
  }
  if (effects.length < results.length) {
    throw new Error(`Cannot end the program: ${results.length - effects.length} results are left over`);
  }
  return { value: step.value, effects };
}
