/**
 * The demonstration: a scripted model leads a team of three through real workers and real Python. One tool is
 * denied, and the leader is killed in the middle of its work and comes back.
 *
 * @module
 */
import type { RunEvent } from "../../protocols/messages/run.ts";
import { scripted, type ScriptLine } from "../../actors/models/scripted.ts";
import { FREE } from "../../actors/models/price.ts";
import { executePython } from "../../actors/tools/execute_python.ts";
import { writeFile } from "../../actors/tools/write_file.ts";
import { child } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { AGENT, type Crew, crew, MODEL } from "./crew.ts";
import { type WorkspaceSettings, workspaceTools } from "./workspace_tools.ts";

/** The `crew` of the setup its runs are recorded with. */
export const DEMO = "demo";

/** What the team is asked. */
export const DEMO_TASK = "Sort [38, 27, 43, 3, 9, 82, 10] with a merge sort of your own, and have it checked";

const MERGE_SORT = `def merge_sort(items):
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = merge_sort(items[:middle]), merge_sort(items[middle:])
    merged = []
    while left and right:
        merged.append((left if left[0] <= right[0] else right).pop(0))
    return merged + left + right

merge_sort([38, 27, 43, 3, 9, 82, 10])`;

const LEAD = "You lead a team of two: a coder and a checker.";
const CODER = 'sub-agent "coder"';
const CHECKER = 'sub-agent "checker"';

const SCRIPT: readonly ScriptLine[] = [
  {
    when: LEAD,
    text: "The coder will write and run it; the checker will sort the same numbers another way.",
    toolCalls: [
      {
        name: "delegate",
        arguments: { name: "coder", task: "Write merge sort in Python and sort [38, 27, 43, 3, 9, 82, 10]" },
      },
      {
        name: "delegate",
        arguments: { name: "checker", task: "What are [38, 27, 43, 3, 9, 82, 10] in order?" },
      },
    ],
  },
  { when: LEAD, text: "The sorted result is {result}" },
  {
    when: CODER,
    text: "First I save the program for later.",
    toolCalls: [{ name: "write_file", arguments: { path: "merge_sort.py", content: MERGE_SORT } }],
  },
  {
    when: CODER,
    text: "I was not handed the right to write files, so I only run it.",
    toolCalls: [{ name: "execute_python", arguments: { code: MERGE_SORT, session: "coder" } }],
  },
  { when: CODER, text: "{result.value}" },
  {
    when: CHECKER,
    text: "Python's own sort will do for a check.",
    toolCalls: [{
      name: "execute_python",
      arguments: { code: "sorted([38, 27, 43, 3, 9, 82, 10])", session: "checker" },
    }],
  },
  { when: CHECKER, text: "{result.value}" },
];

/** Milliseconds between two words of the scripted model. */
const WORD_MS = 12;

/** The team. Its agents are handed all tools of the workspace but the one that writes. */
export function demoCrew(workspace: string, python: WorkspaceSettings["python"]): Crew {
  const reason = "this team was handed no right to write files";
  const { tools, actors } = workspaceTools({
    workspace,
    executor: "pyodide",
    granted: ["FileRead"],
    hosts: [],
    rules: [],
    python,
  });
  return crew({
    model: child(MODEL, scripted, { model: "scripted", script: SCRIPT, chunkMs: WORD_MS }),
    tools,
    actors,
    denied: [{ definition: writeFile, reason }],
    agent: {
      name: "lead",
      modelName: "scripted",
      price: FREE,
      program: "react",
      system: LEAD,
      contextWindow: 128_000,
      mayDelegate: 1,
      setup: { crew: DEMO },
    },
  });
}

/**
 * What happens to the team, once a run: Python is started with it, because it will be needed, and the leader is
 * killed when the coder has just run its program.
 */
export function demoAccident(): (event: RunEvent, tree: Supervisor) => void {
  let happened = false;
  return (event, tree) => {
    if (event.type === "run_started" && event.agent === "lead") tree.wake(executePython.tool.name);
    if (happened || event.type !== "tool_ended" || event.agent !== "lead/coder") return;
    if (event.call.name !== executePython.tool.name) return;
    happened = true;
    tree.kill(AGENT, "killed by the demonstration");
  };
}
