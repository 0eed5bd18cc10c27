/**
 * The tool that runs Python.
 *
 * @module
 */
import type { Packages } from "../../protocols/messages/packages.ts";
import { type Infer, schema } from "../../protocols/messages/protocol.ts";
import {
  PythonError,
  type PythonFile,
  type PythonReply,
  type PythonRun,
} from "../../protocols/messages/python.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { type Artifact, ARTIFACT_BYTES, type ToolOutcome } from "../../protocols/messages/tool.ts";
import { FileReport, type WorkspaceFiles } from "../../protocols/messages/workspace_files.ts";
import { snapshotMakerGrant } from "../../sandbox/python/snapshot_maker.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { ToolContext } from "./invocation.ts";
import { type Ran, runIn } from "./python_call.ts";
import { type Sandbox, Sandboxes, type SandboxLimits } from "./python_sandboxes.ts";
import { defineTool } from "./tool.ts";

/** Milliseconds a run may take when the call does not say. */
export const DEFAULT_PYTHON_MS = 30_000;
/** Milliseconds a call may ask for. Whoever watches over the actor must not count it as hung before. */
export const MAX_PYTHON_MS = 300_000;
/** Milliseconds kept back of the caller's deadline so that the report of a stopped run still arrives. */
const REPORT_MS = 1_500;
/** Milliseconds after which whoever waits is told for what. */
const ANNOUNCED_MS = 1_000;
/** What may come back of a run. */
const FILES_OUT = { files: 200, bytes: 16 * 1024 * 1024 };
/** Characters of one input frame are bounded by the kernel; source beyond this is no program. */
const MAX_CODE = 1_000_000;

/** Bounds of all runs. */
export interface PythonLimits extends SandboxLimits {
  /** Milliseconds a run may take when the call does not say. */
  readonly timeoutMs: number;
  /** Milliseconds a call may ask for, at most {@linkcode MAX_PYTHON_MS}. */
  readonly maxTimeoutMs: number;
  /** Bytes kept of each of stdout and stderr; the rest is counted. */
  readonly outputBytes: number;
  /** Bytes kept of the value and of each text of an error. */
  readonly resultBytes: number;
  /** Frames that Python may nest. */
  readonly recursion: number;
}

/** What holds when nobody says. */
export const PYTHON_LIMITS: PythonLimits = {
  timeoutMs: DEFAULT_PYTHON_MS,
  maxTimeoutMs: MAX_PYTHON_MS,
  outputBytes: 65_536,
  resultBytes: 65_536,
  recursion: 1_000,
  memoryMb: 512,
  fileBytes: 128 * 1024 * 1024,
  sandboxes: 16,
  warm: 1,
};

/** How the tool is started. */
export interface ExecutePythonOptions {
  /** Folder for what sandboxes start from. */
  readonly cache: string;
  /** Default {@linkcode PYTHON_LIMITS}. */
  readonly limits?: Partial<PythonLimits>;
  /** Where the files of `/workspace` come from and go to. Default nowhere. */
  readonly files?: ActorRef<typeof WorkspaceFiles> | null;
  /** Who gets packages. Default nobody. */
  readonly packages?: ActorRef<typeof Packages> | null;
  /** What code may call as `await tools.name(...)`, with the rights of whoever called. Default nothing. */
  readonly tools?: PythonRun["tools"];
}

/** What {@linkcode executePython} needs, to make the snapshot in the cache; its sandboxes have no permission. */
export const executePythonGrant = (cache: string): Permissions => snapshotMakerGrant(cache);

interface State {
  readonly sandboxes: Sandboxes;
  readonly limits: PythonLimits;
  readonly options: ExecutePythonOptions;
  /** What each sandbox has: content hashes by path. */
  readonly known: WeakMap<Sandbox, Record<string, string>>;
}

/** What {@linkcode executePython} answers, as JSON text. */
export const PythonResult = schema((z) =>
  z.object({
    stdout: z.string(),
    stderr: z.string(),
    value: z.string().nullable().describe(
      "repr of the last expression; null when there was none or it was None",
    ),
    files: z.array(FileReport(z)).describe("What changed in the workspace"),
    files_omitted: z.number().optional().describe(
      "Written files that were too many or too large to come back",
    ),
    error: PythonError(z).optional().describe("Absent when the code ran to its end"),
  })
);
/** See the schema of the same name. */
export type PythonResult = Infer<typeof PythonResult>;

/**
 * `{ code, session?, timeout_ms?, reset? }`; answers with JSON: stdout, stderr, value, files, error. An exception of the code
 * is such an answer too, it is data for the model.
 *
 * Running code again that was cut off is harmless to the world: the calls it makes of other tools are the caller's,
 * who knows which were made.
 */
