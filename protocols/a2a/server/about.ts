/**
 * What this program says of itself on its card.
 *
 * @module
 */
import type { About } from "./cards.ts";

/** The agent of this workspace. */
export const TROUPE: Omit<About, "version"> = {
  name: "Troupe",
  description:
    "A team of agents on this machine: it plans, runs Python in a sandbox, reads and changes the files of its " +
    "workspace, gives work to sub-agents, and asks before it does what is not simply allowed.",
  skills: [
    {
      id: "run_task",
      name: "Run a task",
      description: "Works on a task in words until it is answered; tells what it does meanwhile.",
      tags: ["task", "agent", "planning"],
      examples: ["What is 2+2?", "Summarise the files in docs/ in ten lines"],
    },
    {
      id: "execute_python",
      name: "Write and run Python",
      description:
        "Writes Python, runs it in a sandbox without network, and answers with what came out and the pictures it drew.",
      tags: ["python", "code", "data", "sandbox"],
      examples: ["Sort [38, 27, 43, 3, 9, 82, 10] with merge sort", "Draw the sine function"],
    },
    {
      id: "edit_workspace",
      name: "Read and change files",
      description: "Reads, writes and patches the text files of its workspace.",
      tags: ["files", "patch", "code"],
      examples: ["Add a test for the parser"],
    },
  ],
};
