/**
 * Asking a person before something is done.
 *
 * Who needs an answer calls `ask`. Who can answer listens to `questions` and calls `answer`. While nobody listens, every
 * question is refused at once, with that as the reason: nothing waits for a person who is not there.
 *
 * Whoever may ask holds the same reference as whoever may answer. What tells them apart is a key that only the latter
 * were given: without it nobody hears of a question, and so of no id to answer.
 *
 * @module
 */
import { type Infer, protocol, schema } from "./protocol.ts";

/** What a person is asked. */
export const Question = schema((z) =>
  z.object({
    /** The tool or the remote agent that wants to act or to know. */
    tool: z.string(),
    /** What it wants to do, one line: a command, a path. */
    action: z.string(),
    /** Why it is not simply allowed; for a form, what is wanted. */
    reason: z.string(),
    /**
     * What is to be filled in, where more than a yes is wanted: a JSON Schema of an object whose properties are texts,
     * numbers, booleans, or choices among texts. To refuse is not to fill it in.
     */
    form: z.record(z.string(), z.unknown()).optional(),
  })
);
/** See the schema of the same name. */
export type Question = Infer<typeof Question>;

/** What a person said. */
export const Verdict = schema((z) =>
  z.object({
    allowed: z.boolean(),
    /** Who or what said so, and why when it was not allowed. */
    reason: z.string(),
    /** What was filled in, where there was a form; fits its schema. */
    content: z.record(z.string(), z.unknown()).optional(),
  })
);
/** See the schema of the same name. */
export type Verdict = Infer<typeof Verdict>;

/** The protocol of whoever passes questions on to a person. */
export const Approval = protocol("approval", (z) => ({
  /** Call. Waits for the person; times out by the caller's deadline. */
  ask: { request: Question(z), reply: Verdict(z) },
  /** Stream. Every question from now on, until cancelled; its reader is the person. Faults: `denied` for a wrong key. */
  questions: {
    request: z.object({ key: z.string() }),
    /** A question of null: whoever asked under that id waits no longer. */
    item: z.object({ id: z.string(), question: Question(z).nullable() }),
    reply: z.null(),
  },
  /** Call. Replies whether the question was still open. */
  answer: { request: z.object({ id: z.string(), verdict: Verdict(z) }), reply: z.boolean() },
}));
