/**
 * Where the cards are, with what caches need to keep them.
 *
 * @module
 */
import type { Context } from "@hono/hono";
import { A2AError, restStatusFor, toRestErrorBody } from "@a2a-js/sdk/errors";
import type { ServedEnv } from "../../../workspace/service/caller.ts";
import { versionOf } from "./call.ts";
import { cardAt, type CardOptions, currentCard, legacyCard } from "./cards.ts";

/** How long a card may be kept, in seconds. */
const MAX_AGE = 300;

/** What {@linkcode cardRoutes} needs. */
export interface CardRoutesOptions extends CardOptions {
  /** Absolute, without a slash at its end; default where the request went. */
  readonly baseUrl?: string;
  /** When the cards were made. */
  readonly madeAt: Date;
}

/** Answers with a card. */
export type CardRoute = (context: Context<ServedEnv>) => Promise<Response>;

/** `current` is of 1.0 unless the request says 0.3; `legacy` is always of 0.3. */
export function cardRoutes(options: CardRoutesOptions): { current: CardRoute; legacy: CardRoute } {
  const { baseUrl, madeAt } = options;
  const card = (context: Context<ServedEnv>) => cardAt(baseUrl ?? new URL(context.req.url).origin, options);
  return {
    async current(context) {
      try {
        const legacy = versionOf(context) === "0.3";
        return await answer(
          context,
          legacy ? await legacyCard(card(context)) : currentCard(card(context)),
          madeAt,
        );
      } catch (error) {
        if (!(error instanceof A2AError)) throw error;
        const status = restStatusFor(error);
        return Response.json(toRestErrorBody(error, status), { status });
      }
    },
    legacy: async (context) => await answer(context, await legacyCard(card(context)), madeAt),
  };
}

async function answer(context: Context<ServedEnv>, card: unknown, madeAt: Date): Promise<Response> {
  const body = JSON.stringify(card);
  const etag = await etagOf(body);
  const headers = {
    "Content-Type": "application/json",
    "Cache-Control": `public, max-age=${MAX_AGE}`,
    "ETag": etag,
    "Last-Modified": madeAt.toUTCString(),
    "Vary": "A2A-Version, Host",
  };
  const known = context.req.header("If-None-Match");
  const since = Date.parse(context.req.header("If-Modified-Since") ?? "");
  const fresh = known === undefined
    ? since >= Math.floor(madeAt.getTime() / 1000) * 1000
    : matches(known, etag);
  return fresh ? new Response(null, { status: 304, headers }) : new Response(body, { headers });
}

async function etagOf(body: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  return `"${new Uint8Array(digest).toHex().slice(0, 32)}"`;
}

function matches(known: string, etag: string): boolean {
  const tags = known.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}
