/**
 * The tools of a desk and those of other sources in one list.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Called, CallOptions, ListedTool, ToolSource } from "./desk.ts";
import type { Desk } from "./open_desk.ts";
import type { Arguments } from "./known_tools.ts";

/** A tool and where it is called. */
interface Sourced {
  readonly tool: ListedTool;
  readonly source: ToolSource;
}

/** The list as it was put together, and what of. */
interface Combined {
  readonly parts: readonly (readonly ListedTool[])[];
  readonly tools: readonly ListedTool[];
  readonly byName: ReadonlyMap<string, Sourced>;
}

/**
 * One source of all tools: those of the desk first, then those of `others` in their order. Calls of others are recorded
 * by the desk, too. Of tools of the same name the first counts, and `log` hears of those left out, and of a source that
 * cannot say what it has. The desk is closed by whoever opened it.
 */
export function combineSources(
  desk: Desk,
  others: readonly ToolSource[],
  log: (message: string) => void = () => {},
): ToolSource {
  return others.length === 0 ? desk : new CombinedSource(desk, others, log);
}

class CombinedSource implements ToolSource {
  readonly #desk: Desk;
  readonly #others: readonly ToolSource[];
  readonly #log: (message: string) => void;
  readonly #said = new Set<string>();
  #combined: Combined = { parts: [], tools: [], byName: new Map() };

  constructor(desk: Desk, others: readonly ToolSource[], log: (message: string) => void) {
    this.#desk = desk;
    this.#others = others;
    this.#log = log;
  }

  async list(): Promise<readonly ListedTool[]> {
    return (await this.#combine()).tools;
  }

  async call(name: string, args: Arguments, options: CallOptions): Promise<Called> {
    // What the desk has it keeps, and it goes first.
    const before = this.#combined.byName.get(name);
    const known = before?.source === this.#desk ? before : (await this.#combine()).byName.get(name);
    if (known === undefined) throw new Fault("unknown_tool", `Cannot call ${name}: there is no such tool`);
    const { tool, source } = known;
    if (source === this.#desk) return await this.#desk.call(name, args, options);
    return await this.#desk.callElsewhere(tool, args, options, (inner) => source.call(name, args, inner));
  }

  onChange(listener: () => void): () => void {
    const stops = [this.#desk, ...this.#others].map((source) => source.onChange(listener));
    return () => stops.forEach((stop) => stop());
  }

  /** Put together anew only when a part is no longer the same array. */
  async #combine(): Promise<Combined> {
    const sources = [this.#desk, ...this.#others];
    const parts = await Promise.all(sources.map((source) => this.#listOf(source)));
    const before = this.#combined.parts;
    if (before.length === parts.length && parts.every((part, at) => part === before[at])) {
      return this.#combined;
    }
    const byName = new Map<string, Sourced>();
    for (const [at, source] of sources.entries()) {
      for (const tool of parts[at] ?? []) {
        if (byName.has(tool.name)) this.#say(`${tool.name} is left out: another tool has that name`);
        else byName.set(tool.name, { tool, source });
      }
    }
    return this.#combined = { parts, byName, tools: [...byName.values()].map(({ tool }) => tool) };
  }

  async #listOf(source: ToolSource): Promise<readonly ListedTool[]> {
    try {
      return await source.list();
    } catch (error) {
      this.#say(`Some tools are left out: ${Fault.of(error).message}`);
      return NOTHING;
    }
  }

  /** Once each. */
  #say(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#log(message);
  }
}

const NOTHING: readonly ListedTool[] = [];
