/**
 * The programs that only read, with the options that keep it so. What is not listed is not allowed without being asked.
 *
 * Left out on purpose: options that write (`sort -o`, `tree -o`), run programs (`rg --pre`, `sort
 * --compress-program`), read names of files from a file (`wc --files0-from`), follow links (`grep -R`,
 * `find -L`) or never end (`tail -f`).
 *
 * @module
 */
import type { OptionList } from "./options.ts";

/**
 * What the operands of a program are: `files`, each in the workspace; a `pattern` unless an option gave one, then
 * files; `text` of no consequence; or `none` may be given.
 */
export type Operands = "files" | "pattern" | "text" | "none";

/** A program that only reads. */
export interface Reader extends OptionList {
  readonly operands: Operands;
  /** At most so many operands. */
  readonly most?: number;
  /** Letters and names of options whose values are files. */
  readonly fileOptions?: readonly string[];
  /** Options that say what would else be the pattern. */
  readonly patternOptions?: readonly string[];
  /** No option does more than read, so a file whose name looks like an option does no harm. */
  readonly harmless?: boolean;
  /** What text operands must look like. */
  readonly like?: RegExp;
}

const DIGITS = "0123456789";
const CONTEXT = "A:B:C:m:e:";
const DIGEST = { short: "bt", long: "tag binary text" };
const NUMBER = { like: /^\d+$/ };
const GREP: Reader = {
  operands: "pattern",
  short: `EFGPivywxclLnHhoqsabzZrUTf:${CONTEXT}${DIGITS}`,
  long:
    "extended-regexp fixed-strings basic-regexp perl-regexp ignore-case invert-match word-regexp line-regexp " +
    "count files-with-matches files-without-match line-number with-filename no-filename only-matching quiet silent " +
    "no-messages text null recursive color? colour? include= exclude= exclude-dir= max-count= after-context= " +
    "before-context= context= regexp= initial-tab byte-offset",
  fileOptions: ["f"],
  patternOptions: ["e", "f", "regexp"],
  harmless: true,
};
const RG: Reader = {
  operands: "pattern",
  short: `iSsvwxclnNHIhoqUaFPug:t:T:f:j:M:d:r:.0p${CONTEXT}`,
  long: "ignore-case smart-case case-sensitive invert-match word-regexp line-regexp count count-matches " +
    "files-with-matches files-without-match line-number no-line-number with-filename no-filename only-matching " +
    "quiet multiline text fixed-strings pcre2 hidden no-ignore glob= iglob= type= type-not= context= " +
    "after-context= before-context= max-count= max-depth= json heading no-heading regexp= color= sort= sortr= " +
    "stats column vimgrep trim max-columns= replace= pretty null threads= no-config no-messages type-list files",
  fileOptions: ["f"],
  patternOptions: ["e", "f", "regexp", "type-list", "files"],
};

