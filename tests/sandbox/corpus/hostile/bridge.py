# Bridge escapes: from Python to the JavaScript of the same worker.

# --- importing js
#: survives
import js
print("BREACH", js.globalThis)

# --- reading the environment through js
#: survives
import js
print("BREACH", js.Deno.env.get("TROUPE_CORPUS_SECRET"))

# --- reading a file through js
#: survives
import js
print(js.Deno.readTextFileSync("@folder@/secret.txt"))

# --- writing a file through js
#: survives
import js
js.Deno.writeTextFileSync("@folder@/written-by-js", "hello")

# --- the process object
#: survives
import js
print("BREACH", js.process.pid, js.process.env)

# --- importing pyodide_js
#: survives
import pyodide_js
print("BREACH", pyodide_js.FS, pyodide_js._api)

# --- pyodide.code.run_js
#: survives
from pyodide.code import run_js
print("BREACH", run_js("globalThis.constructor.name"))

# --- the core module under its own name
#: survives
import _pyodide_core
print("BREACH", _pyodide_core.run_js("1 + 1"), _pyodide_core.JsProxy)

# --- the core module's names through pyodide.ffi
#: survives
from pyodide.ffi import create_proxy, to_js, JsProxy, run_sync
print("BREACH", to_js([1]).constructor.constructor("return globalThis")())

# --- a Function made from any proxy's constructor
#: survives
import gc, sys
for found in gc.get_objects():
    if type(found).__name__ in ("JsProxy", "JsModule") or "Js" in type(found).__name__:
        try:
            print("BREACH", found.constructor.constructor("return globalThis")())
        except AttributeError:
            pass

# --- proxies among the globals of every module
#: survives
import sys
for name, module in list(sys.modules.items()):
    for key, value in list(getattr(module, "__dict__", {}).items()):
        if type(value).__name__ in ("JsProxy", "JsBuffer", "JsCallable", "JsArray", "JsMap"):
            made = value.constructor.constructor("return 6 * 7")()
            print("BREACH", name, key, made)

# --- subclasses of object that are proxies
#: survives
def below(cls, seen):
    for sub in type.__subclasses__(cls):
        if sub not in seen:
            seen.add(sub)
            below(sub, seen)
    return seen

import gc
for cls in below(object, set()):
    if "Js" in cls.__name__:
        for found in gc.get_referrers(cls):
            if type(found) is cls:
                print("BREACH", found.constructor.constructor("return 6 * 7")())

# --- frames below this one
#: survives
import sys
frame = sys._getframe()
while frame is not None:
    for scope in (frame.f_globals, frame.f_locals):
        for key, value in list(scope.items()):
            if type(value).__name__ == "JsProxy":
                print("BREACH", key, value.constructor.constructor("return 6 * 7")())
            if key == "run_js":
                print("BREACH", value("6 * 7"))
    frame = frame.f_back

# --- closures and defaults of every function
#: survives
import gc, types
for function in gc.get_objects():
    if isinstance(function, types.FunctionType):
        cells = [c.cell_contents for c in function.__closure__ or () if c != types.CellType()]
        for value in cells + list(function.__defaults__ or ()):
            if type(value).__name__ in ("JsProxy", "JsCallable"):
                print("BREACH", function.__qualname__, value.constructor("return 6 * 7")())

# --- modules taken out of sys.modules and imported again
#: survives
import sys, importlib
for name in ["js", "pyodide_js", "pyodide", "pyodide.ffi", "pyodide.code", "_pyodide", "_pyodide_core", "pyodide.http"]:
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(name)
        run = getattr(module, "run_js", None) or module.eval
        print("BREACH", name, run("6 * 7"))
    except (ImportError, AttributeError):
        pass

