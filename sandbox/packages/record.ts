/**
 * The list a wheel has of its own files and their hashes.
 *
 * @see https://packaging.python.org/specifications/binary-distribution-format/#the-dist-info-directory
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { type Member, unpack } from "./archive.ts";

/** Weaker ones the format does not allow either. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};

/**
 * Passes when every file of a wheel is in its list with the right hash; the list itself and its signatures need none.
 * @throws {Fault} code `bad_archive`.
 */
export async function checkRecord(
  archive: Uint8Array,
  members: readonly Member[],
  folder: string,
  record: Uint8Array,
): Promise<void> {
  const listed = new Map(
    new TextDecoder().decode(record).split(/\r?\n/).filter((line) => line !== "").map(parseLine),
  );
  const exempt = new Set(["RECORD", "RECORD.jws", "RECORD.p7s"].map((name) => `${folder}/${name}`));
  for (const member of members) {
    if (exempt.has(member.path)) continue;
    const hash = listed.get(member.path);
    const [, algorithm = "", digest] = /^(\w+)=([\w-]+)=*$/.exec(hash ?? "") ?? [];
    const known = ALGORITHMS[algorithm.toLowerCase()];
    if (known === undefined) throw bad(`it has no hash of ${member.path}`);
    const content = unpack(archive, member) as Uint8Array<ArrayBuffer>;
    const actual = new Uint8Array(await crypto.subtle.digest(known, content));
    if (actual.toBase64({ alphabet: "base64url", omitPadding: true }) !== digest) {
      throw bad(`${member.path} is not the file its list describes`);
    }
  }
}

/** `path,hash,size`; a path with a comma or a quote in it is written in quotes. */
function parseLine(line: string): [path: string, hash: string] {
  const quoted = /^"((?:[^"]|"")*)",([^,]*),/.exec(line);
  if (quoted !== null) return [quoted[1]!.replaceAll('""', '"'), quoted[2]!];
  const [path = "", hash = ""] = line.split(",");
  return [path, hash];
}

function bad(reason: string): Fault {
  return new Fault("bad_archive", `Cannot use the wheel: ${reason}`);
}
