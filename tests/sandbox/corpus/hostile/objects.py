# Hostile objects and exceptions: they wait for the runner to look at them.

# --- a value whose repr raises
#: error exception
#: survives
class Bad:
    def __repr__(self):
        raise ValueError("no repr")
Bad()

# --- a value whose repr raises SystemExit
#: error exception stopped
#: survives
class Bad:
    def __repr__(self):
        raise SystemExit(7)
Bad()

# --- a value whose repr raises KeyboardInterrupt
#: error exception stopped timeout
#: survives
class Bad:
    def __repr__(self):
        raise KeyboardInterrupt
Bad()

# --- a value whose repr loops
#: error timeout
#: survives
class Bad:
    def __repr__(self):
        while True:
            pass
Bad()

# --- a value whose repr loops and swallows
#: error timeout stopped
class Bad:
    def __repr__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
Bad()

# --- a value whose repr is no text
#: error exception
#: survives
class Bad:
    def __repr__(self):
        return 42
Bad()

# --- a value whose repr is a hundred megabytes
#: limit 3000
#: error none memory
class Bad:
    def __repr__(self):
        return "r" * 100_000_000
Bad()

# --- a value whose repr is a text with its own mind
#: error none exception
#: survives
class Text(str):
    def encode(self, *_, **__):
        return "BREACH"
    def __len__(self):
        return -1
    def __getitem__(self, _):
        return "BREACH"
    def __str__(self):
        raise ValueError
class Bad:
    def __repr__(self):
        return Text("text")
Bad()

# --- a value with no class to speak of
#: error none exception
#: survives
class Meta(type):
    def __getattribute__(cls, name):
        raise SystemExit(name)
    def __repr__(cls):
        raise SystemExit("repr")
class Bad(metaclass=Meta):
    def __getattribute__(self, name):
        raise SystemExit(name)
    __class__ = property(lambda self: 1 / 0)
Bad()

# --- an exception whose str raises
#: error exception
#: survives
class Bad(Exception):
    def __str__(self):
        raise ValueError("no str")
    __repr__ = __str__
raise Bad("x")

# --- an exception whose str raises SystemExit
#: error exception stopped
#: survives
class Bad(Exception):
    def __str__(self):
        raise SystemExit(0)
    __repr__ = __str__
raise Bad("x")

# --- an exception whose str loops and swallows
#: error timeout stopped exception
class Bad(Exception):
    def __str__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
raise Bad("x")

# --- an exception whose str loops
#: error timeout exception
class Bad(Exception):
    def __str__(self):
        while True:
            pass
raise Bad("x")

# --- an exception whose str is no text
#: error exception
#: survives
class Bad(Exception):
    def __str__(self):
        return 42
raise Bad("x")

# --- an exception whose class has a hostile name
#: error exception stopped
class Name(str):
    def __str__(self):
        raise SystemExit
    __repr__ = __format__ = __add__ = __radd__ = lambda self, *_: 1 / 0
Bad = type("Bad", (Exception,), {})
try:
    Bad.__qualname__ = Bad.__name__ = Name("Bad")
    Bad.__module__ = 42
except TypeError:
    pass
raise Bad("x")

# --- an exception with hostile attributes
#: error exception stopped timeout
class Bad(Exception):
    @property
    def __traceback__(self):
        raise SystemExit
    __cause__ = __context__ = __notes__ = __suppress_context__ = __traceback__
    def __getattribute__(self, name):
        raise SystemExit(name)
raise Bad("x")

# --- a chain of causes that is a circle
#: error exception
#: survives
a, b = ValueError("a"), ValueError("b")
a.__cause__, b.__cause__ = b, a
a.__context__, b.__context__ = b, a
raise a

# --- a chain of causes ten thousand long
#: limit 2000
#: error exception stopped timeout
error = None
for number in range(10_000):
    next_error = ValueError(number)
    next_error.__cause__ = error
    error = next_error
raise error

# --- a traceback that is a circle
#: error exception
#: survives
try:
    1 / 0
except ZeroDivisionError as error:
    try:
        error.__traceback__.tb_next = error.__traceback__
    except ValueError:
        pass
    raise

# --- a traceback with lines that are not there
#: error exception
#: survives
code = compile("\n" * 100_000 + "1/0", "<cell 1>", "exec")
exec(code)

# --- a traceback in a file that is somebody else's
#: error exception
#: survives
exec(compile("1/0", "@folder@/secret.txt", "exec"))

# --- a traceback in a file that is a device
#: error exception timeout
import linecache
exec(compile("1/0", "/dev/tty", "exec"))

# --- notes that are no texts
#: error exception
#: survives
error = ValueError("x")
error.__notes__ = [1, object(), "n" * 1_000_000, None]
raise error

# --- a BaseException
#: error exception stopped
#: survives
class Bad(BaseException):
    pass
raise Bad("x")

# --- GeneratorExit, StopIteration and CancelledError
#: error exception stopped
#: survives
raise GeneratorExit
# ... in the same session
#: error exception stopped
raise StopIteration(42)
# ... in the same session
#: error exception stopped
import asyncio
raise asyncio.CancelledError("mine")

# --- KeyboardInterrupt of its own
#: error exception stopped
#: survives
raise KeyboardInterrupt

# --- exception groups nested ten thousand deep
#: limit 2000
#: error exception stopped
group = ValueError("x")
for _ in range(10_000):
    group = ExceptionGroup("g", [group])
raise group

