# Leaks: what one session leaves behind and another finds.

# --- a name of the main module
#: sessionless
planted = "from the first"
# ... in a fresh interpreter
#: error exception
planted
# ... in a fresh interpreter
#: error exception
planted

# --- a name put among the builtins
#: sessionless
import builtins
builtins.planted = "from the first"
# ... in a fresh interpreter
#: error exception
planted

# --- a builtin patched
#: sessionless
import builtins
builtins.len = lambda _: 13
# ... in a fresh interpreter
#: value 3
len("abc")
# ... in a fresh interpreter
#: value 3
len("abc")

# --- a module patched
#: sessionless
import json
json.dumps = lambda *_, **__: "BREACH"
# ... in a fresh interpreter
#: value '[1]'
import json
json.dumps([1])

# --- a module left in sys.modules
#: sessionless
import sys, types
sys.modules["planted"] = types.ModuleType("planted")
sys.modules["math"] = types.SimpleNamespace(pi=3)
# ... in a fresh interpreter
#: value (False, 3.14159)
import math, sys
"planted" in sys.modules, round(math.pi, 5)

# --- an import hook left behind
#: sessionless
import sys
class Finder:
    def find_spec(self, name, *_):
        print("BREACH", name)
sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, lambda path: Finder())
# ... in a fresh interpreter
#: stdout ""
#: error exception
import nothing_of_this_name

# --- a module written into the library's folder
#: sessionless
import os, sys
for folder in sys.path:
    try:
        open(os.path.join(folder or ".", "planted_module.py"), "w").write("print('BREACH')")
    except OSError:
        pass
# ... in a fresh interpreter
#: message /ModuleNotFoundError/
import planted_module

# --- sitecustomize written everywhere
#: sessionless
import os
for folder in ("/", "/tmp", "/home", "/lib", "/lib/python3.14", "/lib/python3.14/site-packages", "/workspace"):
    for name in ("sitecustomize.py", "usercustomize.py", "planted.pth"):
        try:
            os.makedirs(folder, exist_ok=True)
            open(os.path.join(folder, name), "w").write("import sys; print('BREACH')\n")
        except OSError:
            pass
# ... in a fresh interpreter
#: value 'clean'
#: stdout ""
import site
site.main()
"clean"

# --- a file in /tmp
#: sessionless
open("/tmp/planted", "w").write("from the first")
# ... in a fresh interpreter
#: error exception
open("/tmp/planted").read()

# --- a file in the home folder, the root and the workspace
#: sessionless
import os
for folder in (os.path.expanduser("~"), "/", "/workspace", "."):
    try:
        open(os.path.join(folder, "planted"), "w").write("BREACH")
    except OSError:
        pass
# ... in a fresh interpreter
#: value []
import os
[f for f in (os.path.expanduser("~"), "/", "/workspace", ".") if os.path.exists(os.path.join(f, "planted"))]

# --- an environment variable
#: sessionless
import os
os.environ["PLANTED"] = "BREACH"
os.putenv("PLANTED2", "BREACH")
# ... in a fresh interpreter
#: value [None, None]
import os
[os.environ.get("PLANTED"), os.getenv("PLANTED2")]

# --- the working folder moved
#: sessionless
import os
os.makedirs("/tmp/elsewhere")
os.chdir("/tmp/elsewhere")
# ... in a fresh interpreter
#: value False
import os
"elsewhere" in os.getcwd()

# --- an exit handler
#: sessionless
import atexit
atexit.register(print, "BREACH")
# ... in a fresh interpreter
#: stdout ""
1

# --- a signal handler that swallows the limit
#: sessionless
import signal
signal.signal(signal.SIGINT, lambda *_: print("BREACH"))
# ... in a fresh interpreter
#: error timeout
#: stdout ""
while True:
    pass

# --- a task that runs on
#: sessionless
import asyncio
async def later():
    while True:
        print("noise")
        await asyncio.sleep(0.01)
task = asyncio.ensure_future(later())
await asyncio.sleep(0)
# ... in a fresh interpreter
#: stdout ""
import asyncio
await asyncio.sleep(0.1)

# --- a timer of the loop
#: sessionless
import asyncio
await asyncio.sleep(0)
asyncio.get_running_loop().call_later(0.05, print, "BRE" + "ACH")
# ... in a fresh interpreter
#: stdout ""
import asyncio
await asyncio.sleep(0.2)

# --- a context variable
#: sessionless
import contextvars
variable = contextvars.ContextVar("planted", default=None)
variable.set("BREACH")
# ... in a fresh interpreter
#: value []
import contextvars
[v.name for v in contextvars.copy_context() if v.name == "planted"]

