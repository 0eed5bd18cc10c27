/**
 * `troupe serve` as people start it, and the provider behind it: a model that knows a few tasks by heart.
 *
 * @module
 */
import assert from "node:assert/strict";
import { pythonCache } from "../support/python_cache.ts";
import {
  type Answer,
  scriptedOpenAi,
  type SeenRequest,
  text,
  toolCalls,
} from "../support/scripted_openai.ts";
import { Place, type Program, type Start } from "./program.ts";

/** Where a served program is reached. */
export interface Served {
  readonly program: Program;
  /** Without a slash at the end. */
  readonly url: string;
  readonly mcp: string;
}

/** No bounds on how often tests may ask, and one program that may run for long. */
const SETTINGS = `
[server.a2a]
rate_per_minute = 0
[server.mcp]
rate_per_minute = 0
[[policy.rules]]
verdict = "allow"
program = "sleep"
args = ["..."]
`;

/** A place with such settings, where Python need not be prepared. */
export async function servedPlace(): Promise<Place> {
  await pythonCache();
  const place = new Place();
  Deno.writeTextFileSync(`${place.cwd}/troupe.toml`, SETTINGS);
  Deno.mkdirSync(place.workspace);
  return place;
}

/** Starts it, on a free port, until it has said where it listens. */
export async function startServe(place: Place, start: Start): Promise<Served> {
  const program = place.start(["serve", "--port", "0", "--json"], start);
  const [line] = await program.shows(/^.*\n/).catch(async (): Promise<never> => {
    throw new Error(`it ended too early, after:\n${(await program.ended).stderr}`);
  });
  const { url, mcp } = JSON.parse(line) as Served;
  return { program, url, mcp };
}

/** How long a task sleeps unless it is stopped: long enough to be found by it. */
export const LONG = "86399.5";

/** Whether a process sleeps for {@linkcode LONG}. */
export function sleeps(): boolean {
  return [...Deno.readDirSync("/proc")].some(({ name }) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const words = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
      return words[0]?.endsWith("sleep") === true && words[1] === LONG;
    } catch {
      return false; // it ended meanwhile
    }
  });
}

/** Resolves once {@linkcode sleeps} answers that. */
export async function untilSleeps(wanted: boolean): Promise<void> {
  while (sleeps() !== wanted) await new Promise((resolve) => setTimeout(resolve, 10));
}

const MERGE_SORT = `def merge_sort(items):
    if len(items) < 2:
        return items
    left, right = merge_sort(items[: len(items) // 2]), merge_sort(items[len(items) // 2 :])
    merged = []
    while left and right:
        merged.append((left if left[0] <= right[0] else right).pop(0))
    return merged + left + right

print(f"The sorted result is {merge_sort([38, 27, 43, 3, 9, 82, 10])}")`;

const SEARCH_TREE = `def insert(node, key):
    if node is None:
        return (None, key, None)
    left, own, right = node
    return (insert(left, key), own, right) if key < own else (left, own, insert(right, key))

def in_order(node):
    return [] if node is None else [*in_order(node[0]), node[1], *in_order(node[2])]

tree = None
for key in [50, 30, 70, 20, 40, 60, 80]:
    tree = insert(tree, key)
print(f"In-order traversal: {in_order(tree)}")`;

const use = (name: string, args: Record<string, unknown>) => (id: string) =>
  toolCalls([{ id, name, arguments: args }]);
const python = (code: string) => use("execute_python", { code });
const command = (command: string) => use("run_command", { command, timeout_ms: 60_000 });

/** What the model does first, by words in its task; after that it answers with what came of it. */
const SKILLS: readonly (readonly [task: RegExp, first: (id: string) => Answer])[] = [
  [/2\+2/, () => text("4")],
  [/merge sort/i, python(MERGE_SORT)],
  [/binary search tree/i, python(SEARCH_TREE)],
  [/make a file/, command("touch made.txt")],
  [/sleep long/, command(`sleep ${LONG}`)],
  [/calculate/, use("calculator", { expression: "6 * 7" })],
];

/** The model. What it is told to call again it calls again. */
export function model({ body: { messages } }: SeenRequest): Answer {
  const { role, content } = messages.at(-1)!;
  if (role === "tool" && !/Call it again/.test(String(content))) return text(said(String(content)));
  const task = String(messages.findLast((line) => line.role === "user")?.content);
  const [, first] = SKILLS.find(([known]) => known.test(task)) ?? [];
  assert.ok(first, `a task the model knows: ${task}`);
  return first(`c${messages.length}`);
}

/** A provider that answers as {@linkcode model}. */
export function provider() {
  return scriptedOpenAi.always(model);
}

function said(result: string): string {
  return /(The sorted result is|In-order traversal:) \[[^\]]*\]/.exec(result)?.[0] ?? result;
}
