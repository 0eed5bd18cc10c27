/**
 * All of the standard input as one text.
 *
 * @module
 */
import { Fault } from "../messages/fault.ts";
import type { Surroundings } from "./surroundings.ts";

/** Longest text read from stdin, in bytes. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Reads it to its end; `what` it is goes into errors. @throws {Fault} code `usage` when it is longer than 8 MiB. */
export async function readStdin({ stdin }: Pick<Surroundings, "stdin">, what: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of stdin()) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      throw new Fault("usage", `Cannot read the ${what} from stdin: it is longer than ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
