# Crashes of the interpreter: the session may be gone, everybody else is as before.

# --- abort
#: error stopped denied
import os
os.abort()

# --- _exit
#: error stopped exception denied
import os
os._exit(3)

# --- exit of the C library
#: error stopped exception denied
import ctypes
ctypes.CDLL(None).exit(5)

# --- sys.exit
#: error exception stopped
#: survives
import sys
sys.exit(3)

# --- exit with a text of a megabyte
#: error exception stopped
#: survives
raise SystemExit("x" * 1_000_000)

# --- exit with an object that cannot be shown
#: error exception stopped
#: survives
class Bad:
    def __str__(self):
        raise ValueError
    __repr__ = __str__
raise SystemExit(Bad())

# --- quit of the site
#: survives
quit()

# --- exit from a task
#: survives
import asyncio
async def leave():
    raise SystemExit(1)
await asyncio.gather(leave(), asyncio.sleep(0.01))

# --- a pointer to nothing
#: error stopped exception denied
import ctypes
ctypes.cast(4, ctypes.POINTER(ctypes.py_object))[0].nothing

# --- recursion without a limit
#: limit 2000
#: error exception stopped memory timeout
import sys
try:
    sys.setrecursionlimit(10**9)
except (RecursionError, OverflowError):
    pass
def deeper():
    deeper()
deeper()

# --- recursion with the limit as it is
#: error exception
#: message /RecursionError/
#: survives
def deeper():
    return deeper() + 1
deeper()

# --- recursion in repr
#: error exception stopped memory timeout
import sys
sys.setrecursionlimit(10**6)
class Deep:
    def __repr__(self):
        return repr(self)
Deep()

# --- recursion in eq and hash
#: error exception stopped memory timeout
import sys
sys.setrecursionlimit(10**6)
class Deep:
    def __eq__(self, other):
        return self == other
    def __hash__(self):
        return hash(self)
Deep() == Deep()

# --- recursion in getattr
#: error exception stopped memory timeout
import sys
sys.setrecursionlimit(10**6)
class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")
Deep().a

# --- recursion through C: map in map
#: error exception stopped memory none timeout
it = iter([1])
for _ in range(100_000):
    it = map(int, it)
list(it)

# --- recursion through C: a list in a list
#: error exception stopped memory none timeout
nested = []
for _ in range(200_000):
    nested = [nested]
repr(nested)

# --- a deep object dropped
#: error exception stopped memory none timeout
nested = None
for _ in range(1_000_000):
    nested = (nested,)
del nested

# --- deep nesting for the parser
#: survives
#: error exception stopped memory timeout
eval("(" * 100_000 + ")" * 100_000)

# --- deep nesting for the compiler
#: error exception stopped memory timeout
import ast
tree = ast.Constant(1)
for _ in range(100_000):
    tree = ast.UnaryOp(ast.USub(), tree)
compile(ast.fix_missing_locations(ast.Expression(tree)), "x", "eval")

# --- deep nesting for json, pickle and copy
#: error exception stopped memory timeout
import json, pickle, copy
nested = []
for _ in range(100_000):
    nested = [nested]
for action in (json.dumps, pickle.dumps, copy.deepcopy):
    try:
        action(nested)
    except RecursionError:
        pass
json.loads("[" * 100_000)

# --- a long chain of operators
#: limit 2000
#: error exception stopped memory none timeout
eval("-" * 100_000 + "1")

# --- a regular expression nested deeply
#: error exception stopped memory none timeout
import re
re.compile("(" * 5_000 + ")" * 5_000)

# --- bytecode out of thin air
#: error exception stopped denied none timeout
import types
def f():
    return 1
for data in (b"\x64\xff" * 20, b"\x01\x00" * 10, bytes(range(0, 250, 2)) * 2, b"\x53\x00"):
    try:
        types.FunctionType(f.__code__.replace(co_code=data, co_stacksize=2), {})()
    except Exception:
        pass

# --- bytecode that reads constants it has not
#: error exception stopped denied none timeout
import types
def f():
    return 1
types.FunctionType(f.__code__.replace(co_consts=(), co_names=(), co_varnames=()), {})()

# --- frames cleared while they run
#: survives
#: error exception stopped none
import sys
def f():
    try:
        sys._getframe(1).clear()
    except RuntimeError:
        pass
    return sys._getframe()
f().clear()

# --- faulthandler
#: error exception stopped none denied
import faulthandler
faulthandler._sigsegv()

# --- faulthandler's stack overflow
#: error exception stopped none denied
import faulthandler
faulthandler._stack_overflow()

# --- fatal error of faulthandler
#: error exception stopped none denied
import faulthandler
faulthandler._fatal_error_c_thread() if hasattr(faulthandler, "_fatal_error_c_thread") else faulthandler._fatal_error(b"x")

# --- the testing modules of CPython
for name in ("_testcapi", "_testinternalcapi", "_testlimitedcapi"):
    try:
        __import__(name).crash_no_current_thread()
    except (ImportError, AttributeError):
        pass

# --- subinterpreters
import _interpreters
number = _interpreters.create()
_interpreters.run_string(number, "import os; os.abort()")

# --- gc that finds what is being freed
#: error exception stopped none
import gc
class A:
    def __del__(self):
        self.me = self
        gc.collect()
for _ in range(100):
    a = A()
    a.b = a
    del a
gc.collect()

# --- a dictionary that changes while it is compared
#: survives
#: error exception stopped none
class Evil:
    def __eq__(self, other):
        table.clear()
        return True
    def __hash__(self):
        return 1
table = {Evil(): 1}
for _ in range(100):
    table[Evil()] = Evil()
table == {Evil(): 2}

# --- a list that shrinks while it is sorted
#: survives
#: error exception stopped none
class Evil:
    def __lt__(self, other):
        items.clear()
        return True
items = [Evil() for _ in range(100)]
items.sort()

# --- a memoryview of what is gone
#: error exception stopped none denied
import ctypes
buffer = (ctypes.c_char * 10).from_address(0xFFFFFFF0)
bytes(memoryview(buffer))

# --- a thread state destroyed
#: error stopped exception denied
import ctypes
ctypes.pythonapi.PyThreadState_Clear(ctypes.pythonapi.PyThreadState_Get())
ctypes.pythonapi.PyEval_SaveThread()
print("no thread")
