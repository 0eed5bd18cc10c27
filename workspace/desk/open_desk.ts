/**
 * The tools of a workspace for callers without a run: they stand from the first call on, are started when first used,
 * and each call is recorded.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import { failed } from "../../actors/agents/tool_calls.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import { Redactor } from "../../sandbox/secrets/redactor.ts";
import { clock as realClock } from "../../supervisor/actor/context.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import { type JournalPort, patient } from "../../supervisor/durable/journal.ts";
import type { Toolkit } from "../runtime/toolkit.ts";
import { Counter, type CounterParts } from "./counter.ts";
import type { Called, CallOptions, ListedTool, ToolSource } from "./desk.ts";
import { type Arguments, type KnownTool, knownTools, ownArguments } from "./known_tools.ts";
import { OwnerTools, type SharedParts, sharedTools } from "./owner_tools.ts";
import type { ToolTree, Trees } from "./tool_tree.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** Milliseconds after which what is kept for an owner who does not call any more is given up. */
const IDLE_MS = 15 * 60_000;
/** Owners for whom something is kept at once. */
const MAX_OWNERS = 256;

/** What a desk is opened with. */
export interface DeskOptions extends Trees {
  /** The tools, and what they need. */
  readonly toolkit: Toolkit;
  /** Where calls are recorded. */
  readonly journal: JournalPort;
  /** Folder of the locks that say which runs are worked on. */
  readonly locks: string;
  /** What is taken out of all that is recorded or answered. Default nothing. */
  readonly secrets?: readonly Fingerprint[];
  /** Default real time. */
  readonly clock?: Clock;
  /** Hears what went wrong that no caller can be told. Default nobody. */
  readonly log?: (message: string) => void;
}

/** Makes a call elsewhere, as of {@linkcode ToolSource.call}. */
export type CallElsewhere = (options: CallOptions) => Promise<Called>;

/** See the module's words. */
export interface Desk extends ToolSource {
  /** Records a call of a tool that stands elsewhere, and makes it. */
  callElsewhere(
    tool: ListedTool,
    args: Arguments,
    options: CallOptions,
    call: CallElsewhere,
  ): Promise<Called>;
  /** Cancels what is being made, ends the journal of it and stops all tools. @throws {Fault} as the journal does. */
  close(): Promise<void>;
}

/** Opens a desk; nothing is started yet. */
export function openDesk(options: DeskOptions): Desk {
  return new WorkspaceDesk(options);
}

/** All that is kept for one owner. */
interface Place {
  readonly counter: Counter;
  readonly tools: OwnerTools;
}

class WorkspaceDesk implements Desk {
  readonly #known: ReadonlyMap<string, KnownTool>;
  readonly #listed: readonly ListedTool[];
  readonly #shared: SharedParts;
  readonly #counters: CounterParts;
  readonly #tools: ToolTree;
  readonly #places = new Map<string, Place>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #log: (message: string) => void;
  #closed = false;

  constructor(
    { toolkit, journal: port, locks, secrets = [], clock = realClock, log, ...trees }: DeskOptions,
  ) {
    const journal = patient(port, clock);
    this.#known = knownTools(toolkit);
    this.#listed = [...this.#known.values()].map(({ listed }) => listed);
    this.#shared = { toolkit, trees, journal, secrets, clock };
    this.#counters = { journal, locks, redactor: new Redactor(secrets), clock };
    this.#tools = sharedTools(this.#shared);
    this.#log = log ?? (() => {});
  }

  list(): Promise<readonly ListedTool[]> {
    return Promise.resolve(this.#listed);
  }

  onChange(): () => void {
    return () => {};
  }

  async call(name: string, args: Arguments, options: CallOptions): Promise<Called> {
    const known = this.#known.get(name);
    if (known === undefined) throw new Fault("unknown_tool", `Cannot call ${name}: there is no such tool`);
    const { counter, tools } = this.#place(options.owner);
    const { annotations, settle, denied } = known.listed;
    const wrong = denied === undefined ? known.check(args) : undefined;
    const reads = annotations.readOnly && settle === "repeatable";
    // What is refused anyway changes nothing either.
    const readOnly = reads || denied !== undefined || wrong !== undefined;
    return await counter.take({
      name,
      args,
      readOnly,
      async perform(performing) {
        if (wrong !== undefined) return { outcome: misfit(name, wrong) };
        const own = ownArguments(known, options.owner, args);
        const asked = own === args ? performing.call : { ...performing.call, arguments: JSON.stringify(own) };
        const { outcome } = await tools.perform(performing, asked, options.person);
        return { outcome };
      },
    }, options);
  }

  async callElsewhere(
    { name, annotations: { readOnly }, denied }: ListedTool,
    args: Arguments,
    options: CallOptions,
    call: CallElsewhere,
  ): Promise<Called> {
    return await this.#place(options.owner).counter.take({
      name,
      args,
      readOnly: readOnly || denied !== undefined,
      async perform({ telling, signal }) {
        const allowed = denied === undefined;
        const reason = denied ?? "its server is in the configuration";
        const decision = { tool: name, allowed, denied: [], grant: "configuration", reason };
        telling.item(name, { type: "decision", decision });
        if (!allowed) return { outcome: failed("denied", `TOOL_DENIED: ${denied}`) };
        const onItem: CallOptions["onItem"] = (item) => telling.item(name, item);
        return await unlessAborted(call({ ...options, signal, onItem }), signal);
      },
    }, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const places = [...this.#places.values()];
    this.#places.clear();
    const closed = await Promise.allSettled([...places.map(leave), ...this.#leaving]);
    await this.#tools.close();
    for (const result of closed) if (result.status === "rejected") throw result.reason;
  }

  #place(owner: string): Place {
    if (this.#closed) throw new Fault("cancelled", "Cannot call a tool: no more calls are taken");
    const place = this.#places.get(owner) ?? {
      counter: new Counter(owner, this.#counters),
      tools: new OwnerTools(this.#shared, this.#tools),
    };
    place.counter.usedAt = this.#shared.clock.now();
    this.#places.delete(owner); // and back, as the latest
    this.#places.set(owner, place);
    this.#giveUp(place);
    return place;
  }

  /** Gives up what is kept for owners who have not called for long, or for longest when there are too many. */
  #giveUp(latest: Place): void {
    for (const [owner, place] of this.#places) {
      const idle = latest.counter.usedAt - place.counter.usedAt >= IDLE_MS;
      if (!idle && this.#places.size <= MAX_OWNERS) return;
      if (place === latest || place.counter.isBusy) continue;
      this.#places.delete(owner);
      const left = leave(place)
        .catch((error) => this.#log(`Cannot end the journal of ${owner}: ${Fault.of(error).message}`))
        .finally(() => this.#leaving.delete(left));
      this.#leaving.add(left);
    }
  }
}

async function leave({ counter, tools }: Place): Promise<void> {
  try {
    await counter.close();
  } finally {
    await tools.close();
  }
}

function misfit(name: string, wrong: string): ToolOutcome {
  return failed("permanent", `Cannot call ${name}: its arguments do not fit (${wrong})`);
}
