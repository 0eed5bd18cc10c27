/**
 * Recognises a command that needs no shell: one program and literal arguments.
 *
 * @module
 */

/** Characters that mean themselves wherever they stand. `=` does so after the first only. */
const WORD = /^(?:[A-Za-z0-9_./:,@%+^-][A-Za-z0-9_./:,@%+=^-]*|'[^']*'|"[^"$`\\!]*")+$/;
const PIECE = /'([^']*)'|"([^"]*)"|[^'"]+/g;
const WORDS = /(?:'[^']*'|"[^"]*"|[^\s'"])+/g;

/**
 * The words of such a command; undefined when a shell might read it in any other way. Narrow on purpose: what it does not
 * know is left to the shell.
 */
export function plainWords(command: string): string[] | undefined {
  const line = command.trim();
  if (line.includes("\n") || line.includes("\0")) return undefined;
  const words = line.match(WORDS) ?? [];
  const rest = line.replace(WORDS, "");
  const [program] = words;
  if (program === undefined || rest.trim() !== "" || !/^[A-Za-z0-9_./+-]+$/.test(program)) return undefined;
  return words.every((word) => WORD.test(word)) ? words.map(unquoted) : undefined;
}

function unquoted(word: string): string {
  return word.replace(PIECE, (piece, single, double) => single ?? double ?? piece);
}