# --- random numbers are not the same in two sessions
#: sessionless
import random, uuid
open("/tmp/first", "w").write(f"{random.random()} {uuid.uuid4()}")
# ... in a fresh interpreter
#: value 'other'
import random, os
first = (random.random(), os.urandom(8))
"other"

# --- the seed of random is nobody's
#: sessionless
#: not value 0.8444218515250481
import random
random.seed(0)
# ... in a fresh interpreter
#: not value 0.8444218515250481
import random
random.random()

# --- the recursion limit and the switch interval
#: sessionless
import sys
sys.setrecursionlimit(60)
sys.set_int_max_str_digits(0)
# ... in a fresh interpreter
#: value (True, 4300)
import sys
sys.getrecursionlimit() >= 200, sys.get_int_max_str_digits()

# --- the decimal context and the locale
#: sessionless
import decimal, locale
decimal.getcontext().prec = 3
decimal.DefaultContext.prec = 3
# ... in a fresh interpreter
#: value Decimal('0.3333333333333333333333333333')
import decimal
decimal.Decimal(1) / 3

# --- stdout replaced
#: sessionless
import sys, io
sys.stdout = sys.stderr = sys.__stdout__ = io.StringIO()
# ... in a fresh interpreter
#: stdout "seen\n"
print("seen")

# --- stdout closed, with its descriptors
#: sessionless
import sys, os
sys.stdout.close()
sys.stderr.close()
os.close(1)
os.close(2)
# ... in a fresh interpreter
#: stdout "seen\n"
#: stderr "seen too\n"
import sys
print("seen")
print("seen too", file=sys.stderr)

# --- garbage collection switched off, with a callback
#: sessionless
import gc
gc.disable()
gc.callbacks.append(lambda *_: print("BREACH"))
# ... in a fresh interpreter
#: value (True, 0)
#: stdout ""
import gc
gc.isenabled(), len([c for c in gc.callbacks if "lambda" in repr(c)])

# --- a class of the library patched
#: sessionless
import collections, pathlib
collections.OrderedDict.__repr__ = pathlib.PurePath.__str__ = lambda self: "BREACH"
# ... in a fresh interpreter
#: value 'OrderedDict({1: 2}) /a'
import collections, pathlib
f"{collections.OrderedDict({1: 2})} {pathlib.PurePosixPath('/a')}"

# --- objects of another session found by gc
#: sessionless
class Treasure:
    text = "BRE" + "ACH"
kept = [Treasure() for _ in range(10)]
# ... in a fresh interpreter
#: value []
import gc
[type(o).__name__ for o in gc.get_objects() if type(o).__name__ == "Treasure"]

# --- text of another session found in memory
#: sessionless
planted = "".join(["BRE", "ACH-in-", "memory-", "of-another"])
# ... in a fresh interpreter
#: not stdout /in-memory-of/
import ctypes
memory = ctypes.string_at(1024, 25_000_000)
at = memory.find("".join(["BRE", "ACH-in-", "memory-", "of-"]).encode())
print(memory[at:at + 30] if at >= 0 and b"another" in memory[at:at + 30] else "nothing")

# --- warnings, hooks and tracing left behind
#: sessionless
import sys, warnings, threading
sys.settrace(lambda *_: print("noise"))
sys.setprofile(lambda *_: print("noise"))
sys.excepthook = sys.displayhook = sys.unraisablehook = lambda *_: print("noise")
threading.excepthook = lambda *_: print("noise")
warnings.showwarning = lambda *_: print("noise")
# ... in a fresh interpreter
#: value 1
#: stdout ""
import warnings
warnings.warn("hello")
1

# --- an audit hook, which can never be removed
#: sessionless
import sys
sys.addaudithook(lambda event, args: print("BREACH") if event.startswith("open") else None)
# ... in a fresh interpreter
#: stdout ""
open("/tmp/x", "w").close()

# --- argv, path and flags
#: sessionless
import sys
sys.argv[:] = ["BREACH"]
sys.path.insert(0, "/BREACH")
sys.ps1 = "BREACH"
# ... in a fresh interpreter
#: value False
import sys
"BREACH" in str(sys.argv + sys.path)

# --- a name of a session
#: survives
planted = "from the first"
# ... in another session
#: error exception
planted
# ... in the same session
#: value 'from the first'
planted

# --- a file of a session
open("/tmp/planted", "w").write("from the first")
# ... in another session
#: error exception
open("/tmp/planted").read()
# ... in the same session
#: value 'from the first'
open("/tmp/planted").read()
