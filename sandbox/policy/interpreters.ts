/**
 * What interpreters are given to run.
 *
 * @module
 */
import type { Field } from "./field.ts";
import type { Call } from "./script.ts";
import type { Unfolded } from "./unfold.ts";

/** Shells whose language is bash's, or a part of it. */
const SHELLS = /^(?:ba|da|a|rba)?sh$/;
/** Shells with languages of their own. */
const OTHER_SHELLS = /^(?:[ckz]sh|tcsh|mksh|fish|pwsh|powershell|nu|xonsh|elvish)$/;
/** Programs that run code in files, arguments or their input. */
const INTERPRETERS =
  /^(?:python[\d.]*|pypy[\d.]*|node|nodejs|deno|bun|perl[\d.]*|ruby[\d.]*|php[\d.]*|lua[\d.]*|luajit|Rscript|R|tclsh|expect|osascript|guile|ghci|julia|scala|irb|groovy|sqlite3|psql|mysql|ed|ex|dc|m4)$/;
/** Programs that run what files of the project say. */
const BUILDERS =
  /^(?:make|gmake|cmake|ninja|meson|npm|npx|pnpm|pnpx|yarn|bunx|cargo|go|rustup|mvn|gradle|gradlew|ant|bazel|just|task|rake|bundle|gem|pip[\d.]*|pipx|uv|uvx|poetry|tox|nox|pytest|jest|vitest|tsx|ts-node|docker|podman|kubectl|helm|vagrant|ansible[\w-]*|terraform|pre-commit|vi|vim|nvim|emacs|nano|less|more|screen|tmux|at|batch|crontab|gcc|cc|g\+\+|clang|ld|java|dotnet|swift)$/;
const AWK = /^(?:[gmn]?awk|busybox-awk)$/;
/** Where bash and smaller shells read the same text differently. */
const DIFFERS = /\$['"]|&>|[<>]\(|\[\[|\(\(|<<<|\{[^}]*(?:,|\.\.)|\|&|\bfunction\b/;
/** Code that hands text to a shell. */
const SHELL_CALLS =
  /(?:system|popen\d?|exec\w*|spawn\w*|run|call|check_output|check_call|getoutput|qx|shell_exec|passthru)\s*\(?\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/gi;

/** What `name` is given to run, if it is an interpreter. */
export function interpret(name: string, call: Call): Unfolded | undefined {
  if (call.args.length === 1 && call.args[0]!.text === "--version") {
    return { ask: `${name} is an interpreter` };
  }
  if (SHELLS.test(name)) return shell(name, call);
  if (OTHER_SHELLS.test(name)) return { deny: `the language of ${name} is not understood` };
  if (name === "." || name === "source") return sourced(call);
  if (INTERPRETERS.test(name)) return code(name, call);
  if (AWK.test(name) || name === "sed") return edits(name, call.args);
  return BUILDERS.test(name) ? { ask: `${name} runs other programs or code` } : undefined;
}

function shell(name: string, { args, input }: Call): Unfolded {
  let given = false, at = 0;
  for (; at < args.length && /^[-+]./.test(args[at]!.text); at++) {
    const { text } = args[at]!;
    if (text === "--") {
      at++;
      break;
    }
    if (/^--(?:rcfile|init-file)$/.test(text)) at++;
    else if (!text.startsWith("--")) {
      if (text.startsWith("-") && text.includes("c")) given = true;
      at += text.match(/[oO]/g)?.length ?? 0;
    }
  }
  const first = args[at];
  if (first === undefined || /^(?:-|\/dev\/(?:stdin|fd\/\d+))$/.test(first.text) || first.stream) {
    return input === undefined || given
      ? { deny: `${name} runs what it reads, which cannot be known` }
      : shellText(name, input);
  }
  if (first.unknownAt !== undefined || first.glob) return { deny: `what ${name} runs cannot be known` };
  return given ? shellText(name, first.text) : { ask: `${name} runs the script ${first.text}` };
}

function shellText(name: string, text: string): Unfolded {
  if (name !== "bash" && DIFFERS.test(text)) {
    return { deny: `${name} may read its script differently`, scripts: [text] };
  }
  return { ask: `${name} runs a script`, scripts: [text] };
}

function sourced({ args: [file] }: Call): Unfolded {
  const unreadable = file === undefined || file.stream || file.unknownAt !== undefined || file.glob ||
    file.text.startsWith("/dev/");
  return unreadable ? { deny: "what it runs cannot be known" } : { ask: `it runs the script ${file.text}` };
}

function code(name: string, { args, input }: Call): Unfolded {
  const operands = args.filter(({ text }) => !/^-./.test(text));
  const inline = args.some(({ text }) =>
    /^(?:-[A-Za-z]*[ceEpmrnl]|--(?:eval|print|version|help)\b)/.test(text)
  );
  const first = operands[0];
  const reads = first === undefined
    ? !inline
    : /^(?:-|\/dev\/(?:stdin|fd\/\d+))$/.test(first.text) || first.stream;
  if (input === undefined && (reads || args.some(({ text }) => text === "-"))) {
    return { deny: `${name} runs what it reads, which cannot be known` };
  }
  return { ask: `${name} runs code`, hints: shellCalls([input ?? "", ...args.map(({ text }) => text)]) };
}

/** `awk` with `system()`, `sed` with `e`: what stands there literally. */
function edits(name: string, args: readonly Field[]): Unfolded | undefined {
  const texts = args.map(({ text }) => text);
  if (name !== "sed") return { ask: `${name} runs code`, hints: shellCalls(texts) };
  const runs = texts.flatMap((text) => /(?:^|[;{}\d$\/])\s*e\s+(.+)$/.exec(text)?.[1] ?? []);
  return runs.length === 0 ? undefined : { ask: "sed runs another program", hints: runs };
}

function shellCalls(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(SHELL_CALLS)].map(([, double, single]) =>
      (double ?? single ?? "").replace(/\\(.)/g, "$1")
    )
  );
}
