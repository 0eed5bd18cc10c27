/**
 * Names of packages, which have many spellings and one meaning.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";

const NAME = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i;

/**
 * The one spelling of a package's name: lower case, with single dashes. "Ruamel.YAML" is "ruamel-yaml".
 *
 * @throws {Fault} code `bad_name` when no package can be called so.
 * @see https://peps.python.org/pep-0503/#normalized-names
 */
export function normalizeName(name: string): string {
  if (name.length > 128 || !NAME.test(name)) {
    throw new Fault("bad_name", `Cannot use ${JSON.stringify(name.slice(0, 128))} as the name of a package`);
  }
  return name.replace(/[-_.]+/g, "-").toLowerCase();
}
