/**
 * What programs that run other programs would run.
 *
 * @module
 */
import { type Field, literal, rest, unknown } from "./field.ts";
import { interpret } from "./interpreters.ts";
import { type OptionList, parseOptions } from "./options.ts";
import { type Call, madeUp } from "./script.ts";

/** What {@linkcode unfold} finds in a call. */
export interface Unfolded {
  /** Why it has to be asked for even when what it runs is allowed; undefined for one that adds nothing of its own. */
  readonly ask?: string;
  /** Why it is denied: what it runs cannot be known. */
  readonly deny?: string;
  /** What it runs. */
  readonly calls?: readonly Call[];
  /** Shell scripts it runs. */
  readonly scripts?: readonly string[];
  /** What it may run; denied calls among them deny it, others say nothing. */
  readonly guesses?: readonly Call[];
  /** Shell scripts it may run. */
  readonly hints?: readonly string[];
}

/** A program that runs the one named in its operands. */
interface Wrapper extends OptionList {
  /** Operands before the program. */
  readonly skip?: number;
  /** Why it has to be asked for. */
  readonly ask?: string;
}

const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  ["env", { short: "i0u:v", long: "ignore-environment unset= null debug" }],
  ["timeout", { short: "k:s:v", long: "kill-after= signal= preserve-status foreground verbose", skip: 1 }],
  ["nice", { short: "n:0123456789", long: "adjustment=" }],
  ["ionice", { short: "c:n:t" }],
  ["stdbuf", { short: "i:o:e:", long: "input= output= error=" }],
  ["time", { short: "pv" }],
  ["command", { short: "p" }],
  ["builtin", {}],
  ["exec", {}],
  ["nohup", { ask: "nohup lets a program outlive its command" }],
  ["setsid", { short: "cfw", ask: "setsid lets a program outlive its command" }],
  ["busybox", { ask: "busybox has programs of its own" }],
  ["toybox", { ask: "toybox has programs of its own" }],
]);
/** Programs that run others after options this code does not know. */
const LOOSE = new Set(
  ("sudo doas pkexec su runuser chroot unshare nsenter setpriv firejail bwrap strace ltrace gdb valgrind flock script " +
    "unbuffer taskset chrt numactl prlimit systemd-run xvfb-run watch entr ssh parallel caffeinate catchsegv ts proxychains " +
    "torsocks faketime fakeroot daemonize start-stop-daemon cpulimit rlwrap setarch linux64 linux32 i386 torify")
    .split(" "),
);
const XARGS: OptionList = {
  short: "0rtxoI:n:P:L:s:d:E:a:",
  long: "null no-run-if-empty verbose max-args= max-procs= max-lines= replace= delimiter= arg-file= exit",
};
/** Options whose values are shell commands, or that run the program they name. */
const COMMAND_OPTIONS: Record<string, RegExp> = {
  tar:
    /^(?:--to-command=?|--checkpoint-action=(?:exec=)?|-I|-F|--use-compress-program=?|--rsh-command=?|--info-script=?)/,
  sort: /^--compress-pro[a-z]*=?/,
  rg: /^(?:--pre|--hostname-bin)=?/,
  rsync: /^(?:-e|--rsh=?|--rsync-path=?)/,
  split: /^--filter=?/,
  zip: /^(?:-TT|--unzip-command=?)/,
  man: /^(?:-P|--pager=?)/,
};
/** Settings of git that name commands. */
const GIT_COMMANDS =
  /^(?:alias\.|core\.(?:pager|editor|sshcommand|fsmonitor|hookspath|gitproxy|askpass)|diff\.|difftool\.|mergetool\.|filter\.|pager\.|credential\.|gpg\.|sequence\.editor|uploadpack\.|merge\.|include)/i;

/** What `call` runs, if its program is one that runs others or is given code. */
export function unfold(call: Call): Unfolded | undefined {
  const name = call.program.text.slice(call.program.text.lastIndexOf("/") + 1);
  const { args } = call;
  const wrapper = WRAPPERS.get(name);
  if (wrapper !== undefined) return wrapped(name, wrapper, call);
  if (LOOSE.has(name)) {
    const text = args.map((arg) => arg.text).join(" ");
    return { ask: `${name} runs other programs`, guesses: endings(args), hints: hintsIn(args, text) };
  }
  switch (name) {
    case "xargs":
      return xargs(args);
    case "find":
      return find(args);
    case "eval":
      return script(args, "eval runs what its arguments make");
    case "trap":
      return args.length < 2 ? undefined : script(args.slice(0, 1), "trap runs its argument later");
    case "alias":
    case "enable":
      return args.length === 0 ? undefined : { deny: `${name} changes what words mean` };
    case "dd":
    case "cp":
    case "ln":
    case "install":
    case "rsync":
      return { guesses: written(name, args), ask: `${name} writes files` };
    case "hash":
      return args.some(({ text }) => /^-\w*p/.test(text))
        ? { deny: "hash changes what words mean" }
        : undefined;
    case "git":
      return git(args);
    default:
      return withCommandOptions(name, args) ?? interpret(name, call);
  }
}

