# The language itself.

# --- arithmetic
#: value (7, 3.5, 3, 1, 8, -7)
3 + 4, 7 / 2, 7 // 2, 7 % 2, 2**3, -7

# --- big numbers
#: value 100000000000000000000
10**20

# --- floats and complex numbers
#: value (0.30000000000000004, (-1+0j), inf)
0.1 + 0.2, 1j**2, float("inf")

# --- merge sort
#: value [3, 9, 10, 27, 38, 43, 82]
def merge_sort(items):
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = merge_sort(items[:middle]), merge_sort(items[middle:])
    merged = []
    while left and right:
        merged.append((left if left[0] <= right[0] else right).pop(0))
    return merged + left + right
merge_sort([38, 27, 43, 3, 9, 82, 10])

# --- classes, properties and inheritance
#: value ('Rex says woof', 4)
class Animal:
    legs = 4
    def __init__(self, name):
        self._name = name
    @property
    def name(self):
        return self._name.title()
    def speak(self):
        return f"{self.name} says {self.sound}"
class Dog(Animal):
    sound = "woof"
    def __len__(self):
        return self.legs
dog = Dog("rex")
dog.speak(), len(dog)

# --- dataclasses
#: value Point(x=1, y=2.5)
from dataclasses import dataclass, field, replace
@dataclass(frozen=True, order=True)
class Point:
    x: int
    y: float = 0.0
replace(Point(1), y=2.5)

# --- generators and send
#: value [0, 1, 11, 'end']
def counter():
    n = 0
    while n < 10:
        got = yield n
        n = got + 1 if got is not None else n + 1
    return "end"
g = counter()
out = [next(g), next(g)]
try:
    out.append(g.send(10))
except StopIteration as stop:
    out += [11, stop.value]
out

# --- comprehensions of every kind
#: value ([0, 4, 16], {0, 1}, {'a': 1}, 10)
[n * n for n in range(5) if n % 2 == 0], {n % 2 for n in range(4)}, {k: v for k, v in [("a", 1)]}, sum(n for n in range(5))

# --- decorators
#: value ('<b>hello</b>', 'hello')
import functools
def bold(f):
    @functools.wraps(f)
    def inner(*args):
        return f"<b>{f(*args)}</b>"
    return inner
@bold
def hello():
    return "hello"
hello(), hello.__name__

# --- closures
#: value [1, 2, 3]
def make():
    n = 0
    def step():
        nonlocal n
        n += 1
        return n
    return step
step = make()
[step() for _ in range(3)]

# --- pattern matching
#: value ['origin', 'on x at 3', 'point 1 2', 'list of 3', 'other']
def what(thing):
    match thing:
        case (0, 0):
            return "origin"
        case (x, 0):
            return f"on x at {x}"
        case {"x": x, "y": y}:
            return f"point {x} {y}"
        case [_, _, *rest]:
            return f"list of {2 + len(rest)}"
        case _:
            return "other"
[what(t) for t in [(0, 0), (3, 0), {"x": 1, "y": 2}, [1, 2, 3], "s"]]

# --- exceptions and finally
#: value ['try', 'except', 'finally', 'else']
seen = []
try:
    seen.append("try")
    raise KeyError("k")
except (KeyError, ValueError):
    seen.append("except")
finally:
    seen.append("finally")
try:
    pass
except Exception:
    pass
else:
    seen.append("else")
seen

# --- except star
#: value ['V', 'T']
seen = []
try:
    raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
except* ValueError:
    seen.append("V")
except* TypeError:
    seen.append("T")
seen

# --- context managers
#: value ['in', 'body', 'out']
import contextlib
seen = []
@contextlib.contextmanager
def frame():
    seen.append("in")
    yield
    seen.append("out")
with frame(), contextlib.suppress(ZeroDivisionError):
    seen.append("body")
    1 / 0
seen

# --- formatted texts
#: value ' 3.14|007|1,234|a    |0xff|x=5'
x = 5
f"{3.14159:5.2f}|{7:03d}|{1234:,}|{'a':<5}|{255:#x}|{x=}"

# --- template strings
#: value ('hello ', 'world')
name = "world"
template = t"hello {name}"
template.strings[0], template.interpolations[0].value

# --- texts of many lines
#: value 'a\n  b\n'
"""a
  b
"""

# --- slices and unpacking
#: value (1, [2, 3], 4, 'dcba')
first, *middle, last = [1, 2, 3, 4]
first, middle, last, "abcd"[::-1]

# --- the walrus and conditional expressions
#: value 'long'
"long" if (n := len("hello")) > 3 else "short"

# --- typing
#: value (int | None, True)
from typing import Optional, Protocol, TypedDict, get_type_hints, runtime_checkable
@runtime_checkable
class Named(Protocol):
    name: str
class Movie(TypedDict):
    name: str
class Cat:
    name = "cat"
Optional[int], isinstance(Cat(), Named)

# --- generic functions and type aliases
#: value [3, 'c']
type Pair[T] = tuple[T, T]
def last[T](items: list[T]) -> T:
    return items[-1]
[last([1, 2, 3]), last(["a", "c"])]

# --- enumerations
#: value [<Color.RED: 1>, 'GREEN', <Flags.A|B: 3>]
import enum
class Color(enum.Enum):
    RED = 1
    GREEN = enum.auto()
class Flags(enum.Flag):
    A = 1
    B = 2
[Color(1), Color.GREEN.name, Flags.A | Flags.B]

# --- recursion a thousand deep is enough for ordinary work
#: value 900
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)
depth(900)

# --- a class made with a metaclass, slots and descriptors
#: value ('made', 10)
class Meta(type):
    def __new__(cls, name, bases, space):
        space["mark"] = "made"
        return super().__new__(cls, name, bases, space)
class Ten:
    def __get__(self, obj, owner):
        return 10
class A(metaclass=Meta):
    ten = Ten()
A.mark, A().ten

# --- eval, exec and compile
#: value (3, 7)
scope = {}
exec("def f(): return 7", scope)
eval("1 + 2"), scope["f"]()

# --- a module made by hand
#: value 5
import types
module = types.ModuleType("mine")
exec("five = 5", module.__dict__)
module.five