export const executePython = defineTool({
  module: import.meta.url,
  name: "execute_python",
  description:
    "Runs Python 3.14 with its standard library in a sandbox without network. Its folder /workspace is a copy of the " +
    "workspace; files written there are written back. Without a session each call has a fresh interpreter; calls of one " +
    "session share names and files. Granted tools can be called as `await tools.<name>(...)`. Returns JSON: " +
    '{ "stdout", "stderr", "value" (repr of the last expression or null), "files" (what changed), "error" (when it ' +
    "failed: kind, message, traceback) }.",
  parameters: (z) =>
    z.object({
      code: z.string().max(MAX_CODE).describe("Python source; may use await at the top level"),
      session: z.string().min(1).max(200).optional()
        .describe("Whose names and files to use; default a fresh interpreter for this call alone"),
      timeout_ms: z.int().min(100).max(MAX_PYTHON_MS).optional()
        .describe(`Milliseconds it may run; default ${DEFAULT_PYTHON_MS}`),
      reset: z.boolean().optional().describe("Begin the session anew"),
    }),
  settle: "repeatable",
  result: PythonResult,
  keeps: "session",
  concurrent: true,
  open: (options: ExecutePythonOptions, { children, log }): State => {
    const limits = { ...PYTHON_LIMITS, ...options.limits };
    const sandboxes = new Sandboxes(children, options.cache, limits);
    // Who first runs code is told what is wrong, if anything is.
    sandboxes.warm().catch((error) => log.warn(`Python is not ready: ${error.message}`));
    return { sandboxes, limits, options, known: new WeakMap() };
  },
  async invoke(state, { code, session, timeout_ms, reset = false }, context) {
    if (!state.sandboxes.isWarm) await announced(state.sandboxes.warm(), context);
    return await state.sandboxes.use(session, reset, async (sandbox) => {
      const files = await collect(state, sandbox);
      const ran = await runIn(
        sandbox,
        orderOf(state, code, timeout_ms, files, context),
        context,
        packagesOf(state),
      );
      const reports = await store(state, sandbox, ran.reply);
      return { result: outcomeOf(ran, reports, Boolean(state.options.files)), healthy: !ran.reply.broken };
    });
  },
});

/** Shown on stderr, before anything else, when Python has to be prepared. */
export const PREPARING = "[preparing Python, only this once]\n";

/** Says what it waits for when that takes long: the first time on a machine. */
async function announced(ready: Promise<void>, { clock, output }: ToolContext): Promise<void> {
  const over = new AbortController();
  const slow = clock.sleep(ANNOUNCED_MS, over.signal).then(
    () => output("stderr", PREPARING),
    () => {}, // it was quick
  );
  try {
    await Promise.race([ready, slow]);
    await ready;
  } finally {
    over.abort();
  }
}

function packagesOf({ options }: State) {
  return options.packages ?? null;
}

function orderOf(
  { limits, options }: State,
  code: string,
  asked: number | undefined,
  files: PythonFile[],
  { clock, deadline = Infinity }: ToolContext,
): PythonRun {
  const { timeoutMs, maxTimeoutMs, outputBytes, resultBytes, recursion } = limits;
  const left = Math.max(1, deadline - clock.now() - REPORT_MS);
  return {
    code,
    timeoutMs: Math.min(asked ?? timeoutMs, maxTimeoutMs, left),
    outputBytes,
    resultBytes,
    recursion,
    files,
    filesOut: FILES_OUT,
    tools: options.tools ?? [],
    packages: true,
  };
}

async function collect({ options, known }: State, sandbox: Sandbox): Promise<PythonFile[]> {
  if (!options.files) return [];
  const had = known.get(sandbox) ?? {};
  const { files } = await options.files.call("collect", { known: had });
  known.set(sandbox, { ...had, ...await hashes(files) });
  return files;
}

/** What was written goes back; what was there before and is gone is deleted. */
async function store(
  { options, known }: State,
  sandbox: Sandbox,
  { files, paths, broken }: PythonReply,
): Promise<FileReport[]> {
  if (!options.files || broken) {
    return files.map(({ path, base64 }) => ({ path, change: "created", bytes: sizeOf(base64) }));
  }
  const had = known.get(sandbox) ?? {};
  const there = new Set(paths);
  const deleted = Object.keys(had).filter((path) => !there.has(path));
  if (files.length === 0 && deleted.length === 0) return [];
  const kept = Object.entries(had).filter(([path]) => there.has(path));
  known.set(sandbox, { ...Object.fromEntries(kept), ...await hashes(files) });
  return await options.files.call("store", { files, deleted });
}

/** `kept` says that files were written back to a workspace. */
function outcomeOf({ printed, reply }: Ran, reports: FileReport[], kept: boolean): ToolOutcome {
  const { value, error, dropped, omitted } = reply;
  const content = JSON.stringify(
    {
      stdout: withNote(printed.stdout, dropped.stdout),
      stderr: withNote(printed.stderr, dropped.stderr),
      value,
      files: reports,
      ...(omitted > 0 ? { files_omitted: omitted } : {}),
      ...(error === undefined ? {} : { error }),
    } satisfies PythonResult,
  );
  const saved = new Set(reports.filter(({ change }) => change !== "refused").map(({ path }) => path));
  const artifacts = picturesIn(reply.files, kept ? saved : new Set());
  return { ok: true, content, ...(artifacts.length === 0 ? {} : { artifacts }) };
}

function withNote(text: string, dropped: number): string {
  return dropped > 0 ? `${text}\n[${dropped} bytes dropped]` : text;
}

function picturesIn(files: readonly PythonFile[], saved: ReadonlySet<string>): Artifact[] {
  let left = ARTIFACT_BYTES;
  return files.flatMap(({ path, base64 }) => {
    const mediaType = /\.png$/i.test(path) ? "image/png" : undefined;
    if (mediaType === undefined || sizeOf(base64) > left) return [];
    left -= sizeOf(base64);
    return [{ name: path, mediaType, base64, ...(saved.has(path) ? { path } : {}) }];
  });
}

function sizeOf(base64: string): number {
  return Math.floor(base64.length / 4) * 3 - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
}

async function hashes(files: readonly PythonFile[]): Promise<Record<string, string>> {
  const entries = files.map(async ({ path, base64 }) => {
    const digest = await crypto.subtle.digest("SHA-256", Uint8Array.fromBase64(base64));
    return [path, new Uint8Array(digest).toHex()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

if (import.meta.main) serve(executePython);
