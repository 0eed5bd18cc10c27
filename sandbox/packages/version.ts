/**
 * Versions of Python packages and their order.
 *
 * @see https://peps.python.org/pep-0440/
 * @module
 */

/** A version, taken apart. */
export interface Version {
  readonly epoch: number;
  readonly release: readonly number[];
  /** "a", "b" or "rc", and its number. */
  readonly pre?: readonly ["a" | "b" | "rc", number];
  readonly post?: number;
  readonly dev?: number;
  /** What follows a "+", lower case, its parts set apart by dots. */
  readonly local?: string;
}

const VERSION = new RegExp(
  [
    /^\s*v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)/,
    /(?:[-_.]?(?<pre>alpha|beta|preview|pre|a|b|c|rc)[-_.]?(?<preNumber>\d*))?/,
    /(?:-(?<bare>\d+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d*))?/,
    /(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d*))?/,
    /(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/,
  ].map(({ source }) => source).join(""),
  "i",
);

const PHASES = {
  alpha: "a",
  a: "a",
  beta: "b",
  b: "b",
  c: "rc",
  rc: "rc",
  pre: "rc",
  preview: "rc",
} as const;

/** Takes a version apart; undefined when it is none. */
export function parseVersion(text: string): Version | undefined {
  const found = VERSION.exec(text)?.groups;
  if (found === undefined) return undefined;
  const { pre, post, bare, dev, local } = found;
  return {
    epoch: Number(found.epoch ?? 0),
    release: found.release!.split(".").map(Number),
    ...pre && { pre: [PHASES[pre.toLowerCase() as keyof typeof PHASES], Number(found.preNumber)] },
    ...(post ?? bare) !== undefined && { post: Number(bare ?? found.postNumber) },
    ...dev && { dev: Number(found.devNumber) },
    ...local && { local: local.toLowerCase().replace(/[-_]/g, ".") },
  };
}

/** Whether it comes before the version it names: alpha, beta, candidate, development. */
export function isPreRelease(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined;
}

/** Negative when `a` is older than `b`, 0 when they are the same. */
export function compareVersions(a: Version, b: Version): number {
  return order(a.epoch, b.epoch) ||
    compareReleases(a.release, b.release) ||
    order(phase(a), phase(b)) ||
    order(a.pre?.[1] ?? 0, b.pre?.[1] ?? 0) ||
    order(a.post ?? -1, b.post ?? -1) ||
    order(a.dev ?? Infinity, b.dev ?? Infinity) ||
    compareLocals(a.local, b.local);
}

/** Like {@linkcode compareVersions}, of the numbers alone: 1.0 and 1 are the same. */
export function compareReleases(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const sign = order(a[at] ?? 0, b[at] ?? 0);
    if (sign !== 0) return sign;
  }
  return 0;
}

function order(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A development version of a final comes before its alphas. */
function phase({ pre, post, dev }: Version): number {
  if (pre === undefined) return post === undefined && dev !== undefined ? -1 : 3;
  return { a: 0, b: 1, rc: 2 }[pre[0]];
}

function compareLocals(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return order(a === undefined ? 0 : 1, b === undefined ? 0 : 1);
  const [left, right] = [a.split("."), b.split(".")];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const sign = compareParts(left[at], right[at]);
    if (sign !== 0) return sign;
  }
  return 0;
}

/** Nothing comes before words, words come before numbers. */
function compareParts(a: string | undefined, b: string | undefined): number {
  const kind = (part: string | undefined) => part === undefined ? 0 : /^\d+$/.test(part) ? 2 : 1;
  const sign = order(kind(a), kind(b));
  if (sign !== 0 || a === undefined || b === undefined) return sign;
  return kind(a) === 2 ? order(Number(a), Number(b)) : order(a, b);
}
