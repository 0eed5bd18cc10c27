/**
 * Where a statement of Python ends that is typed line by line.
 *
 * The rule is that of Python's own prompt: what stands in an open bracket, string or continued line goes on, and a
 * statement with a block ends with an empty line. It decides nothing about what the text means: text that is wrong
 * ends, so that Python can say what is wrong with it.
 *
 * @module
 */

/** Strings (their closing quotes as a group, absent while they are open), comments, and single characters. */
const TOKEN = new RegExp(
  [
    String.raw`(?<triple>"""|''')(?:\\[^]|(?!\k<triple>)[^\\])*(?<end>\k<triple>)?`,
    String.raw`(?<quote>["'])(?:\\[^]|(?!\k<quote>)[^\\\n])*\k<quote>?`,
    String.raw`(?<comment>#[^\n]*)`,
    String.raw`(?<space>[ \t\r\f]+|\\\n)`,
    String.raw`(?<word>[\p{L}\p{N}_]+)`,
    "[^]",
  ].join("|"),
  "gu",
);

/** Words that begin a statement with a block. Others, like `match`, are known by the colon at their line's end. */
const BLOCKS: ReadonlySet<string> = new Set("if for while def class with try async @".split(" "));

/** Whether more lines belong to the statement that `source` begins. */
export function goesOn(source: string): boolean {
  let depth = 0, block = false, first = true, last = "";
  for (const { 0: text, groups = {} } of source.matchAll(TOKEN)) {
    const { triple, end, comment, space } = groups;
    if (triple !== undefined && end === undefined) return true;
    if (comment !== undefined || space !== undefined) continue;
    if (text === "\n" && depth === 0) {
      block ||= last === ":";
      first = true;
      last = "";
      continue;
    }
    if (first && BLOCKS.has(text)) block = true;
    if ("([{".includes(text)) depth++;
    if (")]}".includes(text) && --depth < 0) return false;
    if (text !== "\n") [first, last] = [false, text];
  }
  if (depth > 0 || last === "\\" || /\\$/.test(source)) return true;
  return (block || last === ":") && !/\n[ \t]*$/.test(source);
}
