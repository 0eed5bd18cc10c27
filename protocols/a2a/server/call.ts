/**
 * Who calls, in which version, and until when somebody waits: what the SDK's handlers are told of a request.
 *
 * @module
 */
import type { Context } from "@hono/hono";
import { Extensions, HTTP_EXTENSION_HEADER } from "@a2a-js/sdk";
import { VersionNotSupportedError } from "@a2a-js/sdk/errors";
import { ServerCallContext } from "@a2a-js/sdk/server";
import { LEGACY_HTTP_EXTENSION_HEADER } from "@a2a-js/sdk/compat/v0_3";
import type { ServedEnv } from "../../../workspace/service/caller.ts";

/** What a server of this kind speaks. */
export type Version = "1.0" | "0.3";

/**
 * The version a request names in its header or query; null when it names none.
 * @throws {VersionNotSupportedError} for one that is not spoken here.
 */
export function versionOf(context: Context<ServedEnv>): Version | null {
  const named = (context.req.header("A2A-Version") || context.req.query("A2A-Version") || "").trim();
  if (named === "") return null;
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})(?:\.\d{1,5})?$/.exec(named) ?? [];
  if (major === "1" && minor === "0") return "1.0";
  if (major === "0" && (minor === "3" || minor === "2")) return "0.3";
  throw new VersionNotSupportedError(
    `A2A version '${named.slice(0, 40)}' is not supported; supported are 1.0 and 0.3`,
  );
}

/** What is handed through the SDK. `signal` is aborted when nobody waits for the answer any more. */
export function callOf(
  context: Context<ServedEnv>,
  version: Version,
  signal: AbortSignal,
  tenant?: string,
): ServerCallContext {
  const { owner } = context.get("caller");
  const named = (version === "0.3" ? context.req.header(LEGACY_HTTP_EXTENSION_HEADER) : undefined) ??
    context.req.header(HTTP_EXTENSION_HEADER);
  return new ServerCallContext({
    requestedVersion: version,
    requestedExtensions: Extensions.parseServiceParameter(named),
    user: { isAuthenticated: true, userName: owner },
    state: new Map<string, unknown>([["signal", signal], ["origin", new URL(context.req.url).origin]]),
    ...(tenant !== undefined && { tenant }),
  });
}

/** Whose call it is. */
export function ownerOf(call: ServerCallContext): string {
  return call.user?.userName ?? "";
}

/** Aborted when nobody waits for the answer any more. */
export function signalOf(call: ServerCallContext): AbortSignal {
  const signal = call.state.get("signal");
  return signal instanceof AbortSignal ? signal : new AbortController().signal;
}

/** Where the request went, "http://127.0.0.1:9999". */
export function originOf(call: ServerCallContext): string {
  return String(call.state.get("origin") ?? "");
}
