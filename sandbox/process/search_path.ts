/**
 * Which programs a command can name, and the environment it gets.
 *
 * @module
 */

/** Where programs are looked for unless somebody says otherwise. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The folders of a PATH, in order. Relative ones and those inside the workspace are left out: a program the model
 * wrote must not be taken for one of the system's because of its name.
 */
export function searchFolders(path: string, workspace: string): string[] {
  const own = workspace.replace(/\/+$/, "");
  const folders = path.split(":").filter((folder) =>
    folder.startsWith("/") && !`${folder}/`.startsWith(`${own}/`) && !folder.includes("/..")
  );
  return [...new Set(folders)];
}

/** Absolute path of that program in the first folder that has it; undefined when none has. Needs to read the folders. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => `${folder}/${name}`).find(isProgram);
}

/** Whether there is a file one can start. */
export function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}

/** The whole environment of a command: nothing of this process's own is in it. */
export function cleanEnvironment(workspace: string, folders: readonly string[]): Record<string, string> {
  return { PATH: folders.join(":"), HOME: workspace, LANG: "C.UTF-8", TERM: "dumb" };
}
