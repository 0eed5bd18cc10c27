# Memory: of the interpreter, and of everything it keeps outside of its own heap. The process must not die of it,
# and a session that got a MemoryError goes on.

# --- a list that grows
#: limit 3000
#: error memory
#: survives
kept = []
while True:
    kept.append(bytearray(1_000_000))

# --- one block of two gigabytes
#: error memory
#: survives
bytearray(2**31 - 64)

# --- one block as large as an address can say
#: error memory exception
#: survives
import sys
bytearray(sys.maxsize)

# --- a text multiplied
#: error memory
#: survives
"x" * (2**31 - 64)

# --- a text doubled until there is no more
#: limit 3000
#: error memory
#: survives
text = "x"
while True:
    text += text

# --- a list multiplied
#: limit 3000
#: error memory
#: survives
[0] * 10**9

# --- a MemoryError swallowed again and again
#: limit 1000
#: error timeout memory stopped
kept = []
while True:
    try:
        kept.append(bytearray(10_000_000))
    except MemoryError:
        pass

# --- dictionaries of dictionaries
#: limit 3000
#: error memory timeout stopped
bomb = {}
for number in range(10**9):
    bomb[number] = {number: str(number) * 10}

# --- generators within generators
#: limit 3000
#: error memory exception timeout stopped
def nest(inner):
    yield from inner
chain = iter(())
for _ in range(10**7):
    chain = nest(chain)
list(chain)

# --- files in /tmp
#: limit 3000
#: error none memory exception timeout stopped
try:
    with open("/tmp/grows", "wb") as file:
        while True:
            file.write(bytes(1_000_000))
except OSError as error:
    print(error)

# --- many small files
#: limit 2000
#: error memory exception timeout stopped
number = 0
while True:
    open(f"/tmp/file-{number}", "w").close()
    number += 1

# --- one file made longer than any disk
#: error memory exception
#: survives
import os
with open("/tmp/long", "wb") as file:
    os.truncate("/tmp/long", 10**13)

# --- a file made longer by seeking
#: error none memory exception
#: survives
with open("/tmp/sparse", "wb") as file:
    file.seek(2**40)
    file.write(b"x")

# --- files of a gigabyte, by truncate
#: error none memory exception
#: survives
import os
for number in range(20):
    descriptor = os.open(f"/tmp/t{number}", os.O_CREAT | os.O_RDWR)
    os.ftruncate(descriptor, 2**30)

# --- a file deleted while it is open and growing
#: limit 2000
#: error none memory exception timeout stopped
import os
file = open("/tmp/deleted", "wb")
os.unlink("/tmp/deleted")
while True:
    file.write(bytes(1_000_000))

# --- names of a megabyte
#: limit 2000
#: error none exception memory timeout stopped
import os
for number in range(10_000):
    try:
        open("/tmp/" + "n" * 1_000_000 + str(number), "w").close()
    except OSError:
        pass

# --- link targets of a megabyte
#: limit 2000
#: error none exception memory timeout stopped
import os
for number in range(10_000):
    try:
        os.symlink("t" * 1_000_000, f"/tmp/link-{number}")
    except OSError:
        pass

# --- folders in folders without end
#: limit 1000
#: error none exception memory timeout stopped
import os
os.chdir("/tmp")
while True:
    os.mkdir("d")
    os.chdir("d")

# --- pipes filled
#: survives
#: limit 1000
#: error none exception memory timeout stopped
import os
ends = []
while True:
    ends.append(os.pipe())
    os.set_blocking(ends[-1][1], False)
    try:
        os.write(ends[-1][1], bytes(1_000_000))
    except BlockingIOError:
        pass

# --- descriptors opened and never closed
#: limit 1000
#: error none exception memory timeout stopped
import os
while True:
    os.open("/tmp", os.O_RDONLY)

# --- anonymous maps
#: limit 2000
#: error memory exception
import mmap
kept = []
while True:
    kept.append(mmap.mmap(-1, 50_000_000))

# --- a file mapped and grown
#: error none memory exception
import mmap, os
descriptor = os.open("/tmp/map", os.O_CREAT | os.O_RDWR)
os.write(descriptor, bytes(4096))
kept = mmap.mmap(descriptor, 4096)
kept.resize(2**31 - 65536)

# --- a line to a terminal device without end
#: survives
#: limit 1000
#: error none exception memory timeout stopped
import os
for name in ("/dev/tty", "/dev/tty1", "/dev/stdout", "/dev/console"):
    try:
        descriptor = os.open(name, os.O_WRONLY)
    except OSError:
        continue
    for _ in range(200):
        os.write(descriptor, b"x" * 1_000_000)

# --- environment variables of a megabyte
#: limit 1000
#: error none exception memory timeout stopped
import os
for number in range(100_000):
    os.environ[f"V{number}"] = "x" * 1_000_000

# --- a pickle that makes a list of lists
#: survives
#: limit 2000
#: error memory exception timeout stopped
import pickle
bomb = b"\x80\x04]\x94" + b"h\x00h\x00\x86\x94" * 0 + b"(" + b"X\xff\xff\xff\x7f" + b"x" + b"t."
try:
    pickle.loads(bomb)
except (pickle.UnpicklingError, EOFError):
    pass
class Grow:
    def __reduce__(self):
        return (bytearray, (2**31,))
pickle.loads(pickle.dumps(Grow()))

# --- entities that multiply in XML
#: survives
#: limit 2000
#: error memory exception timeout stopped none
import xml.dom.minidom
lines = ['<!ENTITY a0 "' + "x" * 100 + '">'] + [f'<!ENTITY a{n} "{("&a%d;" % (n - 1)) * 10}">' for n in range(1, 10)]
xml.dom.minidom.parseString(f"<!DOCTYPE r [{''.join(lines)}]><r>&a9;</r>")

# --- a zip bomb
#: limit 3000
#: error memory exception timeout stopped
import zlib
packed = zlib.compress(bytes(50_000_000), 1)
kept = []
while True:
    kept.append(zlib.decompress(packed))

# --- a number of a billion digits
#: limit 1000
#: error memory timeout stopped exception
1 << (10**10)

# --- a format with a width of two billion
#: error memory exception
#: survives
"%2000000000d" % 1

# --- a database that grows
#: limit 3000
#: error memory exception timeout stopped
import sqlite3
base = sqlite3.connect(":memory:")
base.execute("create table t (b blob)")
while True:
    base.execute("insert into t values (zeroblob(10000000))")

# --- references that never die
#: limit 3000
#: error memory timeout stopped
class Node:
    def __init__(self, next):
        self.next, self.me, self.data = next, self, bytearray(100_000)
    def __del__(self):
        kept.append(self)
kept, last = [], None
while True:
    last = Node(last)

# --- malloc of the C library
#: limit 2000
#: error memory exception none timeout stopped
import ctypes
malloc = ctypes.CDLL(None).malloc
malloc.restype = ctypes.c_void_p
for _ in range(5000):
    block = malloc(1_000_000)
    if not block:
        break
    ctypes.memset(block, 1, 1_000_000)
