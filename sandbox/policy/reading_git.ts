/**
 * The commands of git that only read, with the options that keep it so.
 *
 * @module
 */
import type { Field } from "./field.ts";
import { type OptionList, parseOptions } from "./options.ts";

const DIFF =
  "stat? numstat shortstat summary name-only name-status patch no-patch raw unified= color? no-color " +
  "word-diff? minimal patience histogram ignore-all-space ignore-space-change no-ext-diff no-textconv no-renames " +
  "find-renames? diff-filter= relative";
const LOG =
  `${DIFF} oneline graph all decorate? no-decorate since= until= after= before= author= committer= grep= ` +
  "max-count= skip= follow format= pretty? date= reverse merges no-merges first-parent abbrev-commit abbrev? " +
  "branches tags remotes topo-order date-order left-right cherry-pick";
const LETTERS = "pusawbBMCDRz";

const COMMANDS: ReadonlyMap<string, OptionList & { readonly operands: boolean }> = new Map([
  ["status", {
    operands: true,
    short: "sbuvz",
    long: "short branch porcelain? long untracked-files? ignored? show-stash",
  }],
  ["diff", {
    operands: true,
    short: `${LETTERS}U:S:G:`,
    long: `${DIFF} cached staged exit-code quiet merge-base`,
  }],
  ["log", { operands: true, short: `${LETTERS}n:U:S:G:L:ig0123456789`, long: LOG }],
  ["show", { operands: true, short: `${LETTERS}n:U:S:G:`, long: LOG }],
  ["blame", { operands: true, short: "L:wMCsel", long: "date= porcelain show-email" }],
  ["ls-files", {
    operands: true,
    short: "cdmosuz",
    long: "cached deleted modified others stage exclude-standard",
  }],
  ["rev-parse", {
    operands: true,
    long: "abbrev-ref short? show-toplevel is-inside-work-tree git-dir verify show-prefix",
  }],
  ["describe", { operands: true, long: "tags always long dirty? all abbrev?" }],
  ["shortlog", { operands: true, short: "sne", long: "summary numbered email" }],
  ["branch", { operands: false, short: "avr", long: "all remotes verbose list show-current" }],
  ["remote", { operands: false, short: "v", long: "verbose" }],
]);

/** Why a call of git may do more than read; operands are checked by `file`. */
export function gitTrouble(
  args: readonly Field[],
  file: (field: Field) => string | undefined,
): string | undefined {
  const [command, ...rest] = args[0]?.text === "--no-pager" || args[0]?.text === "-P" ? args.slice(1) : args;
  const known = command?.certain ? COMMANDS.get(command.text) : undefined;
  if (known === undefined) return `git ${command?.text ?? ""} is not known to only read`;
  const { options, operands, strange } = parseOptions(rest, known);
  if (strange !== undefined) return `${strange.text} is no option of git ${command!.text} known to only read`;
  if (!known.operands && operands.length > 0) return `git ${command!.text} may change something`;
  for (const { value } of options) {
    if (value === undefined) continue;
    if (!value.certain) return `it cannot be known what ${value.text} is`;
    if (/%G/.test(value.text)) return "%G runs the program that checks signatures";
  }
  for (const operand of operands) {
    const trouble = file(operand);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}
