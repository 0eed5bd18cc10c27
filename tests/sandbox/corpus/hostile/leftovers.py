# Asynchronous leftovers: what still runs or waits when the code has ended.

# --- a task nobody waits for
#: stdout ""
#: survives
import asyncio
async def later():
    await asyncio.sleep(0.05)
    print("BREACH")
asyncio.ensure_future(later())
await asyncio.sleep(0)
# ... in the same session
#: stdout ""
import asyncio
await asyncio.sleep(0.15)

# --- a thousand tasks
#: survives
import asyncio
for _ in range(1000):
    asyncio.ensure_future(asyncio.sleep(1000))
await asyncio.sleep(0)

# --- a task that refuses to be cancelled
#: limit 500
import asyncio
async def stubborn():
    while True:
        try:
            await asyncio.sleep(1000)
        except BaseException:
            pass
asyncio.ensure_future(stubborn())
await asyncio.sleep(0)

# --- a task that computes when it is cancelled
#: limit 500
import asyncio
async def busy():
    try:
        await asyncio.sleep(1000)
    finally:
        while True:
            pass
asyncio.ensure_future(busy())
await asyncio.sleep(0)

# --- asyncio.run within a running loop
#: survives
import asyncio
async def inner():
    return "inner"
async def outer():
    return asyncio.run(inner())
try:
    print(asyncio.run(outer()))
except RuntimeError as error:
    print(error)

# --- the loop closed
import asyncio
await asyncio.sleep(0)
asyncio.get_running_loop().close()
# ... in a fresh interpreter
#: value 'works'
import asyncio
await asyncio.sleep(0.01)
"works"

# --- the loop stopped
#: error none exception timeout stopped
import asyncio
asyncio.get_event_loop().stop()
await asyncio.sleep(0.01)

# --- the loop replaced by nonsense
import asyncio
asyncio.set_event_loop(None)
asyncio.events._set_running_loop(object())
asyncio.get_event_loop = asyncio.get_running_loop = lambda: None
# ... in a fresh interpreter
#: value 1
import asyncio
async def one():
    return 1
await one()

# --- a policy that fails
import asyncio
await asyncio.sleep(0)
class Policy:
    def get_event_loop(self):
        raise SystemExit
    new_event_loop = set_event_loop = get_event_loop
asyncio.events._event_loop_policy = Policy()

# --- an exception handler that never ends
#: limit 500
import asyncio
def handler(loop, context):
    while True:
        pass
asyncio.get_event_loop().set_exception_handler(handler)
async def fail():
    raise ValueError
asyncio.ensure_future(fail())
await asyncio.sleep(0.01)

# --- a callback that calls itself for ever
#: survives
import asyncio
loop = asyncio.get_event_loop()
def again():
    loop.call_soon(again)
again()
await asyncio.sleep(0.01)

# --- threads of an executor
#: survives
#: error none exception timeout denied stopped
import asyncio, time
try:
    await asyncio.get_event_loop().run_in_executor(None, time.sleep, 1000)
except RuntimeError:
    pass

# --- a thread that goes on
#: survives
#: error none exception
import threading, time
def run():
    while True:
        time.sleep(0.01)
try:
    threading.Thread(target=run, daemon=False).start()
except RuntimeError as error:
    print(error)

# --- a timer of threading
#: survives
#: error none exception
import threading
try:
    threading.Timer(0.01, print, ["BREACH"]).start()
except RuntimeError:
    pass

# --- a generator whose finally never ends
#: error none timeout stopped
def endless():
    try:
        yield 1
    finally:
        while True:
            pass
generator = endless()
next(generator)

# --- a generator that yields when it is closed
#: survives
#: error none exception
def odd():
    try:
        yield 1
    finally:
        yield 2
generator = odd()
next(generator)
del generator

# --- an asynchronous generator left in the middle
#: survives
async def numbers():
    try:
        for n in range(10):
            yield n
    finally:
        print("closed")
async for n in numbers():
    break

# --- an asynchronous generator whose finally never ends
#: limit 500
async def numbers():
    try:
        yield 1
    finally:
        import asyncio
        await asyncio.sleep(10**6)
generator = numbers()
await generator.__anext__()

# --- a finalizer that never ends
#: error timeout stopped none
class Endless:
    def __del__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
Endless()

# --- a finalizer for the end of the interpreter
#: limit 500
import sys
class Endless:
    def __del__(self):
        while True:
            pass
sys.modules["endless"] = Endless()

# --- a weak reference whose callback never ends
#: error timeout stopped none
import weakref
class A: pass
a = A()
r = weakref.ref(a, lambda _: [None for _ in iter(int, 1)])
del a

# --- a coroutine never awaited
#: survives
async def never():
    pass
never()
del never

# --- a coroutine as the value
#: survives
#: error none exception
async def value():
    return 1
value()

# --- a future nobody ends as the value
#: survives
#: error none timeout
import asyncio
await asyncio.sleep(0)
asyncio.get_running_loop().create_future()

# --- an exit handler that never ends
#: limit 500
import atexit
@atexit.register
def forever():
    while True:
        pass

# --- alarms and interval timers
#: error none exception timeout stopped
import signal
try:
    signal.signal(signal.SIGALRM, lambda *_: print("BREACH"))
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.01)
    signal.alarm(1)
except (AttributeError, OSError):
    pass
# ... in a fresh interpreter
#: stdout ""
import time
time.sleep(0.2)
