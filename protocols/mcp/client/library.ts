/**
 * The MCP client library, loaded when first wanted: the main thread imports the modules of actors too.
 *
 * @module
 */

/** What it exports. */
export type Library = typeof import("@modelcontextprotocol/client");

/** Loads it. */
export async function loadLibrary(): Promise<Library> {
  return await import("@modelcontextprotocol/client");
}