# --- an exception group of ten thousand
#: limit 2000
#: error exception
#: survives
raise ExceptionGroup("g", [ValueError(n) for n in range(10_000)])

# --- an exception group with a hostile list
#: error exception stopped
class Bad(ExceptionGroup):
    @property
    def exceptions(self):
        raise SystemExit
raise Bad("g", [ValueError("x")])

# --- a syntax error of its own making
#: error exception stopped
#: survives
error = SyntaxError("x")
error.filename, error.lineno, error.offset, error.text, error.end_offset = 42, -5, 10**9, object(), "x"
raise error

# --- a syntax error with a text of its own mind
#: error exception stopped
class Text(str):
    def rstrip(self, *_):
        raise SystemExit
    lstrip = strip = splitlines = expandtabs = rstrip
raise SyntaxError("x", ("<cell 1>", 1, 1, Text("text"), 1, 5))

# --- excepthook and displayhook
#: error exception
#: not stdout /BREACH/
#: survives
import sys
sys.excepthook = sys.displayhook = lambda *_: print("BREACH")
1 / 0

# --- the traceback module patched
#: error exception stopped
import traceback
def lie(*_, **__):
    return ["BREACH"]
traceback.format_exception = traceback.print_exc = traceback.format_exc = lie
traceback.TracebackException.format = traceback.TracebackException.from_exception = lie
1 / 0
# ... in a fresh interpreter
#: error exception
#: message /ZeroDivisionError/
1 / 0

# --- json patched
#: not value /BREACH/
import json, json.encoder
json.dumps = json.loads = lambda *_, **__: '"BREACH"'
json.encoder.JSONEncoder.encode = json.dumps
json.encoder.c_make_encoder = None
json.encoder.encode_basestring_ascii = json.encoder.encode_basestring = lambda _: '"BREACH"'
1
# ... in a fresh interpreter
#: value 2
1 + 1

# --- ast, builtins and linecache patched
import ast, builtins, linecache
ast.parse = ast.Expression = ast.Expr = None
linecache.getlines = linecache.cache = linecache.checkcache = None
for name in ("repr", "compile", "eval", "exec", "isinstance", "str", "len", "type", "getattr", "BaseException", "open", "print"):
    setattr(builtins, name, None)
# ... in a fresh interpreter
#: value '3'
repr(len("abc"))

# --- the builtins emptied
__builtins__ = {}
import builtins
vars(builtins).clear()

# --- the main module removed
import sys
del sys.modules["__main__"]
sys.modules["__main__"] = None
globals().clear()

# --- sys.modules emptied
import sys
sys.modules.clear()

# --- modules replaced in sys.modules
import sys
class Hostile:
    def __getattr__(self, name):
        raise SystemExit(name)
for name in list(sys.modules):
    sys.modules[name] = Hostile()

# --- tracing every line
#: error none timeout exception stopped
import sys
def trace(frame, event, arg):
    frame.f_trace_opcodes = True
    try:
        frame.f_locals["value"] = "FORGED"
    except BaseException:
        pass
    return trace
sys.settrace(trace)
sys._getframe().f_trace = trace
frame = sys._getframe()
while frame:
    frame.f_trace = trace
    frame = frame.f_back

# --- profiling with a function that exits
import sys
def profile(*_):
    raise SystemExit("BREACH")
sys.setprofile(profile)

# --- an audit hook that raises
import sys
def hook(*_):
    raise SystemExit("hook")
sys.addaudithook(hook)

# --- an audit hook that loops
#: error none timeout stopped exception
import sys
def hook(*_):
    while True:
        pass
sys.addaudithook(hook)

# --- the frames of the runner rewritten
import sys
frame = sys._getframe().f_back
while frame is not None:
    for name in list(frame.f_locals):
        try:
            frame.f_locals[name] = {"value": "FORGED", "stdout": "FORGED", "stderr": ""}
        except BaseException:
            pass
    for name in list(frame.f_globals):
        if not name.startswith("__"):
            try:
                frame.f_globals[name] = lambda *_, **__: '{"value": "FORGED"}'
            except BaseException:
                pass
    frame = frame.f_back
# ... in a fresh interpreter
#: value 'right'
"right"

# --- monitoring callbacks
#: error none exception timeout stopped
import sys
sys.monitoring.use_tool_id(1, "corpus")
def callback(*_):
    raise SystemExit("BREACH")
sys.monitoring.register_callback(1, sys.monitoring.events.PY_START, callback)
sys.monitoring.set_events(1, sys.monitoring.events.PY_START)

# --- globals with keys that are no texts
#: survives
class Key(str):
    def __eq__(self, other):
        raise SystemExit
    __hash__ = str.__hash__
globals()[42] = globals()[None] = globals()[Key("key")] = 1

# --- a class that pretends to be everything
#: error none exception
#: survives
class Everything:
    def __getattr__(self, name):
        return self
    def __call__(self, *_, **__):
        return self
    __iter__ = __next__ = __await__ = __enter__ = lambda self: self
    __class__ = str
Everything()

# --- an exception raised while another is shown
#: error exception stopped
#: survives
import sys
class Bad(Exception):
    def __str__(self):
        raise Bad()
raise Bad()

# --- code with odd texts
#: error exception
#: survives
eval("\x00")
# ... in the same session
#: error exception
exec("# coding: nothing\nx = '\ud800'")
# ... in the same session
#: error exception
exec(b"\xff\xfe\x00")
