# CPU: loops of every kind. Each must be over a second after its limit.

# --- a loop
#: error timeout
#: survives
while True:
    pass

# --- a loop that swallows everything
#: error timeout stopped
while True:
    try:
        while True:
            pass
    except BaseException:
        pass

# --- a loop that swallows everything, in a finally
#: error timeout stopped
def again():
    try:
        while True:
            pass
    finally:
        again()
again()

# --- a loop with the signal ignored
#: error timeout stopped
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass

# --- a loop with a handler that does nothing
#: error timeout stopped
import signal
signal.signal(signal.SIGINT, lambda *_: None)
while True:
    pass

# --- a loop whose signal is masked
#: error timeout stopped
import signal
try:
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
except (AttributeError, OSError, ValueError):
    pass
while True:
    pass

# --- a loop in C: deque
#: error timeout stopped
from collections import deque
from itertools import repeat
deque(repeat(0), maxlen=0)

# --- a loop in C: sum of a range
#: error timeout stopped
sum(range(10**12))

# --- a loop in C: membership
#: error timeout stopped
from itertools import count
-1 in count()

# --- a loop in C: all
#: error timeout stopped
from itertools import cycle
all(cycle([1]))

# --- a regular expression that goes back for ever
#: survives
#: error timeout stopped
import re
re.match(r"(a+)+$", "a" * 40 + "b")

# --- a big power
#: error timeout stopped memory
7 ** (10**9)

# --- a big factorial
#: error timeout stopped memory
import math
math.factorial(10**7)

# --- a big number as text
#: error timeout stopped memory
import sys
sys.set_int_max_str_digits(0)
len(str(3 ** (2 * 10**7)))

# --- a big power with a modulus
#: error timeout stopped memory
pow(3, 10**200_000, 10**200_000 + 7)

# --- sorting with a key that compares for ever
#: survives
#: error timeout stopped
class Slow:
    def __lt__(self, other):
        while True:
            pass
sorted([Slow(), Slow()])

# --- a hash that never ends
#: survives
#: error timeout stopped
class Slow:
    def __hash__(self):
        while True:
            pass
{Slow(): 1}

# --- collisions in a dictionary
#: survives
#: error timeout stopped
class Same:
    def __hash__(self):
        return 1
    def __eq__(self, other):
        return False
{Same(): n for n in range(100_000)}

# --- a sleep
#: error timeout
#: survives
import time
time.sleep(10**6)

# --- a sleep that swallows everything
#: error timeout stopped
import time
while True:
    try:
        time.sleep(10**6)
    except BaseException:
        pass

# --- a wait for what never comes
#: error timeout
#: survives
import asyncio
await asyncio.Event().wait()

# --- a wait that swallows its cancellation
#: error timeout stopped
import asyncio
while True:
    try:
        await asyncio.sleep(10**6)
    except BaseException:
        pass

# --- a loop that lets others run
#: survives
#: error timeout
import asyncio
while True:
    await asyncio.sleep(0)

# --- a lock taken twice
#: survives
#: error timeout exception stopped
import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()

# --- a queue that stays empty
#: survives
#: error timeout exception stopped
import queue
queue.Queue().get()

# --- a condition nobody notifies
#: survives
#: error timeout exception stopped
import threading
condition = threading.Condition()
with condition:
    condition.wait()

# --- tasks that wait for each other
#: error timeout exception stopped
import asyncio
async def first():
    await tasks[1]
async def second():
    await tasks[0]
tasks = [asyncio.ensure_future(first()), asyncio.ensure_future(second())]
await asyncio.gather(*tasks)

# --- select and poll without a limit
#: error timeout exception stopped none
import select
select.select([], [], [])

# --- a wait for a signal
#: survives
#: error timeout exception stopped none
import signal
try:
    signal.pause()
except AttributeError:
    signal.sigwait([signal.SIGINT])

# --- generators that feed each other
#: survives
#: error timeout
def left():
    while True:
        yield 1
for _ in zip(left(), left()):
    pass

# --- a loop in a callback of ctypes
#: error timeout stopped
import ctypes
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def compare(a, b):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
array = (ctypes.c_int * 10)()
ctypes.CDLL(None).qsort(array, 10, 4, compare)

# --- a sort of a billion numbers
#: survives
#: error timeout stopped memory
sorted(range(10**9), key=lambda n: -n)

# --- a comparison of enormous sets
#: error timeout stopped memory
import itertools
max(itertools.permutations(range(14)))

# --- a query without end
#: error timeout stopped
import sqlite3
sqlite3.connect(":memory:").execute("with recursive c(x) as (select 1 union all select x + 1 from c) select max(x) from c").fetchall()

# --- a loop in C: map
#: error timeout stopped
from itertools import repeat
sum(map(int, repeat("1")))

# --- a copy of ever the same memory by the C library
#: error timeout stopped
import ctypes
block = ctypes.create_string_buffer(10_000_000)
for _ in iter(int, 1):
    ctypes.memset(block, 1, 10_000_000)

# --- a loop in the compiler
#: error timeout stopped memory exception
compile("+".join(["1"] * 2_000_000), "x", "exec")

# --- text differences of the slowest kind
#: survives
#: error timeout stopped memory
import difflib
list(difflib.ndiff(["ab" * 50 + str(i) for i in range(300)], ["ba" * 50 + str(i) for i in range(300)]))

# --- a sleep in a callback of the C library
#: error timeout stopped exception denied none
import ctypes, time
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def compare(a, b):
    time.sleep(1000)
    return 0
array = (ctypes.c_int * 10)()
ctypes.CDLL(None).qsort(array, 10, 4, compare)

# --- a sleep in a finalizer, a comparison and a key
#: survives
#: error timeout
import time
class Sleepy:
    def __del__(self):
        time.sleep(0.01)
    def __lt__(self, other):
        time.sleep(1000)
sorted([Sleepy(), Sleepy()], key=lambda s: s)

# --- loops one after the other, each stopped
#: error timeout
#: survives
while True:
    pass
# ... in the same session
#: error timeout
while True:
    pass
# ... in the same session
#: error timeout
import time
time.sleep(100)
# ... in the same session
#: error timeout
import asyncio
await asyncio.sleep(100)
