/**
 * What a Python sandbox answers. Its answers come from a worker that runs foreign code: whoever calls checks them.
 *
 * @module
 */
import { type Infer, protocol, schema } from "./protocol.ts";
import { Channel, ToolOutcome } from "./tool.ts";

/** A file on its way into a sandbox or out of it. */
export const PythonFile = schema((z) =>
  z.object({
    /** Below the session's `/workspace`, with "/". */
    path: z.string(),
    base64: z.string(),
  })
);
/** See the schema of the same name. */
export type PythonFile = Infer<typeof PythonFile>;

/** What to run, and within which bounds. */
export const PythonRun = schema((z) =>
  z.object({
    code: z.string(),
    /** Milliseconds until it is interrupted. */
    timeoutMs: z.number().positive(),
    /** Bytes told of each of stdout and stderr. */
    outputBytes: z.int().min(0),
    /** Bytes of the value and of each text of an error. */
    resultBytes: z.int().min(0),
    /** Frames that Python may nest. */
    recursion: z.int().min(50),
    /** Written before the code runs. */
    files: z.array(PythonFile(z)),
    /** How many written files may come back, and their bytes together. */
    filesOut: z.object({ files: z.int().min(0), bytes: z.int().min(0) }),
    /** What the code may call as `await tools.name(...)`. `parameters` is JSON Schema. */
    tools: z.array(z.object({ name: z.string(), description: z.string(), parameters: z.unknown() })),
    /** Whether packages that are missing may be asked for. */
    packages: z.boolean(),
  })
);
/** See the schema of the same name. */
export type PythonRun = Infer<typeof PythonRun>;

/** What a run tells while it runs. */
export const PythonItem = schema((z) =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("output"), channel: Channel(z), text: z.string() }),
    /** To be answered by `answer`. `arguments` is JSON text. */
    z.object({ type: z.literal("call"), id: z.string(), name: z.string(), arguments: z.string() }),
    /** To be answered by `supply`: modules that are imported and not there. */
    z.object({ type: z.literal("packages"), id: z.string(), names: z.array(z.string()) }),
  ])
);
/** See the schema of the same name. */
export type PythonItem = Infer<typeof PythonItem>;

/**
 * How a run went wrong: `exception` one nobody caught; `timeout` it was stopped; `memory` it needed more than there is;
 * `stopped` the interpreter ended; `denied` it tried what it may not.
 */
export const PythonError = schema((z) =>
  z.object({
    kind: z.enum(["exception", "timeout", "memory", "stopped", "denied"]),
    /** "ZeroDivisionError: division by zero". */
    message: z.string(),
    /** As Python prints it, with the frames of user code only, the last 20 of them. */
    traceback: z.string(),
  })
);
/** See the schema of the same name. */
export type PythonError = Infer<typeof PythonError>;

/** What came of a run. */
export const PythonReply = schema((z) =>
  z.object({
    /** `repr` of the last expression; null when there was none or it was None. */
    value: z.string().nullable(),
    /** Absent when the code ran to its end. */
    error: PythonError(z).optional(),
    /** Bytes printed that were not told. */
    dropped: z.object({ stdout: z.number(), stderr: z.number() }),
    /** What was written. */
    files: z.array(PythonFile(z)),
    /** All files there are. */
    paths: z.array(z.string()),
    /** Written files that were too many or too large to come back. */
    omitted: z.number(),
    /** Nothing runs there any more. */
    broken: z.boolean(),
  })
);
/** See the schema of the same name. */
export type PythonReply = Infer<typeof PythonReply>;

/** The protocol of a Python sandbox. */
export const PythonSandbox = protocol("python-sandbox", (z) => ({
  /** Stream. One at a time; code `busy` otherwise. */
  run: { request: PythonRun(z), item: PythonItem(z), reply: PythonReply(z) },
  /** Cast. What a tool answered. */
  answer: { request: z.object({ id: z.string(), outcome: ToolOutcome(z) }) },
  /** Cast. Wheels and the native code in them, each as base64, and why other modules are not there. */
  supply: {
    request: z.object({
      id: z.string(),
      wheels: z.array(z.string()),
      native: z.array(z.string()),
      refused: z.record(z.string(), z.string()),
    }),
  },
  /** Call. What came of the latest run, once it ended: for who cancelled it. Code `no_run` when there was none. */
  latest: { request: z.object({}), reply: PythonReply(z) },
  /** Call. A new interpreter in place of this one, with nothing of it left. */
  renew: { request: z.object({}), reply: z.null() },
}));
