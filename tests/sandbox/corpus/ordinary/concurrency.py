# Things that happen at the same time, or seem to.

# --- asyncio.run
#: value 'ran'
import asyncio
async def main():
    await asyncio.sleep(0.01)
    return "ran"
asyncio.run(main())

# --- asyncio.run twice
#: value [1, 2]
import asyncio
async def one(n):
    await asyncio.sleep(0)
    return n
[asyncio.run(one(1)), asyncio.run(one(2))]

# --- gather waits at the same time
#: value ([0, 1, 2], True)
import asyncio, time
async def wait(n):
    await asyncio.sleep(0.1)
    return n
start = time.monotonic()
results = await asyncio.gather(*(wait(n) for n in range(3)))
results, time.monotonic() - start < 0.28

# --- a task group
#: value [0, 1, 4]
import asyncio
async def square(n):
    await asyncio.sleep(0.01)
    return n * n
async with asyncio.TaskGroup() as group:
    tasks = [group.create_task(square(n)) for n in range(3)]
[task.result() for task in tasks]

# --- a task group that fails
#: error exception
#: traceback /ValueError: inside/
import asyncio
async def fail():
    raise ValueError("inside")
async with asyncio.TaskGroup() as group:
    group.create_task(fail())
    group.create_task(asyncio.sleep(10))

# --- a timeout of asyncio
#: value 'too late'
import asyncio
try:
    async with asyncio.timeout(0.05):
        await asyncio.sleep(10)
    result = "in time"
except TimeoutError:
    result = "too late"
result

# --- wait_for and shield
#: value ('TimeoutError', 'done')
import asyncio
async def slow():
    await asyncio.sleep(0.1)
    return "done"
task = asyncio.ensure_future(slow())
try:
    await asyncio.wait_for(asyncio.shield(task), 0.02)
except TimeoutError as error:
    name = type(error).__name__
name, await task

# --- a queue between producer and consumer
#: value [0, 1, 2, 3, 4]
import asyncio
queue, got = asyncio.Queue(2), []
async def produce():
    for n in range(5):
        await queue.put(n)
    await queue.put(None)
async def consume():
    while (n := await queue.get()) is not None:
        got.append(n)
await asyncio.gather(produce(), consume())
got

# --- locks, events and semaphores of asyncio
#: value ['a', 'b', 'event']
import asyncio
lock, event, seen = asyncio.Lock(), asyncio.Event(), []
async def take(name):
    async with lock:
        await asyncio.sleep(0.01)
        seen.append(name)
async def notice():
    await event.wait()
    seen.append("event")
waiter = asyncio.ensure_future(notice())
await asyncio.gather(take("a"), take("b"))
event.set()
await waiter
seen

# --- as_completed
#: value [1, 2, 3]
import asyncio
async def after(n):
    await asyncio.sleep(n / 50)
    return n
[await done for done in asyncio.as_completed([after(3), after(1), after(2)])]

# --- cancelling a task
#: value ('cancelled', True)
import asyncio
async def wait():
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        seen.append("cancelled")
        raise
seen = []
task = asyncio.ensure_future(wait())
await asyncio.sleep(0)
task.cancel()
await asyncio.wait([task])
seen[0], task.cancelled()

# --- an asynchronous generator and comprehension
#: value [0, 2, 4]
async def numbers():
    for n in range(3):
        yield n
[2 * n async for n in numbers()]

# --- a Runner of asyncio
#: value [1, 2]
import asyncio
async def value(n):
    return n
with asyncio.Runner() as runner:
    values = [runner.run(value(1)), runner.run(value(2))]
values

# --- run_until_complete on a loop of one's own
#: value 'by hand'
import asyncio
async def main():
    await asyncio.sleep(0.01)
    return "by hand"
loop = asyncio.new_event_loop()
result = loop.run_until_complete(main())
loop.close()
result

# --- time.sleep
#: value True
import time
start = time.monotonic()
time.sleep(0.1)
0.09 < time.monotonic() - start < 0.45

# --- threads are refused politely
#: value /^'(RuntimeError|ran)'$/
#: survives
import threading
seen = []
try:
    thread = threading.Thread(target=seen.append, args=(1,))
    thread.start()
    thread.join()
    result = "ran"
except RuntimeError as error:
    result = type(error).__name__
result

# --- locks, queues and locals of threading work in one thread
#: value ('got', 5, True)
import queue, threading
lock, values = threading.RLock(), queue.Queue()
local = threading.local()
local.x = 5
with lock, lock:
    values.put("got")
values.get(), local.x, threading.current_thread() is threading.main_thread()

# --- a scheduler
#: value [1, 2]
import sched, time
seen, scheduler = [], sched.scheduler(time.monotonic, time.sleep)
scheduler.enter(0.2, 1, seen.append, (2,))
scheduler.enter(0.01, 1, seen.append, (1,))
scheduler.run()
seen

# --- an alarm of signal is optional, a handler is not
#: error none
import signal
old = signal.signal(signal.SIGINT, signal.default_int_handler)
callable(old)

# --- a loop that prints while it waits
#: stdout "0\n1\n2\n"
import asyncio
for n in range(3):
    print(n, flush=True)
    await asyncio.sleep(0.02)

# --- sleeping where Python is called from C
#: value ([1, 2, 3], 6, '<slept>', [2, 4])
import functools, time
def slowly(n):
    time.sleep(0.01)
    return n
class Shown:
    def __repr__(self):
        time.sleep(0.01)
        return "<slept>"
sorted([3, 1, 2], key=slowly), functools.reduce(lambda a, b: slowly(a) + b, [1, 2, 3]), repr(Shown()), list(map(lambda n: slowly(n) * 2, [1, 2]))

# --- awaiting in a function that sleeps
#: value ['slept', 'awaited']
import asyncio, time
seen = []
async def both():
    time.sleep(0.01)
    seen.append("slept")
    await asyncio.sleep(0.01)
    seen.append("awaited")
await both()
seen
