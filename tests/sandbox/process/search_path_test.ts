import assert from "node:assert/strict";
import { findProgram, searchFolders } from "../../../sandbox/process/search_path.ts";
import { inFolder } from "../files/in_folder.ts";

Deno.test("programs are not looked for in the workspace, nor in folders relative to anything", () => {
  const path = "/usr/bin:.::bin:/ws/bin:/ws:/wsx:/opt/../ws:/usr/bin:/bin";
  assert.deepEqual(searchFolders(path, "/ws"), ["/usr/bin", "/wsx", "/bin"]);
  assert.deepEqual(searchFolders(path, "/ws/"), ["/usr/bin", "/wsx", "/bin"]);
});

Deno.test("a program is a file one may start, in the first folder that has it", () =>
  inFolder((folder) => {
    for (const name of ["a", "b", "c", "c/tool"]) Deno.mkdirSync(`${folder}/${name}`);
    for (const name of ["a", "b"]) Deno.writeTextFileSync(`${folder}/${name}/tool`, "", { mode: 0o644 });
    const folders = ["a", "missing", "c", "b"].map((name) => `${folder}/${name}`);
    assert.equal(findProgram("tool", folders), undefined);
    Deno.chmodSync(`${folder}/b/tool`, 0o755);
    assert.equal(findProgram("tool", folders), `${folder}/b/tool`);
  }));
