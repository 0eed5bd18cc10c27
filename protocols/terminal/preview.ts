/**
 * Long texts in little room.
 *
 * @module
 */
import { oneLine } from "./harmless.ts";

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Emoji and East Asian wide characters, which terminals draw two columns wide. */
const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** Columns a text takes on a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of GRAPHEMES.segment(text)) columns += widthOf(segment);
  return columns;
}

/** The beginning of a text as one harmless line of at most `columns` columns (at least 1); what is cut ends in "…". */
export function preview(text: string, columns: number): string {
  // What lies further back cannot fit, and a text may be megabytes.
  const head = text.slice(0, columns * 8);
  const line = oneLine(head);
  const kept: string[] = [];
  let used = 0;
  let whole = head.length === text.length;
  for (const { segment } of GRAPHEMES.segment(line)) {
    if (used + widthOf(segment) > columns) {
      whole = false;
      break;
    }
    kept.push(segment);
    used += widthOf(segment);
  }
  if (whole) return line;
  while (used >= columns) used -= widthOf(kept.pop() ?? "…");
  return `${kept.join("").trimEnd()}…`;
}

/** The arguments of a tool call, `key="value"` where they are an object, else as the model wrote them. */
export function argumentsPreview(raw: string, columns: number): string {
  return preview(namedArguments(raw) ?? raw, columns);
}

function namedArguments(raw: string): string | undefined {
  const parsed = parseJson(raw);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  return Object.entries(parsed).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(" ");
}

/** Models write broken JSON; the tool actor refuses it, here it is only shown. */
function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

function widthOf(grapheme: string): number {
  return WIDE.test(grapheme) ? 2 : 1;
}
