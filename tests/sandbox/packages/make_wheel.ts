/**
 * Wheels as somebody would build them, good and bad.
 *
 * @module
 */
import { type Zippable, zipSync } from "fflate";

/** What is put into a wheel. */
export interface WheelParts {
  name: string;
  version?: string;
  /** The last three parts of the file name. Default "py3-none-any". */
  tags?: string;
  /** `Requires-Dist` lines. */
  requires?: string[];
  /** By path. Default a module of the package's name. */
  files?: Record<string, string | Uint8Array>;
  /** Added after the list of hashes was made. */
  unlisted?: Record<string, string>;
  /** Changed after the list of hashes was made. */
  changed?: Record<string, string>;
}

/** A finished wheel. */
export interface MadeWheel {
  name: string;
  version: string;
  file: string;
  bytes: Uint8Array<ArrayBuffer>;
  sha256: string;
  metadata: string;
}

/** Builds a wheel. */
export async function makeWheel(parts: WheelParts): Promise<MadeWheel> {
  const { name, version = "1.0", tags = "py3-none-any", requires = [] } = parts;
  const plain = name.replace(/[-_.]+/g, "_").toLowerCase();
  const info = `${plain}-${version}.dist-info`;
  const metadata = [
    "Metadata-Version: 2.1",
    `Name: ${name}`,
    `Version: ${version}`,
    ...requires.map((line) => `Requires-Dist: ${line}`),
    "",
    "Requires-Dist: not-a-field-of-the-head",
    "",
  ].join("\n");
  const files: Record<string, Uint8Array> = {};
  const put = (more: Record<string, string | Uint8Array>) => {
    for (const [path, content] of Object.entries(more)) {
      files[path] = typeof content === "string" ? new TextEncoder().encode(content) : content;
    }
  };
  put(parts.files ?? { [`${plain}/__init__.py`]: `NAME = ${JSON.stringify(name)}\n` });
  put({ [`${info}/METADATA`]: metadata, [`${info}/WHEEL`]: `Wheel-Version: 1.0\nTag: ${tags}\n` });
  const record = [];
  for (const [path, content] of Object.entries(files)) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content as Uint8Array<ArrayBuffer>));
    record.push(
      `${path},sha256=${hash.toBase64({ alphabet: "base64url", omitPadding: true })},${content.length}`,
    );
  }
  put({
    [`${info}/RECORD`]: [...record, `${info}/RECORD,,`, ""].join("\n"),
    ...parts.unlisted,
    ...parts.changed,
  });
  const bytes = zip(files);
  return {
    name,
    version,
    file: `${plain}-${version}-${tags}.whl`,
    bytes,
    sha256: await hashOf(bytes),
    metadata,
  };
}

/** A zip archive. */
export function zip(files: Zippable): Uint8Array<ArrayBuffer> {
  return zipSync(files, { mtime: new Date(2026, 0, 1) }) as Uint8Array<ArrayBuffer>;
}

/** SHA-256 in hexadecimal digits. */
export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
