/**
 * Asks whether an Ollama answers.
 *
 * @module
 */
import { z } from "zod";

/** How long an Ollama may take to answer, in milliseconds; a local one needs a few. */
const LIMIT_MS = 500;

const Tags = z.object({ models: z.array(z.object({ name: z.string().min(1) })) });

/**
 * The first model of the Ollama at `baseUrl` ("http://localhost:11434"); undefined when nothing there answers
 * like an Ollama within 500 ms, or it has no model.
 */
export async function probeOllama(
  baseUrl: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<{ model: string } | undefined> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LIMIT_MS);
  try {
    const response = await fetch(`${baseUrl}/api/tags`, { signal: abort.signal, redirect: "error" });
    if (!response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    const model = Tags.safeParse(await response.json()).data?.models[0]?.name;
    return model === undefined ? undefined : { model };
  } catch {
    return undefined; // refused, too late or not JSON: whatever it is, it is no Ollama to use
  } finally {
    clearTimeout(timer);
  }
}