function wrapped(name: string, wrapper: Wrapper, { args, ...call }: Call): Unfolded | undefined {
  if (name === "command" && /^-[vV]/.test(args[0]?.text ?? "")) return undefined;
  const { operands, strange } = parseOptions(args, wrapper, true);
  if (strange !== undefined) {
    const text = args.find((arg) => /^(?:-\w*S|--split-string=?)/.test(arg.text));
    const split = text === undefined ? [] : [
      text.text.replace(/^(?:-\w*?S|--split-string=?)/, ""),
      args.slice(args.indexOf(text) + 1).map((arg) => arg.text).join(" "),
    ];
    return { ask: `${name} ${strange.text} is not understood`, guesses: endings(args), hints: split };
  }
  const inner = operands.slice(wrapper.skip ?? 0);
  const assigned: Call[] = [];
  while (name === "env" && /^[^=]+=/.test(inner[0]?.text ?? "")) {
    assigned.push(madeUp("=", inner.shift()!));
  }
  const [program, ...more] = inner;
  if (program === undefined) {
    return name === "exec" ? { calls: [] } : { ask: `${name} is told of no program`, calls: assigned };
  }
  return {
    ...wrapper.ask === undefined ? {} : { ask: wrapper.ask },
    calls: [...assigned, { ...call, program, args: more }],
  };
}

/** Every argument that may be the name of a program, with those after it. */
function endings(args: readonly Field[]): Call[] {
  return args.slice(0, 32).flatMap((program, at) =>
    /^-/.test(program.text) || program.unknownAt !== undefined ? [] : [{ program, args: args.slice(at + 1) }]
  );
}

/** The arguments as a script, and each that has blanks as one. */
function hintsIn(args: readonly Field[], text: string): string[] {
  return [text.replaceAll(":::", " "), ...args.flatMap((arg) => /\s/.test(arg.text) ? [arg.text] : [])];
}

function xargs(args: readonly Field[]): Unfolded {
  const { operands, strange } = parseOptions(args, XARGS, true);
  const ask = "xargs takes arguments from what it reads";
  if (strange !== undefined) return { ask, guesses: endings(args) };
  const [program, ...more] = operands;
  const call = { program: program ?? literal("echo"), args: [...more, unknown("", "...")] };
  return { ask, calls: [call] };
}

function find(args: readonly Field[]): Unfolded | undefined {
  const calls: Call[] = [];
  const start = args.find(({ text }) => !/^-[HLP]$/.test(text));
  const from = start === undefined || /^[-(!]/.test(start.text) ? "." : start.text;
  for (let at = 0; at < args.length; at++) {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(args[at]!.text)) continue;
    const end = args.findIndex((arg, index) => index > at && /^[;+]$/.test(arg.text));
    const [program, ...more] = args.slice(at + 1, end < 0 ? undefined : end);
    if (program === undefined || program.text.includes("{}")) return { deny: "find runs the files it finds" };
    calls.push({ program, args: more.map((field) => foundFile(field, from)) });
  }
  return calls.length === 0 ? undefined : { ask: "find runs a program for files it finds", calls };
}

/** `{}` is something below the folder `find` starts from. */
function foundFile(field: Field, from: string): Field {
  const at = field.text.indexOf("{}");
  return at < 0
    ? field
    : unknown(`${field.text.slice(0, at)}${from.replace(/\/$/, "")}/`, field.text.slice(at));
}

function script(args: readonly Field[], ask: string): Unfolded {
  const deny = args.some(({ unknownAt, glob }) => unknownAt !== undefined || glob);
  if (deny) return { deny: `${ask}, which cannot be known` };
  return { ask, scripts: [args.map(({ text }) => text).join(" ")] };
}

/** Writing to where a program that copies copies to. */
function written(name: string, args: readonly Field[]): Call[] {
  const [named, last] = name === "dd"
    ? [/^of=/, undefined]
    : [/^(?:-t|--target-directory=)(?=.)/, args.findLast(({ unknownAt }) => unknownAt !== 0)];
  const targets = args.flatMap((field, at) => {
    const start = named.exec(field.text)?.[0].length;
    if (start !== undefined) return [rest(field, start)];
    return /^(?:-t|--target-directory)$/.test(args[at - 1]?.text ?? "") ? [field] : [];
  });
  return [...targets, ...last === undefined ? [] : [last]].map((target) => madeUp(">", target));
}

function git(args: readonly Field[]): Unfolded | undefined {
  const scripts: string[] = [];
  let strange = false;
  for (const [at, { text }] of args.entries()) {
    const setting = text === "-c" ? args[at + 1]?.text : /^-c(.+=.*)$/.exec(text)?.[1];
    if (setting !== undefined && GIT_COMMANDS.test(setting)) {
      strange = true;
      scripts.push(setting.replace(/^[^=]*=!?/, ""));
    }
    if (
      /^(?:--exec-path=|--config-env|--upload-pack|--receive-pack|--open-files|--ext-diff|--textconv)/.test(
        text,
      )
    ) {
      strange = true;
    }
    const runs = text === "-x" || text === "--exec" ? args[at + 1]?.text : /^--exec=(.*)/.exec(text)?.[1];
    if (runs !== undefined) scripts.push(runs);
  }
  if (/^(?:bisect|submodule)$/.test(args[0]?.text ?? "")) {
    return { ask: "git runs another program", guesses: endings(args), hints: args.map(({ text }) => text) };
  }
  if (scripts.length === 0 && !strange) return undefined;
  return { ask: "git runs another program", hints: scripts };
}

function withCommandOptions(name: string, args: readonly Field[]): Unfolded | undefined {
  const pattern = COMMAND_OPTIONS[name];
  const hints = args.flatMap((field, at) => {
    const start = pattern?.exec(field.text)?.[0];
    if (start === undefined) return [];
    return [start.length < field.text.length ? rest(field, start.length).text : args[at + 1]?.text ?? ""];
  });
  return hints.length === 0 ? undefined : { ask: `${name} runs another program`, hints };
}
