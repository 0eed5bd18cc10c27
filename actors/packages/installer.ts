/**
 * The actor that installs Python packages. It alone reaches the package index; whoever runs Python gets bytes from it.
 * Start it with {@linkcode packagesGrant} of its options.
 *
 * @module
 */
import { Packages } from "../../protocols/messages/packages.ts";
import {
  type ActorDefinition,
  defineActor,
  later,
  type StreamContext,
} from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { Installation } from "./installation.ts";
import type { PackageOptions } from "./package_options.ts";

/** Bytes in a piece: 1 MiB of base64. A multiple of 3, so that pieces can be put together as text too. */
const PIECE_BYTES = 768 * 1024;

/** Installs packages and gives out their files. */
export const packageInstaller: ActorDefinition<typeof Packages, PackageOptions> = defineActor({
  module: import.meta.url,
  protocol: Packages,
  init: async (options: PackageOptions) => new (await import("./installation.ts")).Installation(options),
  handle: {
    provide: (state, { imports }, context) => later(state, state.provide(imports, context)),
    wheels: (state, { names }, context) => later(state, state.wheels(names, context)),
    bytes: (state, { sha256 }, context) => later(state, sendFile(state, sha256, context)),
  },
});

async function sendFile(
  state: Installation,
  sha256: string,
  context: StreamContext<string>,
): Promise<number> {
  const bytes = await state.bytes(sha256, context);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    await context.send(bytes.subarray(at, at + PIECE_BYTES).toBase64());
  }
  return bytes.length;
}

if (import.meta.main) serve(packageInstaller);
