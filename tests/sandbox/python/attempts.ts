/**
 * Ways out of Python, for a machine with a bait laid out on it.
 *
 * @module
 */
import { SECRET_VARIABLE } from "../corpus/bait.ts";

/** Text of JavaScript that gets at something when nothing keeps it. Values and promises alike. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  "read a file": 'Deno.readTextFileSync("@folder@/secret.txt")',
  "read a file by its link": 'Deno.readTextFileSync("/proc/self/cwd/../../../../@folder@/secret.txt")',
  "list a folder and read it":
    'Array.from(Deno.readDirSync("@folder@"), ({ name }) => Deno.readTextFileSync("@folder@/" + name))',
  "read through Node": 'import("node:fs").then((fs) => fs.readFileSync("@folder@/secret.txt", "utf8"))',
  "write a file": 'Deno.writeTextFileSync("@folder@/planted", "x")',
  "write through Node": 'import("node:fs").then((fs) => fs.writeFileSync("@folder@/planted", "x"))',
  "remove a file": 'Deno.renameSync("@folder@/secret.txt", "@folder@/gone")',
  "read the environment": `Deno.env.get("${SECRET_VARIABLE}")`,
  "read the environment through Node": `import("node:process").then((p) => p.default.env.${SECRET_VARIABLE})`,
  "ask a server": 'fetch("http://127.0.0.1:@port@/fetched").then((answer) => answer.text())',
  "connect to a server":
    'Deno.connect({ port: @port@ }).then(async (c) => (await c.write(new TextEncoder().encode("GET /socket HTTP/1.0\\r\\n\\r\\n")), await c.read(new Uint8Array(9)), c.close()))',
  "run a program":
    'new TextDecoder().decode(new Deno.Command("/bin/cat", { args: ["@folder@/secret.txt"] }).outputSync().stdout)',
  "run a program through Node":
    'import("node:child_process").then((c) => c.execFileSync("/bin/cat", ["@folder@/secret.txt"], { encoding: "utf8" }))',
  "start a worker that may": `new Promise((yes, no) => {
    const text = "postMessage(Deno.readTextFileSync('@folder@/secret.txt'))";
    const worker = new Worker("data:text/javascript," + encodeURIComponent(text), { type: "module", deno: { permissions: { read: true } } });
    worker.onmessage = ({ data }) => yes(data);
    worker.onerror = (event) => (event.preventDefault(), no(event.message));
  })`,
};

/** Python text that runs the text of JavaScript in `script`, by which door. */
export const DOORS: Readonly<Record<string, string>> = {
  "a constructor": "from pyodide.ffi import to_js\nto_js([1]).constructor.constructor('return ' + script)()",
  "ctypes": "import ctypes\nctypes.CDLL(None).emscripten_run_script(script.encode())",
};

/** Python text that needs no JavaScript. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  "open": 'open("@folder@/secret.txt").read()',
  "passwd": 'open("/etc/passwd").read()',
  "listdir": 'import os\nos.listdir("@folder@")[0]',
  "environ": `import os\nos.environ["${SECRET_VARIABLE}"]`,
  "system": 'import os\nos.system("cat @folder@/secret.txt > @folder@/planted")',
  "popen": 'import os\nos.popen("cat @folder@/secret.txt").read()',
  "subprocess":
    'import subprocess\nsubprocess.run(["/bin/cat", "@folder@/secret.txt"], capture_output=True).stdout',
  "exec": 'import os\nos.execv("/bin/cat", ["cat", "@folder@/secret.txt"])',
  "fork": "import os\nos.fork()",
  "C system": 'import ctypes\nctypes.CDLL(None).system(b"cat @folder@/secret.txt > @folder@/planted")',
  "socket":
    'import socket\nsocket.create_connection(("127.0.0.1", @port@), 1).send(b"GET /socket HTTP/1.0\\r\\n\\r\\n")',
  "urlopen": 'import urllib.request\nurllib.request.urlopen("http://127.0.0.1:@port@/urlopen").read()',
  "run_js": "from pyodide.code import run_js\nrun_js('1')",
  "import js": "import js\njs.Deno",
  "pyodide_js": "import pyodide_js\npyodide_js._api",
  "pyfetch": 'from pyodide.http import open_url\nopen_url("http://127.0.0.1:@port@/pyodide").read()',
  "the core again":
    "import _imp, importlib.machinery as m\ncore = _imp.create_builtin(m.ModuleSpec('_pyodide_core', None))\n_imp.exec_builtin(core)\ncore.run_js",
  "a script":
    'import ctypes\nf = ctypes.CDLL(None).emscripten_run_script_string\nf.restype = ctypes.c_char_p\nf(b"1 + 1")',
  "a worker": 'import ctypes\nctypes.CDLL(None).emscripten_create_worker(b"http://127.0.0.1:@port@/worker")',
  "a library":
    'open("x.so", "wb").write(b"\\0asm\\1\\0\\0\\0")\nimport ctypes\nctypes.CDLL("/workspace/x.so").f()',
  "another process": "import os\nos.kill(@pid@, 9)",
};

/** Python text that runs a script by a door; what comes of it is `globalThis.pending` there. */
export function throughDoor(door: string, script: string): string {
  const assigned = `globalThis.pending = (async () => (${script}))()`;
  return `script = ${JSON.stringify(assigned)}\n${DOORS[door]}\nNone`;
}
