/**
 * What a program must not get at: a secret in the environment, in a file and behind a server of this machine, and a
 * folder in which nothing may change.
 *
 * @module
 */

/** The variable of this process that holds the secret. */
export const SECRET_VARIABLE = "TROUPE_CORPUS_SECRET";

/** One for each program that runs at a time, so that what is touched tells who did it. */
export interface Bait {
  /** The code of a step, with this bait's places in it. */
  place(code: string): string;
  /** What was touched since the last time this was asked. */
  touched(): string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Lays one out. `secret` is what may never be told. */
export async function layBait(secret: string): Promise<Bait> {
  const folder = await Deno.makeTempDir({ prefix: "troupe-corpus-" });
  await Deno.writeTextFile(`${folder}/secret.txt`, secret);
  const hits: string[] = [];
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    hits.push(`the server was asked for ${new URL(request.url).pathname}`);
    return new Response(secret, { headers: { "access-control-allow-origin": "*" } });
  });
  const { port } = http.addr;
  let known = state(folder);
  return {
    place: (code) =>
      code.replaceAll("@folder@", folder).replaceAll("@port@", String(port)).replaceAll(
        "@pid@",
        String(Deno.pid),
      ),
    touched() {
      const now = state(folder);
      const changed = now === known ? [] : [`the folder was ${known} and is ${now}`];
      known = now;
      return [...hits.splice(0), ...changed];
    },
    async [Symbol.asyncDispose]() {
      await http.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A secret no program can guess. */
export function newSecret(): string {
  return `loot-${crypto.randomUUID()}`;
}

function state(folder: string): string {
  const files = [...Deno.readDirSync(folder)].map(({ name }) => {
    const { size, mtime, mode } = Deno.lstatSync(`${folder}/${name}`);
    return `${name} ${size} ${mtime?.getTime()} ${mode}`;
  });
  return JSON.stringify(files.sort());
}
