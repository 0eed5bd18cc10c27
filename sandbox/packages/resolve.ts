/**
 * Choosing one version of each package, so that all that is required is there and fits together.
 *
 * The newest version is tried first, then older ones. Packages that are locked offer only the version they are locked to.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Requirement } from "./requirement.ts";
import { satisfies, showSpecifiers } from "./specifier.ts";

/** A file that could be installed. */
export interface Candidate {
  /** Normalized. */
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly url: string;
  readonly sha256: string;
  /** In bytes, where it is known. */
  readonly size?: number;
  /** Present when its `METADATA` can be had apart, at `url` with ".metadata" after it; with the hash where known. */
  readonly metadata?: { readonly sha256?: string };
  /** Of packages of the Pyodide distribution, which say by name only what they need, and need it from there. */
  readonly depends?: readonly string[];
}

/** Where candidates come from. */
export interface Catalog {
  /**
   * Best first.
   * @throws {Fault} when there is none at all, saying why.
   */
  candidates(name: string): Promise<readonly Candidate[]>;
  /** What a candidate requires, with those extras. */
  requirements(candidate: Candidate, extras: readonly string[]): Promise<readonly Requirement[]>;
}

/** A package that was chosen. */
export interface Chosen {
  readonly candidate: Candidate;
  readonly extras: readonly string[];
  /** Names of what it needs. */
  readonly depends: readonly string[];
}

/** A requirement and who has it. */
interface Wanted extends Requirement {
  readonly by: string;
}

/** Versions that turn out not to fit before it is given up: each costs a request. */
const MOST_FAILURES = 30;
const MOST_PACKAGES = 100;

/**
 * Chooses the packages named and all they need.
 * @throws {Fault} code `unresolved`, saying what does not fit; and what the catalog throws.
 */
export function resolvePackages(names: readonly string[], catalog: Catalog): Promise<Map<string, Chosen>> {
  return new Search(names, catalog).run();
}

class Search {
  #failures = 0;
  /** Of the newest versions: what keeps older ones out says less. */
  #reason: string | undefined;

  constructor(private readonly names: readonly string[], private readonly catalog: Catalog) {}

  async run(): Promise<Map<string, Chosen>> {
    const wanted = this.names.map((name): Wanted => ({ name, extras: [], specifiers: [], by: "" }));
    const chosen = await this.#extend(new Map(), wanted);
    if (chosen === undefined) throw this.#unresolved();
    return chosen;
  }

  /** All that is wanted, beside what was chosen; undefined when that cannot be. */
  async #extend(
    chosen: ReadonlyMap<string, Chosen>,
    wanted: readonly Wanted[],
  ): Promise<Map<string, Chosen> | undefined> {
    const open = wanted.filter((one) => !isMet(one, chosen.get(one.name)));
    const [first] = open;
    if (first === undefined) return new Map(chosen);
    if (chosen.size >= MOST_PACKAGES) throw this.#unresolved(`it needs more than ${MOST_PACKAGES} packages`);
    const same = open.filter(({ name }) => name === first.name);
    const former = chosen.get(first.name);
    const extras = [...new Set([...former?.extras ?? [], ...same.flatMap((one) => one.extras)])].sort();
    const all = former ? [former.candidate] : await this.#candidatesFor(first);
    const fitting = fittingOf(same, all);
    if (fitting.length === 0) this.#reason ??= misfit(same, all);
    for (const candidate of fitting) {
      const needed = await this.#requirementsOf(candidate, extras);
      if (needed !== undefined) {
        const depends = [...new Set(needed.map(({ name }) => name))].sort();
        const more = new Map(chosen).set(first.name, { candidate, extras, depends });
        const by = `${candidate.name} ${candidate.version}`;
        const result = await this.#extend(more, [...open, ...needed.map((one) => ({ ...one, by }))]);
        if (result !== undefined) return result;
      }
      if (++this.#failures > MOST_FAILURES) throw this.#unresolved();
    }
    return undefined;
  }

  /** None when there is none, unless it was asked for by name: an older version of what needs it may not. */
  async #candidatesFor({ name, by }: Wanted): Promise<readonly Candidate[]> {
    try {
      return await this.catalog.candidates(name);
    } catch (error) {
      const none = error instanceof Fault && (error.code === "not_found" || error.code === "unresolved");
      if (!none || by === "") throw error;
      this.#reason ??= `${by} needs ${name}. ${error.message}`;
      return [];
    }
  }

  /** Undefined when it says something that cannot be understood: an older version may not. */
  async #requirementsOf(candidate: Candidate, extras: readonly string[]) {
    try {
      return await this.catalog.requirements(candidate, extras);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "bad_requirement") throw error;
      this.#reason ??= `${candidate.name} ${candidate.version}: ${error.message}`;
      return undefined;
    }
  }

  #unresolved(reason = this.#reason): Fault {
    return new Fault("unresolved", `Cannot install ${this.names.join(", ")}: ${reason}`);
  }
}

/** Pre-releases only where there is nothing else. */
function fittingOf(wanted: readonly Wanted[], all: readonly Candidate[]): readonly Candidate[] {
  const passing = (pre: boolean) =>
    all.filter(({ version }) => wanted.every((one) => satisfies(version, one.specifiers, pre)));
  const finals = passing(false);
  return finals.length > 0 ? finals : passing(true);
}

/** Whether what was chosen is enough. What was chosen and does not fit is open again, and then has no candidate. */
function isMet(wanted: Wanted, chosen: Chosen | undefined): boolean {
  return chosen !== undefined && satisfies(chosen.candidate.version, wanted.specifiers, true) &&
    wanted.extras.every((extra) => chosen.extras.includes(extra));
}

function misfit(wanted: readonly Wanted[], all: readonly Candidate[]): string {
  const [{ name }] = wanted as [Wanted];
  const asked = wanted.map(({ specifiers, by }) =>
    `${showSpecifiers(specifiers) || "any version"}${by && ` for ${by}`}`
  );
  const versions = all.slice(0, 5).map(({ version }) => version).join(", ") + (all.length > 5 ? ", ..." : "");
  return `${name} is needed as ${asked.join(" and ")}, and there is only ${versions}`;
}
