/**
 * Performs the effects a program asks for, each journaled, within the run's limits.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Line, ThinkRequest, Thought } from "../../protocols/messages/model.ts";
import type { Limits, RunEvent, RunOutcome, Spent } from "../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import { canonicalJson } from "../../supervisor/durable/journal.ts";
import {
  estimateTokens,
  planCompaction,
  summaryRequest,
  tokensOf,
  withSummary,
} from "../programs/compaction.ts";
import type {
  Act,
  Compact,
  Effect,
  EffectResult,
  Note,
  Program,
  Think,
  ToolResult,
} from "../programs/effects.ts";
import { normalize, outputBound } from "../programs/normalize.ts";
import {
  type Allowance,
  type Budget,
  costOf,
  exhausted,
  free,
  openBudget,
  outputBoundFor,
  reserve,
  settle,
  spend,
} from "./budget.ts";
import type { Delegation } from "./delegation.ts";
import { limited } from "./ending.ts";
import {
  type Answered,
  answerTo,
  type Errand,
  errandOf,
  errandStep,
  offeredTools,
  takesPart,
} from "./errands.ts";
import { Journaled, type JournaledOptions, type Step } from "./journaled.ts";
import type { Emit } from "./ordered_events.ts";
import type { Spawned } from "./spent.ts";
import type { Parent } from "./sub_agent.ts";
import { askModel } from "./thinking.ts";
import type { TimedOutcome } from "./tool_calls.ts";

/** The run an interpreter plays. */
export interface Interpretation extends Parent, Pick<JournaledOptions, "entries" | "replay"> {
  readonly limits: Limits;
}

/** An inference to be journaled. */
interface Inference extends Pick<Step<Thought>, "kind" | "intent" | "before" | "after"> {
  readonly lines: readonly Line[];
  readonly tools: ThinkRequest["tools"];
  readonly stop: readonly string[];
  /** Whether watchers see the text as it comes. */
  readonly streams: boolean;
}

/** Plays one program of one run. */
export class Interpreter {
  readonly #on: Interpretation;
  readonly #journaled: Journaled;
  #budget: Budget;
  #turns = 0;
  #ownCalls = 0;
  #lastLines: readonly Line[] = [];
  #lastText = "";

  constructor(on: Interpretation) {
    this.#on = on;
    const { run, journal, entries, replay, options: { secrets }, world: { emit, signal } } = on;
    this.#journaled = new Journaled({ run, journal, entries, replay, emit, signal, secrets });
    this.#budget = openBudget(on.limits);
  }

  /** The newest words of the model: what there is by way of an answer when a run ends early. */
  get lastText(): string {
    return this.#lastText;
  }

  /** The sum of the receipts so far. */
  get spent(): Spent {
    return this.#budget.spent;
  }

  /**
   * Plays a program to its end.
   * @throws {RunEnd} when the run ends first.
   * @throws {Fault} as the journal does; `replay_diverged`, `replay_incomplete`.
   */
  async play(program: Program<string>): Promise<string> {
    try {
      let step = program.next();
      while (!step.done) step = program.next(await this.#perform(step.value));
      return step.value;
    } finally {
      program.return("");
    }
  }

  #perform(effect: Effect): Promise<EffectResult> {
    switch (effect.kind) {
      case "think":
        return this.#think(effect);
      case "act":
        return this.#act(effect);
      case "execute":
        return this.#ownCall("execute", "execute_python", { code: effect.code });
      case "patch":
        return this.#ownCall("patch", "apply_patch", { diff: effect.diff });
      case "spawn": {
        const { kind: _kind, ...delegation } = effect;
        return this.#spawn(delegation);
      }
      case "compact":
        return this.#compact(effect);
      case "log":
        return this.#log(effect);
    }
  }