# --- the JavaScript finder rebuilt from its source
#: survives
import sys, importlib.util, os
for root in sys.path:
    for name in ("_pyodide/_importhook.py", "_pyodide/_base.py"):
        path = os.path.join(root, name)
        if os.path.exists(path):
            spec = importlib.util.spec_from_file_location("hook", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            finder = module.JsFinder()
            module.jsfinder = finder
            finder.register_js_module("js2", {})
            sys.meta_path.insert(0, finder)
            import js
            print("BREACH", js.globalThis)

# --- pyodide's sources out of the zip
#: survives
import sys, zipimport, zipfile, types
for root in sys.path:
    if root.endswith(".zip") and zipfile.is_zipfile(root):
        with zipfile.ZipFile(root) as archive:
            for name in archive.namelist():
                if name.startswith(("pyodide/code", "pyodide/ffi", "_pyodide/")) and name.endswith((".py", ".pyc")):
                    module = zipimport.zipimporter(root).load_module(name.rsplit(".", 1)[0].replace("/", "."))
                    if hasattr(module, "run_js"):
                        print("BREACH", module.run_js("1 + 1"))

# --- a builtin module made again by _imp
#: survives
import _imp, importlib.machinery
spec = importlib.machinery.ModuleSpec("_pyodide_core", None)
for name in ("_pyodide_core", "_pyodide_js", "js", "_emscripten"):
    spec.name = name
    if _imp.is_builtin(name):
        module = _imp.create_builtin(spec)
        _imp.exec_builtin(module)
        print("BREACH", module, module.run_js("1 + 1"))

# --- BuiltinImporter and FrozenImporter asked directly
#: survives
from importlib.machinery import BuiltinImporter, FrozenImporter
for importer in (BuiltinImporter, FrozenImporter):
    for name in ("_pyodide_core", "js", "pyodide_js", "_pyodide_core.JsProxy"):
        if importer.find_spec(name) is not None:
            print("BREACH", importer.load_module(name).run_js("1 + 1"))

# --- JsException and friends in exception classes
#: survives
def all_below(cls):
    for sub in cls.__subclasses__():
        yield sub
        yield from all_below(sub)

for cls in all_below(BaseException):
    if "Js" in cls.__name__:
        print("BREACH", cls("text").constructor.constructor("return 6 * 7")())

# --- the event loop's way to timers
#: survives
import asyncio
loop = asyncio.get_event_loop()
for name in dir(loop):
    value = getattr(type(loop), name, None)
    scope = getattr(value, "__globals__", {})
    for key in ("setTimeout", "setInterval", "scheduleCallback", "js", "run_js", "create_once_callable"):
        if scope.get(key) is not None and "Js" in type(scope[key]).__name__:
            print("BREACH", name, key, scope[key].constructor.constructor("return 6 * 7")())

# --- a promise awaited
#: survives
from js import Promise, fetch
answer = await fetch("http://127.0.0.1:@port@/awaited")
print(await answer.text())

# --- JavaScript's import of node's modules
#: survives
from pyodide.code import run_js
fs = await run_js("import('node:fs')")
print(fs.readFileSync("@folder@/secret.txt", "utf8"))

# --- a child process through node
#: survives
from pyodide.code import run_js
node = await run_js("import('node:child_process')")
print(node.execSync("cat @folder@/secret.txt; touch @folder@/touched").toString())

# --- a worker of one's own
#: survives
from pyodide.code import run_js
print("BREACH", run_js("new Worker('data:text/javascript,postMessage(1)', {type: 'module'})"))

# --- the flags of the engine
#: survives
from pyodide.code import run_js
v8 = await run_js("import('node:v8')")
v8.setFlagsFromString("--no-opt")
print("BREACH", v8.getHeapStatistics())

# --- the interrupt buffer switched off
#: error timeout stopped
try:
    import pyodide_js
    pyodide_js.setInterruptBuffer(None)
except ImportError:
    pass
while True:
    pass

# --- the interpreter loads itself again
#: survives
import pyodide_js
pyodide_js._module.callMain(pyodide_js._module.ENV)
pyodide_js.runPython("print('BRE' + 'ACH')")

# --- eval_code and CodeRunner of pyodide
#: survives
from pyodide.code import CodeRunner, eval_code
import pyodide_js
eval_code("import js\nprint('BREACH', js.location)", {})

# --- names of pyodide in builtins and in the main module
#: survives
import builtins, sys
for scope in (vars(builtins), vars(sys.modules["__main__"]), vars(sys)):
    for key, value in list(scope.items()):
        if key == "js" or type(value).__name__ == "JsProxy":
            print("BREACH", key, value.constructor.constructor("return 6 * 7")())
