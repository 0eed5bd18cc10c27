# Output: more than anybody can keep, of a kind nobody can show, or no more output at all.

# --- a flood on stdout
#: survives
#: error timeout none
while True:
    print("x" * 100)

# --- a flood on stderr
#: survives
#: error timeout none
import sys
while True:
    print("x" * 100, file=sys.stderr)

# --- one enormous line
#: limit 2000
#: error none memory
#: survives
print("x" * 20_000_000)

# --- no newline at all
#: survives
#: error timeout
while True:
    print("x", end="")

# --- a flood straight to the descriptors
#: survives
#: error timeout none
import os
while True:
    os.write(1, b"y" * 65536)
    os.write(2, b"z" * 65536)

# --- a flood that swallows the limit
#: error timeout stopped
while True:
    try:
        print("x" * 1000)
    except BaseException:
        pass

# --- bytes that are no text
#: error none
#: survives
import sys, os
sys.stdout.buffer.write(bytes(range(256)))
os.write(1, b"\xff\xfe\xfd\n")
os.write(2, b"\x80\x81\n")

# --- halves of characters
#: error none
#: stdout /ed/
#: survives
import os
os.write(1, "€".encode()[:2])
os.write(1, b"ed")

# --- lone surrogates
#: error none
#: survives
print("\ud800 \udfff")
"\udc80"

# --- a value of lone surrogates
#: error none
#: survives
class Odd:
    def __repr__(self):
        return "\ud800\udc00\ud83d"
Odd()

# --- zeros
#: error none
#: stdout "a\u0000b\n"
#: survives
print("a\0b")

# --- escapes of a terminal
#: error none
#: survives
print("\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m\x1b[6n\x1bP+q\x1b\\")

# --- separators and marks of Unicode
#: error none
#: survives
print("\u2028\u2029\ufeff\u202e\x85\x0b\x0c")

# --- stdout closed
#: survives
import sys
sys.stdout.close()

# --- stdout and stderr set to None
#: survives
import sys
sys.stdout = sys.stderr = sys.stdin = None
print("nobody hears this")
# ... in the same session
#: stdout "heard\n"
print("heard")

# --- stdout replaced by something that fails
#: survives
import sys
class Bad:
    def write(self, text):
        raise OSError("no")
    def flush(self):
        raise KeyboardInterrupt
    encoding = property(lambda self: 1 / 0)
sys.stdout = sys.stderr = Bad()
print("lost")

# --- stdout replaced by something that loops
#: error timeout stopped none exception
import sys
class Loop:
    def write(self, text):
        return len(text)
    def flush(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
sys.stdout = sys.stderr = Loop()

# --- the descriptors closed
import os
os.close(1)
os.close(2)
print("lost")

# --- the descriptors replaced by files
import os
descriptor = os.open("/tmp/out", os.O_CREAT | os.O_RDWR)
os.dup2(descriptor, 1)
os.dup2(descriptor, 2)
print("to a file")
# ... in a fresh interpreter
#: stdout "here\n"
print("here")

# --- print replaced
#: survives
#: stdout ""
print = lambda *_: None
print("nothing")

# --- a buffer filled and never flushed
#: survives
import sys
sys.stdout.reconfigure(line_buffering=False, write_through=False)
for _ in range(10_000):
    sys.stdout.write("x")

# --- an encoding nobody reads
#: survives
import sys
sys.stdout.reconfigure(encoding="utf-16", errors="surrogatepass")
print("wide")

# --- a value of a hundred megabytes
#: limit 3000
#: error none memory exception
"x" * 100_000_000

# --- an exception of a hundred megabytes
#: survives
#: limit 3000
#: error exception memory
raise ValueError("x" * 50_000_000)

# --- a warning for every line
#: survives
#: error none timeout
import warnings
warnings.simplefilter("always")
for number in range(20_000):
    warnings.warn("w" * 100)

# --- output while it ends
import atexit, sys
atexit.register(lambda: print("x" * 10_000_000))
class Late:
    def __del__(self):
        print("x" * 10_000_000)
sys.late = Late()
