/**
 * Colour, where it is wanted.
 *
 * @module
 */
import type { Sink, Surroundings } from "./surroundings.ts";

/** What a piece of text is, as far as its looks go. */
export type Tone = "good" | "bad" | "warning" | "quiet";

/** SGR parameters: green, red, yellow, faint. */
const SGR: Readonly<Record<Tone, number>> = { good: 32, bad: 31, warning: 33, quiet: 2 };

/** Gives text a tone, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

/** A painter that paints when `colour` is true. */
export function painter(colour: boolean): Paint {
  return (tone, text) => colour && text !== "" ? `\x1b[${SGR[tone]}m${text}\x1b[0m` : text;
}

/** Whether a sink can be steered: a terminal that understands more than plain lines. */
export function steerable(sink: Sink, env: Surroundings["env"]): boolean {
  return sink.terminal && env("TERM") !== "dumb";
}

/** Colour is for terminals whose owner did not say no. @see https://no-color.org */
export function wantsColour(sink: Sink, env: Surroundings["env"], allowed: boolean): boolean {
  return allowed && steerable(sink, env) && (env("NO_COLOR") ?? "") === "";
}
