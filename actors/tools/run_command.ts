/**
 * The tool that runs a shell command.
 *
 * First the exec policy judges the command: denied, asked of a person, or allowed. Then an actor is started for this one
 * command whose grant names one program, and a process of it runs the command:
 *
 * - one program with literal arguments is started as it is, without a shell, so the platform itself refuses that
 *   actor any other program;
 * - everything else is for bash, whose grammar the policy judged it by (`((` is arithmetic to bash and two subshells to
 *   sh: another shell would run what was never judged). What bash starts then is held by the policy alone.
 *
 * This tool's own grant must cover what its children may be granted and so has every program; it starts only bash,
 * for the watch over each command's processes. A command runs as the user who runs Troupe: what that user can read and
 * kill, an allowed program can.
 *
 * @module
 */
import type { Approval } from "../../protocols/messages/approval.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import { type Infer, schema } from "../../protocols/messages/protocol.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import { contain } from "../../sandbox/files/contain.ts";
import { judge, type Judgement } from "../../sandbox/policy/judge.ts";
import type { PolicyRule } from "../../sandbox/policy/rules.ts";
import { plainWords } from "../../sandbox/process/plain_words.ts";
import {
  PROCESS_LIMITS,
  type ProcessLimits,
  type ProcessResult,
  type Runnable,
  runProcess,
} from "../../sandbox/process/run_process.ts";
import {
  cleanEnvironment,
  findProgram,
  isProgram,
  searchFolders,
  SYSTEM_PATH,
} from "../../sandbox/process/search_path.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { commandRunner, commandRunnerGrant, startThrough } from "./command_runner.ts";
import type { ToolContext } from "./invocation.ts";
import { defineTool } from "./tool.ts";

/** What {@linkcode runCommand} is started with. */
export interface RunCommandOptions {
  /** Absolute path of the folder commands run in. */
  readonly workspace: string;
  /** Rules of one's own, beside those that hold by default. */
  readonly rules: readonly PolicyRule[];
  /** Who asks a person; null when nobody can be asked. */
  readonly approver: ActorRef<typeof Approval> | null;
  /** Where programs are looked for, as in PATH. Default {@linkcode SYSTEM_PATH}. */
  readonly path?: string;
  /** Default {@linkcode PROCESS_LIMITS}; a call may ask for another time. */
  readonly limits?: Partial<ProcessLimits>;
}

/** Milliseconds a call may ask for. */
export const MAX_COMMAND_MS = 600_000;
/** Milliseconds a person may take to answer. */
export const ANSWER_MS = 600_000;
/** Milliseconds kept back of the caller's deadline: to end the processes and to report. */
const REPORT_MS = 2_000;
/** Milliseconds the runner may take beyond its command's limit until its output has ended. */
const RUNNER_MS = 20_000;

/** What {@linkcode runCommand} needs: to see the workspace and which programs there are, and to hand each of them on. */
export const runCommandGrant = (workspace: string, path: string = SYSTEM_PATH): Permissions => ({
  read: [workspace, ...searchFolders(path, workspace)],
  run: true,
});

/** What {@linkcode runCommand} answers, as JSON text. */
export const CommandResult = schema((z) =>
  z.object({
    exit_code: z.int().nullable().describe("Null when a signal ended it"),
    signal: z.string().optional(),
    stdout: z.string(),
    stderr: z.string(),
    timed_out: z.boolean().optional(),
    stopped: z.string().optional().describe("Why it was ended, where that was not its time"),
    truncated: z.object({ stdout: z.int(), stderr: z.int() }).optional()
      .describe("Bytes left out of each output"),
    still_running: z.int().optional().describe("Processes of it that could not be ended"),
  })
);
/** See the schema of the same name. */
export type CommandResult = Infer<typeof CommandResult>;

/**
 * `{ command, cwd?, timeout_ms? }`; answers with JSON: exit_code, stdout, stderr; signal, when that ended it; timed_out;
 * stopped, when there were too many processes; truncated, the bytes left out of each output. A command that fails is
 * such an answer too.
 *
 * Whoever starts it tells the system of {@linkcode commandRunner}.
 */
export const runCommand = defineTool({
  module: import.meta.url,
  name: "run_command",
  description:
    "Runs a bash command in the workspace, with nothing to read on its standard input. Everything it " +
    "starts ends with it. A policy may deny it or ask a person first. " +
    'Returns JSON: { "exit_code", "stdout", "stderr", "timed_out"?, "truncated"? }.',
  parameters: (z) =>
    z.object({
      command: z.string().min(1).max(100_000).describe("The command"),
      cwd: z.string().optional().describe(
        "Folder to start in, relative to the workspace; default: the workspace",
      ),
      timeout_ms: z.int().min(100).max(MAX_COMMAND_MS).optional()
        .describe(`Milliseconds it may run; default ${PROCESS_LIMITS.timeoutMs}`),
    }),
  settle: "ask",
  needs: ["ShellExec", "FileRead", "FileWrite"],
  result: CommandResult,
  open: (options: RunCommandOptions) => options,
  async invoke(options, { command, cwd = ".", timeout_ms }, context) {
    const folder = folderAt(options.workspace, cwd);
    const judgement = judge(command, {
      rules: options.rules,
      workspace: options.workspace,
      cwd: folder,
      home: options.workspace,
    });
    const refused = await refusal(options, judgement, command, cwd, context);
    if (refused !== null) return denied(refused);
    const result = await run(options, { command, folder, judgement, timeoutMs: timeout_ms }, context);
    if (result.stopped === "cancelled") context.signal.throwIfAborted();
    return reportOf(result);
  },
});

