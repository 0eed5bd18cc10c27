/**
 * What the configuration says of tools: what they may be granted, and how Python runs.
 *
 * @module
 */
import type { Capability } from "../../protocols/messages/capability.ts";
import type { PolicyRule } from "../../sandbox/policy/rules.ts";
import type { ConfigFile } from "./schema.ts";

/** What tools may be handed. */
export interface ToolSettings {
  /** Tools that need more are denied. Default `FileRead`, `FileWrite` and `ShellExec`. */
  readonly granted: readonly Capability[];
  /** Where a tool with `Network` may connect to, "host" or "host:port". Default nowhere. */
  readonly hosts: readonly string[];
  /** About commands, beside those that hold by default. Default none. */
  readonly rules: readonly PolicyRule[];
}

/** How Python runs. What is absent is left to the interpreter. */
export interface PythonSettings {
  /** Milliseconds a call may take that does not say. */
  readonly timeoutMs?: number;
  /** Milliseconds a call may ask for. */
  readonly maxTimeoutMs?: number;
  /** MiB one session may use. */
  readonly memoryMb?: number;
  /** Bytes of stdout and stderr kept of one call. */
  readonly outputBytes?: number;
  /** Bytes of the value of one call. */
  readonly resultBytes?: number;
  /** Sessions open at once. */
  readonly sessions?: number;
  /** Interpreters kept ready; 0 is none. */
  readonly warm?: number;
  /** Calls within one another. */
  readonly recursion?: number;
  /** Packages that may be fetched, by name, and from which index. Default none. */
  readonly packages: { readonly allow: readonly string[]; readonly index?: string };
}

/** Reading and writing in the workspace, and commands as far as the policy lets them. */
const GRANTED: readonly Capability[] = ["FileRead", "FileWrite", "ShellExec"];

/** The sections `[tools]` and `[policy]`. */
export function toolSettings({ tools = {}, policy = {} }: ConfigFile = {}): ToolSettings {
  const { grant = GRANTED, hosts = [] } = tools;
  return { granted: grant, hosts, rules: policy.rules ?? [] };
}

/** The section `[python]`. */
export function pythonSettings({ packages = {}, ...limits }: ConfigFile["python"] = {}): PythonSettings {
  const { timeout, max_timeout: maxTimeout } = limits;
  return present({
    timeoutMs: timeout === undefined ? undefined : Math.ceil(timeout * 1000),
    maxTimeoutMs: maxTimeout === undefined ? undefined : Math.ceil(maxTimeout * 1000),
    memoryMb: limits.memory_mb,
    outputBytes: limits.output_bytes,
    resultBytes: limits.result_bytes,
    sessions: limits.sessions,
    warm: limits.warm,
    recursion: limits.recursion,
    packages: present({ allow: packages.allow ?? [], index: packages.index }),
  });
}

/** Without what is undefined. */
function present<T extends object>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T;
}
