# What people expect of an interactive Python.

# --- names stay for the session's next call
#: value null
x = 41
# ... in the same session
#: value 42
x + 1
# ... in another session
#: error exception
#: message /NameError: name 'x' is not defined/
x
# ... in the same session
#: value 41
x

# --- without a session every call is fresh
#: value null
x = 1
# ... in a fresh interpreter
#: error exception
x
# ... in a fresh interpreter
#: value null
y = 1
# ... in a fresh interpreter
#: error exception
y

# --- functions, classes and imports stay
#: error none
import json
class Point:
    def __init__(self, x):
        self.x = x
def double(p):
    return Point(p.x * 2)
# ... in the same session
#: value '42'
json.dumps(double(Point(21)).x)

# --- the value of the last expression
#: value [1, 4, 9]
squares = [n * n for n in range(1, 4)]
squares

# --- None is no value
#: value null
print
None

# --- False and zero are values
#: value (False, 0, '')
False, 0, ""

# --- an assignment has no value
#: value null
x = 5

# --- a text shows as its repr
#: value /^"it's"$/
"it's"

# --- code that ends in a comment
#: value 3
1 + 2
# the end

# --- code that ends in a semicolon
#: error none
1 + 2;

# --- nothing at all
#: value null
#: stdout ""
#: error none


# --- only a comment
#: value null
#: error none
# nothing to do

# --- an object with a repr of its own
#: value <Table of 3 rows>
class Table:
    def __init__(self, rows):
        self.rows = rows
    def __repr__(self):
        return f"<Table of {len(self.rows)} rows>"
Table([1, 2, 3])

# --- a repr of many lines, as a data frame's
#: value /^   a  b\n0  1  2\n1  3  4$/
class Frame:
    def __repr__(self):
        return "   a  b\n0  1  2\n1  3  4"
Frame()

# --- stdout and stderr come apart
#: stdout "out\n"
#: stderr "err\n"
import sys
print("out")
print("err", file=sys.stderr)

# --- print with end, sep and flush
#: stdout "a-b!c\n"
print("a", "b", sep="-", end="!", flush=True)
print("c")

# --- output without a newline at its end
#: stdout "no newline"
print("no newline", end="")

# --- output before an exception is kept
#: stdout "before\n"
#: error exception
print("before")
1 / 0

# --- a traceback shows the user's lines only
#: error exception
#: message /^ZeroDivisionError: division by zero$/
#: traceback /line 6, in <module>\n.*line 5, in outer\n.*line 2, in inner\n/
#: not traceback /runner|pyodide|lib\/python|exec\(|eval\(/
def inner(n):
    return 1 / n

def outer():
    return inner(0)
outer()

# --- a traceback through a library shows the user's lines
#: error exception
#: message /^JSONDecodeError: Expecting/
#: traceback /line 3, in read\n/
#: not traceback /decoder\.py/
import json
def read(text):
    return json.loads(text)
read("{")

# --- a traceback with its source lines
#: error exception
#: traceback /total = 1 \+ "a"/
total = 1 + "a"

# --- a traceback through a function of an earlier call
#: error none
def divide(a, b):
    return a / b
# ... in the same session
#: error exception
#: traceback /line 1, in <module>\n.*divide\(1, 0\).*line 2, in divide\n.*return a \/ b/
divide(1, 0)

# --- a syntax error points at its place
#: error exception
#: message /^SyntaxError/
#: traceback /line 2\n +y = \(1 \+\n +\^/
x = 1
y = (1 +

# --- an error of indentation
#: error exception
#: message /^IndentationError/
def f():
return 1

# --- causes and contexts are shown
#: error exception
#: traceback /KeyError: 'a'.*direct cause.*ValueError: no a/
try:
    {}["a"]
except KeyError as error:
    raise ValueError("no a") from error

# --- notes and groups are shown
#: error exception
#: traceback /ExceptionGroup: several \(2 sub-exceptions\).*ValueError: 1.*TypeError: 2/
raise ExceptionGroup("several", [ValueError(1), TypeError(2)])

# --- an assertion
#: error exception
#: message /^AssertionError: not so$/
assert 1 == 2, "not so"

# --- sys.exit says its status
#: error exception stopped
#: message /SystemExit.*3/
#: survives
import sys
print("leaving")
sys.exit(3)

# --- input finds the end of the input
#: error exception
#: message /^EOFError/
#: survives
name = input("Name? ")

# --- await at the top level
#: value 'slept'
import asyncio
await asyncio.sleep(0.01)
"slept"

# --- async for and async with at the top level
#: value [0, 1, 2, 'out']
import contextlib
seen = []
async def count(n):
    for i in range(n):
        yield i
@contextlib.asynccontextmanager
async def frame():
    yield
    seen.append("out")
async with frame():
    async for i in count(3):
        seen.append(i)
seen

# --- await as the last expression
#: value 42
async def answer():
    return 6 * 7
await answer()

# --- the main module
#: value ('__main__', True)
import sys
__name__, sys.modules["__main__"].__dict__ is globals()

# --- if name is main
#: stdout "main\n"
def main():
    print("main")
if __name__ == "__main__":
    main()

# --- a timeout keeps what was said and done
#: error timeout
#: stdout "begun\n"
#: survives
done = 1
print("begun")
while True:
    done += 1
# ... in the same session
#: value True
done > 1

# --- a MemoryError keeps the session
#: error memory
#: survives
kept = "kept"
bytearray(2**31 - 1)
# ... in the same session
#: value 'kept'
kept

# --- help and dir answer
#: error none
#: stdout /Return the absolute value/
help(abs)
"x" in dir()

# --- the source of one's own function
#: value 'def f(x):\n    return x + 1\n'
import inspect
def f(x):
    return x + 1
inspect.getsource(f)

# --- warnings go to stderr
#: stderr /UserWarning: careful/
#: error none
import warnings
warnings.warn("careful")

# --- the underscore and annotations are ordinary names
#: value (1, {'n': <class 'int'>})
_ = 1
def f(n: int): ...
_, f.__annotations__

# --- code with a future import
#: value 'int'
from __future__ import annotations
def f(n: int): ...
f.__annotations__["n"]

# --- unicode everywhere
#: value 'größe 大小 🎈'
#: stdout "größe 大小 🎈\n"
größe = "größe 大小 🎈"
print(größe)
größe

# --- tabs, carriage returns and form feeds in code
#: value 3
if True:
	x = 1
	y = 2
x + y

# --- a version of Python that is new
#: value True
import sys
sys.version_info >= (3, 14)