function folderAt(workspace: string, cwd: string): string {
  const folder = contain(workspace, cwd);
  try {
    if (Deno.statSync(folder).isDirectory) return folder;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Fault("not_found", `Cannot run in ${cwd}: it does not exist`);
  }
  throw new Fault("bad_path", `Cannot run in ${cwd}: it is not a folder`);
}

/** Why the command may not run; null when it may. */
async function refusal(
  { workspace, approver }: RunCommandOptions,
  judgement: Judgement,
  command: string,
  cwd: string,
  context: ToolContext,
): Promise<string | null> {
  const leading = judgement.verdict === "allow" ? leadingOut(workspace, judgement) : null;
  const { verdict, rule, reason } = leading ?? judgement;
  const decide = (allowed: boolean, grant: string, why: string) => {
    context.decided({ tool: "run_command", allowed, denied: [], grant, reason: why });
    return allowed ? null : why;
  };
  if (verdict !== "ask") return decide(verdict === "allow", `policy: ${rule}`, reason);
  if (approver === null) {
    return decide(false, `policy: ${rule}`, `${reason}; a person has to allow it and nobody can answer here`);
  }
  const action = cwd === "." ? command : `(in ${cwd}) ${command}`;
  const question = { tool: "run_command", action, reason };
  const said = await approver.call("ask", question, { signal: context.signal, timeoutMs: ANSWER_MS })
    .catch((error) => {
      if (!(error instanceof Fault) || error.code !== "timeout") throw error;
      return { allowed: false, reason: "nobody answered in time" };
    });
  return decide(said.allowed, "a person", said.allowed ? said.reason : `${reason}; ${said.reason}`);
}

/** The policy reads no files: what it took for a file of the workspace may be a link to another place. */
function leadingOut(
  workspace: string,
  { files }: Judgement,
): Pick<Judgement, "verdict" | "rule" | "reason"> | null {
  for (const file of files) {
    try {
      contain(workspace, file);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { verdict: "ask", rule: "links", reason: error.message };
    }
  }
  return null;
}

interface Order {
  readonly command: string;
  readonly folder: string;
  readonly judgement: Judgement;
  readonly timeoutMs: number | undefined;
}

async function run(
  { workspace, path = SYSTEM_PATH, limits = {} }: RunCommandOptions,
  { command, folder, judgement, timeoutMs }: Order,
  { children, newId, signal, deadline = Infinity, clock, output }: ToolContext,
): Promise<ProcessResult> {
  const folders = searchFolders(path, workspace);
  const bash = findProgram("bash", folders);
  if (Deno.build.os !== "linux" || bash === undefined) {
    throw new Fault("unsupported", "Cannot run commands: they need Linux and bash");
  }
  const runnable = runnableOf(command, judgement, folder, folders);
  const wanted = timeoutMs ?? limits.timeoutMs ?? PROCESS_LIMITS.timeoutMs;
  const timeLeft = Math.max(1, Math.min(wanted, deadline - clock.now() - REPORT_MS));
  const grant = commandRunnerGrant("program" in runnable ? runnable.program : bash);
  const name = `command-${newId()}`;
  const runner = await children.start(name, commandRunner, {}, { grant, restart: "never" });
  try {
    return await runProcess({
      run: runnable,
      bash,
      cwd: folder,
      env: cleanEnvironment(workspace, folders),
      limits: { ...limits, timeoutMs: timeLeft },
      signal,
      onOutput: output,
      start: startThrough(runner, timeLeft + RUNNER_MS),
    });
  } finally {
    runner.close();
    await children.stop(name);
  }
}

/** The program alone, where it is all there is and the policy judged exactly these words; else bash. */
function runnableOf(
  command: string,
  { parts }: Judgement,
  folder: string,
  folders: readonly string[],
): Runnable {
  const [name, ...args] = plainWords(command) ?? [];
  const [part, ...others] = parts;
  const judged = part !== undefined && others.length === 0 && part.program === name &&
    JSON.stringify(part.args) === JSON.stringify(args);
  if (name === undefined || !judged) return { script: command };
  const program = name.includes("/") ? programAt(name, folder, folders) : findProgram(name, folders);
  return program === undefined ? { script: command } : { program, args };
}

/** A program given by its path: one of the system's, or one below the folder. */
function programAt(name: string, folder: string, folders: readonly string[]): string | undefined {
  if (name.split("/").includes("..")) return undefined;
  const path = name.startsWith("/") ? name : `${folder}/${name.replace(/^(\.\/+)+/, "")}`;
  const known = path.startsWith(`${folder}/`) || folders.includes(path.slice(0, path.lastIndexOf("/")));
  return known && isProgram(path) ? path : undefined;
}

function denied(reason: string): ToolOutcome {
  return { ok: false, kind: "denied", message: `TOOL_DENIED: ${reason}` };
}

function reportOf({ exitCode, signal, stdout, stderr, stopped, dropped, left }: ProcessResult): string {
  const lost = dropped.stdout + dropped.stderr > 0;
  return JSON.stringify(
    {
      exit_code: exitCode,
      ...signal === null ? {} : { signal },
      stdout,
      stderr,
      ...stopped === "timeout" ? { timed_out: true } : {},
      ...stopped === "processes" ? { stopped: "it started too many processes" } : {},
      ...stopped === "unwatched" ? { stopped: "it killed what watches over it" } : {},
      ...lost ? { truncated: dropped } : {},
      ...left > 0 ? { still_running: left } : {},
    } satisfies CommandResult,
  );
}

if (import.meta.main) serve(runCommand);
