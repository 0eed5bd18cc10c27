/**
 * The Python that packages are for, and which wheels fit it.
 *
 * @see https://peps.python.org/pep-0783/ for the platform's name, https://peps.python.org/pep-0425/ for the tags
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { MarkerWords } from "./marker.ts";
import { normalizeName } from "./names.ts";
import { parseVersion } from "./version.ts";

/** One build of Python. */
export interface Target {
  /** "3.14.2". */
  readonly python: string;
  /** Of wheels with native code: "pyemscripten_2026_0_wasm32". */
  readonly platform: string;
}

/** What a wheel's file name says. */
export interface WheelName {
  /** Normalized. */
  readonly name: string;
  readonly version: string;
  /** "" for none. */
  readonly build: string;
  readonly pythons: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly string[];
}

/** Takes a wheel's file name apart; undefined when it is no wheel. */
export function parseWheelName(file: string): WheelName | undefined {
  const parts = /^[^/\\]+\.whl$/.test(file) ? file.slice(0, -4).split("-") : [];
  if (parts.length !== 5 && parts.length !== 6) return undefined;
  const [name, version] = parts as [string, string];
  const build = parts.length === 6 ? parts[2]! : "";
  const [pythons, abis, platforms] = parts.slice(-3).map((tags) => tags.split("."));
  if (!/^[a-z0-9]([a-z0-9._]*[a-z0-9])?$/i.test(name) || parseVersion(version) === undefined) {
    return undefined;
  }
  return {
    name: normalizeName(name),
    version,
    build,
    pythons: pythons!,
    abis: abis!,
    platforms: platforms!,
  };
}

/** How well a wheel fits, 0 best; undefined when it does not fit at all. */
export function fitOf(wheel: WheelName, target: Target): number | undefined {
  const minor = minorOf(target);
  let best: number | undefined;
  for (const platform of wheel.platforms) {
    for (const abi of wheel.abis) {
      for (const python of wheel.pythons) {
        const fit = fitOfTag(python, abi, platform, target, minor);
        if (fit !== undefined && fit < (best ?? Infinity)) best = fit;
      }
    }
  }
  return best;
}

/** What markers are compared with. */
export function markerWords({ python }: Target): MarkerWords {
  const version = python.split(".").slice(0, 2).join(".");
  return {
    python_version: version,
    python_full_version: python,
    implementation_version: python,
    implementation_name: "cpython",
    platform_python_implementation: "CPython",
    os_name: "posix",
    sys_platform: "emscripten",
    platform_system: "Emscripten",
    platform_machine: "wasm32",
    platform_release: "",
    platform_version: "",
  };
}

function fitOfTag(python: string, abi: string, platform: string, target: Target, minor: number) {
  if (platform !== "any" && platform !== target.platform) return undefined;
  const [, kind, of = ""] = /^(cp|py)3(\d*)$/.exec(python) ?? [];
  if (kind === undefined) return undefined;
  const native = platform !== "any";
  if (kind === "cp") {
    if (native && abi === `cp3${minor}`) return of === String(minor) ? 0 : undefined;
    if (native && abi === "abi3") return of !== "" && Number(of) >= 2 && Number(of) <= minor ? 1 : undefined;
    return abi === "none" && of === String(minor) ? (native ? 2 : 4) : undefined;
  }
  return abi === "none" && Number(of) <= minor ? (native ? 3 : 5) : undefined;
}

function minorOf({ python }: Target): number {
  const minor = /^3\.(\d+)/.exec(python)?.[1];
  if (minor === undefined) throw new Fault("bad_target", `Cannot choose packages for Python ${python}`);
  return Number(minor);
}
