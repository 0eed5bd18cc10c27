/** What took over the main thread of an actor's process would do: it writes lines of its own under the kernel's name. */
import type { Provided } from "../../supervisor/actor/define.ts";

/** Lines that are written with the log line "now"; "KEY" in them is the word by which the host knows the kernel. */
export interface Hostility {
  lines?: string[];
  /** Bytes that are written to standard output, or to standard error, without an end of line. */
  flood?: { to: "stdout" | "stderr"; bytes: number };
  /** Bytes of memory that are taken. */
  memory?: number;
}

const kept: Uint8Array[] = [];

export function provide(provisions: unknown): Promise<Provided> {
  const { lines = [], flood, memory = 0 } = provisions as Hostility;
  const { encode } = TextEncoder.prototype;
  TextEncoder.prototype.encode = function (text = "") {
    if (!text.includes('"message":"now"')) return encode.call(this, text) as Uint8Array<ArrayBuffer>;
    kept.push(new Uint8Array(memory).fill(1));
    if (flood?.to === "stderr") Deno.stderr.writeSync(new Uint8Array(flood.bytes).fill(65));
    const said = lines.map((line) => line.replace("KEY", text.slice(0, 36)) + "\n").join("");
    const more = flood?.to === "stdout" ? text.slice(0, 36) + "x".repeat(flood.bytes) : "";
    return encode.call(this, said + more + text) as Uint8Array<ArrayBuffer>;
  };
  return Promise.resolve({ value: null });
}
