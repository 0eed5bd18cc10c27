/**
 * Who asks over the network, as the checks at the door found out.
 *
 * @module
 */

/** Whoever asks. */
export interface Caller {
  /** What they start is kept under it and shown to nobody else. {@linkcode ANYONE} where nobody has to say who they are. */
  readonly owner: string;
  /** What their token allows; empty without one. */
  readonly scopes: readonly string[];
}

/** Whoever asks where nobody has to say who they are. */
export const ANYONE: Caller = { owner: "anyone", scopes: [] };

/** What the door hands to the protocols behind it: the environment of their Hono applications. */
export interface ServedEnv {
  Variables: {
    caller: Caller;
    /** The body, where the request has one and the door has read it; the request can be read too, at a cost. */
    body?: Uint8Array;
  };
}