const FILES: Record<string, Omit<Reader, "operands">> = {
  ls: {
    short: "1aAbBcCdfFgGhHiklLmnNopqQrRsStuUvxXZI:w:T:",
    long:
      "all almost-all author escape ignore-backups classify? color? directory full-time group-directories-first " +
      "human-readable si inode ignore= numeric-uid-gid literal reverse recursive size sort= time= time-style= " +
      "no-group quote-name width= format= file-type zero indicator-style=",
    harmless: true,
  },
  cat: {
    short: "AbeEnstTuv",
    long: "show-all number-nonblank show-ends number squeeze-blank show-tabs show-nonprinting",
    harmless: true,
  },
  head: { short: `n:c:qvz${DIGITS}`, long: "lines= bytes= quiet silent verbose", harmless: true },
  tail: { short: `n:c:qvz${DIGITS}`, long: "lines= bytes= quiet silent verbose" },
  wc: { short: "clmLw", long: "bytes chars lines words max-line-length" },
  stat: { short: "Ltfc:", long: "dereference file-system terse format= printf=", harmless: true },
  file: { short: "bhikLNnr0", long: "brief mime mime-type mime-encoding no-dereference keep-going" },
  sort: {
    short: "bdfgiMhnRrVcCk:t:uzsm",
    long:
      "ignore-leading-blanks dictionary-order ignore-case general-numeric-sort month-sort human-numeric-sort " +
      "numeric-sort reverse version-sort check? key= field-separator= unique stable merge zero-terminated",
  },
  uniq: {
    short: "cdDiuzf:s:w:",
    long: "count repeated ignore-case unique skip-fields= skip-chars= check-chars=",
    most: 1,
  },
  cut: {
    short: "b:c:d:f:nsz",
    long: "bytes= characters= delimiter= fields= complement only-delimited output-delimiter=",
    harmless: true,
  },
  comm: { short: "123z", long: "check-order nocheck-order" },
  cmp: { short: "bln:i:s", long: "print-bytes verbose bytes= silent quiet", most: 2 },
  diff: {
    short: `abBdiqrsuwyEZNptcTeU:C:W:x:${DIGITS}`,
    long:
      "brief report-identical-files unified? context? side-by-side width= ignore-case ignore-space-change " +
      "ignore-all-space ignore-blank-lines recursive no-dereference color? new-file text minimal exclude= normal",
    most: 2,
  },
  du: {
    short: "abchkmsxSd:t:0",
    long:
      "all apparent-size bytes total human-readable si summarize max-depth= threshold= one-file-system exclude=",
  },
  tree: {
    short: "adfipsughDFrtcUnCJXvNqQL:P:I:",
    long: "dirsfirst noreport prune filelimit= charset= du si gitignore",
  },
  nl: { short: "b:d:f:h:i:l:n:ps:v:w:" },
  od: { short: "A:j:N:t:vw:abcdfilosx" },
  xxd: { short: "abeiupEc:g:l:s:o:", most: 1 },
  tac: { short: "brs:", long: "before regex separator=" },
  rev: {},
  fold: { short: "bsw:", long: "bytes spaces width=" },
  expand: { short: "it:" },
  md5sum: DIGEST,
  sha1sum: DIGEST,
  sha256sum: DIGEST,
  sha512sum: DIGEST,
  cksum: {},
  realpath: { short: "emqsz", long: "canonicalize-existing canonicalize-missing quiet no-symlinks" },
  readlink: { short: "femnqsvz", long: "canonicalize" },
  cd: { short: "LP", most: 1 },
};

const TEXT: Record<string, Omit<Reader, "operands">> = {
  printf: {},
  tr: { short: "cCdst", long: "complement delete squeeze-repeats truncate-set1" },
  basename: { short: "as:z" },
  dirname: { short: "z" },
  seq: { short: "ws:f:" },
  date: { short: "uRd:I", long: "utc date= iso-8601? rfc-3339=", like: /^\+/ },
  sleep: { like: /^\d+(?:\.\d+)?[sm]?$/ },
  which: { short: "a" },
  type: { short: "afptP" },
  set: { short: "euxCEfTo:", like: /^$/ },
  read: { short: "r", like: /^[a-z_][a-z0-9_]*$/ },
  exit: NUMBER,
  return: NUMBER,
  break: NUMBER,
  continue: NUMBER,
  shift: NUMBER,
};

const NOTHING: Record<string, Omit<Reader, "operands">> = {
  pwd: { short: "LP" },
  whoami: {},
  id: { short: "ugGnr" },
  uname: { short: "asnrvmpio" },
  nproc: { long: "all" },
  wait: {},
};

/** The readers by name. `find`, `git`, `sed`, `echo` and the tests are looked at on their own. */
export const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...readers(FILES, "files"),
  ...readers(TEXT, "text"),
  ...readers(NOTHING, "none"),
  ["grep", GREP],
  ["egrep", GREP],
  ["fgrep", GREP],
  ["rg", RG],
]);

function readers(programs: Record<string, Omit<Reader, "operands">>, operands: Operands): [string, Reader][] {
  return Object.entries(programs).map(([name, reader]) => [name, { ...reader, operands }]);
}
