/**
 * Finding out who asks.
 *
 * @module
 */
import { ANYONE, type Caller } from "../../workspace/service/caller.ts";
import type { Refusal } from "./refusal.ts";

/** Who asks, or why that is not known well enough. */
export type Identity = { readonly caller: Caller } | { readonly refusal: Refusal };

/** Looks at the headers of a request. Never throws. */
export interface Gatekeeper {
  identify(headers: Headers): Identity | Promise<Identity>;
}

/** Asks nobody who they are. */
export const OPEN: Gatekeeper = { identify: () => ({ caller: ANYONE }) };

/** What stands behind `Bearer` in the header Authorization; undefined when there is nothing of the kind. */
export function bearerOf(headers: Headers): string | undefined {
  return /^bearer +([\x21-\x7e]+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** A challenge as RFC 6750 writes it. Values have no quotes. */
export function challenge(values: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}="${value}"`
  );
  return `Bearer ${said.join(", ")}`;
}
