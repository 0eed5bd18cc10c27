/**
 * The tools as one owner calls them: most are shared by all, those that may ask a person are this owner's alone. So no
 * question can reach another owner, whoever else is asked meanwhile.
 *
 * @module
 */
import { Approval } from "../../protocols/messages/approval.ts";
import type { ToolCall } from "../../protocols/messages/model.ts";
import { approver } from "../../actors/approvals/approver.ts";
import { InsideCall, wholeAllowance } from "../../actors/agents/inside_call.ts";
import { type Caller, performCall } from "../../actors/agents/perform_call.ts";
import { type AgentTool, callTool, type TimedOutcome } from "../../actors/agents/tool_calls.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { JournalPort } from "../../supervisor/durable/journal.ts";
import { type ActorChild, child } from "../../supervisor/tree/spec.ts";
import { APPROVER } from "../runtime/crew.ts";
import type { Person } from "../runtime/questions.ts";
import type { Tool, Toolkit } from "../runtime/toolkit.ts";
import { DESK } from "./call_run.ts";
import type { Performing } from "./counter.ts";
import { type AtWork, ToolTree, type Trees } from "./tool_tree.ts";
import { Turns } from "./turns.ts";

/** What the tools of all owners have in common. */
export interface SharedParts {
  readonly toolkit: Toolkit;
  readonly trees: Trees;
  readonly journal: JournalPort;
  readonly secrets: readonly Fingerprint[];
  readonly clock: Clock;
}

/** A tool that can do what only a person may settle may ask one. */
function asks({ definition }: Tool): boolean {
  return definition.tool.settle === "ask";
}

/** The tools that all owners share, denied ones among them. Who asks there is refused. */
export function sharedTools({ toolkit, trees, clock }: SharedParts): ToolTree {
  const tools = toolkit.tools.filter((tool) => !asks(tool));
  return new ToolTree(
    { ...toolkit, tools, actors: withApprover(toolkit, crypto.randomUUID()) },
    trees,
    clock,
  );
}

/** See the module's words. */
export class OwnerTools {
  readonly #parts: SharedParts;
  readonly #shared: ToolTree;
  readonly #own: ToolTree | null;
  readonly #ownNames: ReadonlySet<string>;
  readonly #key = crypto.randomUUID();
  readonly #turns = new Turns();
  #ready:
    | { readonly shared: AtWork; readonly own: AtWork | null; readonly tools: readonly AgentTool[] }
    | undefined;

  /** Nothing is started yet. */
  constructor(parts: SharedParts, shared: ToolTree) {
    this.#parts = parts;
    this.#shared = shared;
    const { toolkit, trees, clock } = parts;
    const tools = toolkit.tools.filter(asks);
    this.#ownNames = new Set(tools.map(({ definition }) => definition.tool.name));
    const kit = { tools, denied: [], actors: withApprover(toolkit, this.#key) };
    this.#own = tools.length === 0 ? null : new ToolTree(kit, trees, clock);
  }

  /** Makes a call, and those that its tool asks for. @throws what makes it impossible to know what came of it. */
  async perform(performing: Performing, asked: ToolCall, person: Person | undefined): Promise<TimedOutcome> {
    const { seq } = performing;
    const made = seq === null
      ? await this.#read(performing, asked)
      : await this.#change({ ...performing, seq }, asked, person);
    if (!made.outcome.ok) await this.#noticeFailure();
    return made;
  }

  /** Stops what is this owner's alone. */
  async close(): Promise<void> {
    this.#turns.close();
    await this.#own?.close();
  }

  /** What only reads asks nobody, and is not this owner's alone. */
  async #read({ call, telling: { emit }, signal }: Performing, asked: ToolCall): Promise<TimedOutcome> {
    const { tools } = await this.#shared.open();
    const toolbox = { tools, clock: this.#parts.clock, signal, deadline: undefined };
    return await callTool(toolbox, asked, false, alone(call, emit));
  }

  async #change(
    { run, seq, telling: { emit }, signal }: Performing & { readonly seq: number },
    asked: ToolCall,
    person: Person | undefined,
  ): Promise<TimedOutcome> {
    const { journal, secrets, clock } = this.#parts;
    const { tools, own } = await this.#open();
    const caller: Caller = {
      run,
      options: { name: DESK, tools, secrets },
      journal,
      world: { clock, signal },
      deadline: undefined,
      inTurn: (call, signal, perform) => this.#inTurn(own, call, signal, person, perform),
    };
    return await performCall(caller, asked, { seq, begun: false, emit });
  }

  async #open() {
    const shared = await this.#shared.open();
    const own = await this.#own?.open() ?? null;
    if (this.#ready?.shared !== shared || this.#ready.own !== own) {
      this.#ready = { shared, own, tools: [...shared.tools, ...own?.tools ?? []] };
    }
    return this.#ready;
  }

  #inTurn(
    own: AtWork | null,
    { name }: ToolCall,
    signal: AbortSignal,
    person: Person | undefined,
    perform: () => Promise<TimedOutcome>,
  ): Promise<TimedOutcome> {
    if (own === null || !this.#ownNames.has(name)) return perform();
    this.#turns.listen(own.tree.ref(Approval, APPROVER), this.#key);
    return this.#turns.take(name, person, signal, perform);
  }

  async #noticeFailure(): Promise<void> {
    await this.#shared.failed();
    await this.#own?.failed();
  }
}

function withApprover({ actors }: Toolkit, key: string): ActorChild[] {
  return [child(APPROVER, approver, { key }, { lazy: true }), ...actors];
}

/** What a tool that only reads says; it may not use others. */
function alone(call: ToolCall, emit: Performing["telling"]["emit"]): InsideCall {
  return new InsideCall({ agent: DESK, call, emit, allowance: wholeAllowance(), nested: null });
}
