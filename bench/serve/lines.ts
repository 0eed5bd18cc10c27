/**
 * Lines out of a stream of bytes.
 *
 * @module
 */

/** Each line without its end; what follows the last end is left out. */
export async function* lines(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  let text = "";
  for await (const chunk of bytes.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) {
    const parts = (text + chunk).split("\n");
    text = parts.pop()!;
    yield* parts;
  }
}