  async #think({ lines, stop, offerTools }: Think): Promise<Thought> {
    const agent = this.#on.options.name;
    const turn = ++this.#turns;
    const kept = sharedLength(this.#lastLines, lines);
    this.#lastLines = lines;
    const thought = await this.#infer({
      kind: "think",
      // What changed since the last inference: a journal of whole conversations would grow as their square.
      intent: { kept, lines: lines.slice(kept), stop, offerTools },
      lines,
      stop,
      tools: offerTools ? offeredTools(this.#on.options) : [],
      streams: true,
      before: () => [{ type: "turn_started", agent, turn }],
      after: (thought) => [{ type: "thought", agent, thought }],
    });
    if (thought.text !== "") this.#lastText = thought.text;
    return thought;
  }

  async #compact({ lines }: Compact): Promise<readonly Line[]> {
    const { name: agent, contextWindow } = this.#on.options;
    const plan = planCompaction(lines, contextWindow);
    if (plan === null) return lines;
    const shorter = ({ text }: Thought) => text.trim() === "" ? lines : withSummary(plan, text);
    const summary = await this.#infer({
      kind: "compact",
      intent: { head: plan.head.length, older: plan.older.length, newest: plan.newest.length },
      lines: summaryRequest(plan, contextWindow),
      stop: [],
      tools: [],
      streams: false,
      after: (summary) => [
        { type: "compacted", agent, before: tokensOf(lines), after: tokensOf(shorter(summary)) },
      ],
    });
    return shorter(summary);
  }

  async #infer({ lines, tools, stop, streams, ...journaled }: Inference): Promise<Thought> {
    const { options, run, world, deadline } = this.#on;
    const { name: agent, model, price, contextWindow, maxTokens } = options;
    const asked = normalize(lines, { maxOutputChars: outputBound(contextWindow) });
    const inputTokens = tokensOf(asked) + (tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools)));
    const thinker = { agent, model, clock: world.clock, signal: world.signal, deadline };
    const thought = await this.#journaled.one<Thought>({
      ...journaled,
      admit: () => {
        const limit = exhausted(this.#budget, inputTokens, price);
        if (limit !== null) throw limited(limit);
      },
      perform: ({ seq, emit }) => {
        const bound = outputBoundFor(this.#budget, inputTokens, price, maxTokens);
        const request = {
          lines: asked,
          tools,
          ...(stop.length === 0 ? {} : { stop: [...stop] }),
          ...(bound === undefined ? {} : { maxTokens: bound }),
          idempotencyKey: `${run}.${seq}`,
        };
        return askModel(thinker, request, streams ? emit : withoutText(emit));
      },
    });
    this.#budget = spend(this.#budget, costOf(thought));
    return thought;
  }

  async #act({ calls }: Act): Promise<ToolResult[]> {
    const errands = calls.map((call) => errandOf(this.#on, call));
    const done = await this.#run("act", errands);
    return calls.map((call, at) => {
      const [errand, how] = [errands[at], done[at]];
      if (errand === undefined || how === undefined) throw missing(call.name);
      return { call, outcome: answerTo(errand, how) };
    });
  }

  async #ownCall(
    kind: "execute" | "patch",
    name: string,
    args: Record<string, string>,
  ): Promise<ToolOutcome> {
    const errand = { call: { id: `${kind}_${++this.#ownCalls}`, name, arguments: JSON.stringify(args) } };
    const [done] = await this.#run(kind, [errand]);
    if (done === undefined) throw missing(name);
    return answerTo(errand, done);
  }

  async #spawn(delegation: Delegation): Promise<RunOutcome> {
    const [done] = await this.#run("spawn", [{ delegation }]);
    if (done === undefined || !("sub" in done)) throw missing(delegation.name);
    return done.sub;
  }

  /** Errands at the same time: the budget is divided before the first begins, and put together after the last. */
  async #run(kind: string, errands: readonly Errand[]): Promise<(TimedOutcome | Spawned | Answered)[]> {
    const whole = free(this.#budget);
    const takers = errands.filter(takesPart).length;
    const parts = errands.map((errand): Allowance | null => {
      if (!takesPart(errand)) return null;
      const share = "delegation" in errand ? errand.delegation.share : undefined;
      const reserved = reserve(this.#budget, share ?? 1 / (takers + 1), whole);
      if (reserved !== null) this.#budget = reserved.budget;
      return reserved?.part ?? null;
    });
    const steps = errands.map((errand, at) => errandStep(this.#on, kind, errand, parts[at] ?? null));
    const done = await this.#journaled.all(steps);
    for (const [at, how] of done.entries()) {
      const part = parts[at];
      if (!("sub" in how)) continue;
      const { spent } = how.sub;
      this.#budget = part ? settle(this.#budget, part, spent) : spend(this.#budget, spent);
    }
    return done;
  }

  async #log({ level, message }: Note): Promise<null> {
    const event: RunEvent = { type: "log", agent: this.#on.options.name, level, message };
    return await this.#journaled.one<null>({
      kind: "log",
      intent: { level, message },
      perform: () => Promise.resolve(null),
      after: () => [event],
    });
  }
}

/** How many lines two conversations begin with alike. */
function sharedLength(a: readonly Line[], b: readonly Line[]): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && canonicalJson(a[length]) === canonicalJson(b[length])) {
    length++;
  }
  return length;
}

/** The program was promised a result for each thing it asked for. */
function missing(what: string): Fault {
  return new Fault("failed", `Cannot go on: ${what} gave no result`);
}

function withoutText(emit: Emit): Emit {
  return (event) => event.type === "text" ? Promise.resolve() : emit(event);
}
