/**
 * One step of the textual ReAct protocol, read from what a model wrote.
 *
 * @module
 */

/** What the model wants done. `unreadable` says why, to the model. */
export type ReActAction =
  | { readonly kind: "call"; readonly tool: string; readonly arguments: string }
  | { readonly kind: "final_answer"; readonly text: string }
  | { readonly kind: "unreadable"; readonly message: string };

/** A thought and what it leads to. */
export type ReActStep = {
  /** Empty when the model wrote none. */
  readonly thought: string;
  readonly action: ReActAction;
};

const FORM = "Write `Thought: ...`, then `Action: <tool> <JSON object>` or `Action: FINAL_ANSWER <text>`.";

/**
 * Reads a step: the first line that starts with `Action:` decides, whatever comes before is the thought. Arguments are
 * one JSON object, which may span lines and may be left out; a final answer is all the rest of the text.
 */
export function parseReActStep(text: string): ReActStep {
  const found = /^[ \t]*Action:\s*/im.exec(text);
  const before = found === null ? text : text.slice(0, found.index);
  const thought = before.trim().replace(/^Thought:\s*/i, "").trim();
  if (found === null) return { thought, action: unreadable("There is no line that starts with `Action:`.") };
  return { thought, action: parseAction(text.slice(found.index + found[0].length)) };
}

function parseAction(text: string): ReActAction {
  const final = /^FINAL_ANSWER\b:?/i.exec(text);
  if (final !== null) {
    const answer = text.slice(final[0].length).trim();
    return answer === "" ? unreadable("FINAL_ANSWER has no text.") : { kind: "final_answer", text: answer };
  }
  const called = /^([A-Za-z0-9_.-]+)/.exec(text);
  if (called === null) return unreadable("`Action:` names no tool.");
  const [tool] = called;
  const rest = text.slice(tool.length).split(/^[ \t]*Observation:/im)[0]?.trim() ?? "";
  if (rest === "") return { kind: "call", tool, arguments: "{}" };
  return parseArguments(tool, rest);
}

function parseArguments(tool: string, text: string): ReActAction {
  const found = text.startsWith("{") ? firstObject(text) : undefined;
  if (found === undefined) return unreadable(`The arguments of ${tool} are not one JSON object.`);
  try {
    JSON.parse(found);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unreadable(`The arguments of ${tool} are broken JSON (${why}).`);
  }
  return { kind: "call", tool, arguments: found };
}

/** From the first brace to the one that closes it; what a model adds after its arguments is not its to say. */
function firstObject(text: string): string | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return text.slice(0, at + 1);
  }
  return undefined;
}

function unreadable(problem: string): ReActAction {
  return { kind: "unreadable", message: `${problem} ${FORM}` };
}
