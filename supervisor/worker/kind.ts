/**
 * Of which kind the workers of an actor are: those of one kind can stand in for each other.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ActorDefinition } from "../actor/define.ts";
import type { Grant } from "../actor/grant.ts";
import { PROCESS_HOST, processSpec } from "../process/launch.ts";
import type { ChildSettings } from "../tree/spec.ts";
import type { WorkerKind } from "./create.ts";

/** The kind of an actor. @throws {Fault} code `needs_process`, `no_provider`. */
export function workerKind(actor: ActorDefinition, grant: Grant, settings: ChildSettings): WorkerKind {
  const { isolation, module, provider, protocol } = actor;
  if (provider === undefined && settings.provisions !== undefined) {
    throw new Fault("no_provider", `Cannot start "${protocol.name}": it has provisions and no provider`);
  }
  if (isolation === "process") {
    const process = processSpec(actor, grant, settings);
    return { module: PROCESS_HOST, grant: { run: [process.command] }, process };
  }
  if (provider === undefined) return { module, grant };
  const why = 'it has a provider, which needs isolation "process"';
  throw new Fault("needs_process", `Cannot start "${protocol.name}": ${why}`);
}
