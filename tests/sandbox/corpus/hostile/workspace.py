# The workspace: files that go in and come out, in shapes nobody expects.

# --- folders in folders of the workspace
#: limit 1000
import os
for _ in range(5_000):
    os.mkdir("d")
    os.chdir("d")

# --- thousands of small files
#: limit 2000
import os
for number in range(5_000):
    with open(f"file-{number}", "w") as file:
        file.write("x" * 100)

# --- one file of a hundred megabytes
#: survives
#: limit 2000
with open("large", "wb") as file:
    file.truncate(100_000_000)

# --- the workspace removed
import os, shutil
os.chdir("/")
shutil.rmtree("/workspace", ignore_errors=True)

# --- the workspace moved away
import os
try:
    os.rename("/workspace", "/tmp/moved")
except OSError:
    pass

# --- the workspace replaced by a file
import os
os.chdir("/")
try:
    os.rename("/workspace", "/tmp/moved")
    open("/workspace", "w").write("a file")
except OSError:
    pass

# --- the workspace replaced by a link to everything
import os
os.chdir("/")
try:
    os.rename("/workspace", "/tmp/moved")
    os.symlink("/", "/workspace")
except OSError:
    pass

# --- links in circles
#: survives
#: error none exception
import os
os.symlink("b", "a")
os.symlink("a", "b")
os.symlink(".", "self")
os.symlink("..", "up")
os.mkdir("folder")
os.symlink("../folder", "folder/loop")

# --- names that are no text
#: survives
#: error none exception
import os
for name in (b"\xff\xfe", b"\xed\xa0\x80", "\udc80".encode("utf-8", "surrogatepass"), b"a\nb", b"\x1b[31m", "é".encode("latin-1")):
    try:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
    except OSError:
        pass

# --- names as long as can be
#: survives
#: error none exception
import os
for length in (254, 255, 256, 4096, 100_000):
    try:
        open("n" * length, "w").close()
    except OSError:
        pass

# --- a path as long as can be
#: error none exception
import os
for _ in range(30):
    try:
        os.mkdir("p" * 200)
        os.chdir("p" * 200)
    except OSError:
        break
try:
    open("file", "w").write("deep")
except OSError:
    pass

# --- permissions taken away
#: error none exception
import os
os.mkdir("closed")
open("closed/file", "w").write("x")
os.chmod("closed/file", 0)
os.chmod("closed", 0)
os.chmod("/workspace", 0)

# --- a file that is still open and growing
#: limit 1000
#: error timeout none exception memory
file = open("growing", "wb")
while True:
    file.write(b"x" * 1000)

# --- devices and pipes in the workspace
#: survives
#: error none exception
import os, stat
for action in (lambda: os.mkfifo("pipe"), lambda: os.mknod("node", stat.S_IFCHR | 0o666, os.makedev(1, 8)),
               lambda: os.mknod("tty", stat.S_IFCHR | 0o666, os.makedev(5, 0)), lambda: os.link("/dev/urandom", "hard")):
    try:
        action()
    except (OSError, AttributeError):
        pass
os.symlink("/dev/urandom", "luck")
os.symlink("/dev/zero", "zero")

# --- a device's number guessed
import os, stat
for major in (0, 1, 4, 5, 64, 65):
    for minor in range(0, 4):
        try:
            os.mknod(f"dev-{major}-{minor}", stat.S_IFCHR | 0o666, os.makedev(major, minor))
        except (OSError, AttributeError):
            pass

# --- the file system changed under /lib
import os, shutil
for folder in ("/lib", "/dev", "/proc", "/tmp", "/home"):
    shutil.rmtree(folder, ignore_errors=True)
# ... in a fresh interpreter
#: value True
import json, os
os.path.isdir("/tmp")

# --- the devices removed
import os
for name in os.listdir("/dev"):
    try:
        os.remove(f"/dev/{name}")
    except OSError:
        pass

# --- the devices replaced by files
import os
for name in os.listdir("/dev"):
    try:
        os.remove(f"/dev/{name}")
        open(f"/dev/{name}", "w").write('{"value": "FORGED"}')
    except OSError:
        pass

# --- pictures that are none
#: survives
class Picture:
    def _repr_png_(self):
        return b"no png" * 1000
Picture()

# --- a picture that is no bytes
#: survives
class Picture:
    def _repr_png_(self):
        return 42
Picture()

# --- a picture that never ends
#: survives
#: error timeout stopped
class Picture:
    def _repr_png_(self):
        while True:
            pass
Picture()

# --- a matplotlib of one's own
import sys, types
plot = types.ModuleType("matplotlib.pyplot")
class Figure:
    def savefig(self, path):
        with open(path, "wb") as file:
            file.write(b"x" * 1_000_000)
plot.get_fignums = lambda: range(1000)
plot.figure = lambda number: Figure()
plot.close = lambda which: None
sys.modules["matplotlib"] = types.ModuleType("matplotlib")
sys.modules["matplotlib.pyplot"] = plot
