/**
 * What the store answers: runs, and for each the intents and receipts of its effects.
 *
 * @module
 */
import { type Infer, protocol, schema } from "./protocol.ts";
import { Limits, RunOutcome, RunStatus } from "./run.ts";

/** A run as it was asked for, and how it stands. */
export const RunRecord = schema((z) =>
  z.object({
    run: z.string(),
    /** The run that spawned it. */
    parent: z.string().optional(),
    /** Path of the agent, "lead/researcher". */
    agent: z.string(),
    task: z.string(),
    /** What is needed to start it again: program, model, tools; opaque to the store. */
    setup: z.record(z.string(), z.unknown()),
    limits: Limits(z),
    /** Milliseconds since 1970. */
    startedAt: z.number(),
    endedAt: z.number().optional(),
    status: RunStatus(z),
    outcome: RunOutcome(z).optional(),
  })
);
/** See the schema of the same name. */
export type RunRecord = Infer<typeof RunRecord>;

/** One effect of a run. `receipt` is absent from the moment it is begun until its result is safe. */
export const JournalEntry = schema((z) =>
  z.object({
    /** 0, 1, 2, ... without gaps. */
    seq: z.int().min(0),
    kind: z.string(),
    intent: z.unknown(),
    /** `{ value }` so that a receipt of nothing differs from none. */
    receipt: z.object({ value: z.unknown() }).optional(),
  })
);
/** See the schema of the same name. */
export type JournalEntry = Infer<typeof JournalEntry>;

/** The protocol of every store. All writes are durable when answered, and harmless when repeated. */
export const Journal = protocol("journal", (z) => ({
  /** Records a run; does nothing when it is known. */
  open: { request: RunRecord(z), reply: z.null() },
  intent: {
    request: z.object({ run: z.string(), seq: z.int().min(0), kind: z.string(), intent: z.unknown() }),
    reply: z.null(),
  },
  receipt: {
    request: z.object({ run: z.string(), seq: z.int().min(0), value: z.unknown() }),
    reply: z.null(),
  },
  /** Effects that are over, in one write: those from `seq` on. For who did not have to record them before. */
  record: {
    request: z.object({
      run: z.string(),
      seq: z.int().min(0),
      effects: z.array(z.object({ kind: z.string(), intent: z.unknown(), value: z.unknown() })),
    }),
    reply: z.null(),
  },
  /** The run and its entries in order; null when unknown. */
  read: {
    request: z.object({ run: z.string() }),
    reply: z.object({ record: RunRecord(z), entries: z.array(JournalEntry(z)) }).nullable(),
  },
  /** Ends a run. A run ended as `interrupted`, `limited`, `failed` or `blocked` may be opened again by `reopen`. */
  end: {
    request: z.object({ run: z.string(), outcome: RunOutcome(z), endedAt: z.number() }),
    reply: z.null(),
  },
  reopen: { request: z.object({ run: z.string(), limits: Limits(z) }), reply: z.null() },
  /** Newest first; runs of sub-agents only when `parent` names theirs. */
  list: {
    request: z.object({ limit: z.int().min(1).max(1000), parent: z.string().optional() }),
    reply: z.array(RunRecord(z)),
  },
}));
