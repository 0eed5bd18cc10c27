# Files: those of the session, in /workspace and /tmp.

# --- a file written and read
#: value 'hello\n'
import os
os.makedirs("/workspace", exist_ok=True)
with open("/workspace/a.txt", "w") as file:
    file.write("hello\n")
open("/workspace/a.txt").read()
# ... in the same session
#: value 'hello\n'
open("/workspace/a.txt").read()

# --- the working folder is one that can be written to
#: value ['here.txt', True]
import os
open("here.txt", "w").write("x")
[f for f in os.listdir() if f == "here.txt"] + [os.path.abspath("here.txt").startswith("/")]

# --- pathlib
#: value (['a.txt', 'b'], 'A', '.txt', True)
from pathlib import Path
root = Path("/workspace/paths")
(root / "b").mkdir(parents=True)
(root / "a.txt").write_text("A")
sorted(p.name for p in root.iterdir()), (root / "a.txt").read_text(), Path("x.txt").suffix, (root / "b").is_dir()

# --- bytes, seeking and appending
#: value (b'abcXYZ', b'cX', 6)
with open("/tmp/bytes", "wb") as file:
    file.write(b"abc")
with open("/tmp/bytes", "ab") as file:
    file.write(b"XYZ")
with open("/tmp/bytes", "rb") as file:
    whole = file.read()
    file.seek(2)
    part, end = file.read(2), file.seek(0, 2)
whole, part, end

# --- encodings and newlines
#: value (b'\xe9\r\n', 'é\n')
with open("/tmp/latin", "w", encoding="latin-1", newline="\r\n") as file:
    file.write("é\n")
open("/tmp/latin", "rb").read(), open("/tmp/latin", encoding="latin-1").read()

# --- tempfile
#: value ('temporary', True)
import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "x")
    open(path, "w").write("temporary")
    text = open(path).read()
with tempfile.NamedTemporaryFile() as file:
    file.write(b"x")
text, not os.path.exists(path)

# --- shutil, glob and os.walk
#: value (['a.py', 'b.py'], [('t', 1), ('u', 2)], False)
import glob, os, shutil
os.makedirs("/tmp/t/u")
for name in ("t/a.py", "t/u/b.py", "t/u/c.txt"):
    open(f"/tmp/{name}", "w").close()
found = sorted(os.path.basename(p) for p in glob.glob("/tmp/t/**/*.py", recursive=True))
walked = [(os.path.basename(folder), len(names)) for folder, _, names in os.walk("/tmp/t")]
shutil.rmtree("/tmp/t")
found, walked, os.path.exists("/tmp/t")

# --- a file that is not there
#: error exception
#: message /^FileNotFoundError: \[Errno 44\] No such file or directory: '\/workspace\/none'$/
open("/workspace/none")

# --- renaming, removing and asking
#: value (True, False, 3)
import os
open("/tmp/old", "w").write("abc")
os.rename("/tmp/old", "/tmp/new")
size = os.stat("/tmp/new").st_size
there = os.path.exists("/tmp/new")
os.remove("/tmp/new")
there, os.path.exists("/tmp/new"), size

# --- a database in a file
#: value [(1,)]
import sqlite3
with sqlite3.connect("/tmp/base.db") as base:
    base.execute("create table t (n)")
    base.execute("insert into t values (1)")
sqlite3.connect("/tmp/base.db").execute("select n from t").fetchall()

# --- json and pickle files
#: value ({'b': 2}, {1, 2})
import json, pickle
with open("/tmp/x.json", "w") as file:
    json.dump({"b": 2}, file)
with open("/tmp/x.pickle", "wb") as file:
    pickle.dump({1, 2}, file)
json.load(open("/tmp/x.json")), pickle.load(open("/tmp/x.pickle", "rb"))

# --- a module of one's own
#: value 42
import os, sys
os.makedirs("/workspace", exist_ok=True)
open("/workspace/mine_module.py", "w").write("def answer():\n    return 42\n")
sys.path.insert(0, "/workspace")
import mine_module
mine_module.answer()

# --- a package in a zip archive
#: value 'zipped'
import sys, zipfile
with zipfile.ZipFile("/tmp/lib.zip", "w") as archive:
    archive.writestr("zipped_package/__init__.py", "name = 'zipped'")
sys.path.insert(0, "/tmp/lib.zip")
import zipped_package
zipped_package.name

# --- stdout redirected by contextlib
#: value 'caught\n'
#: stdout "seen\n"
import contextlib, io
out = io.StringIO()
with contextlib.redirect_stdout(out):
    print("caught")
print("seen")
out.getvalue()

# --- mmap and memoryview
#: value (b'ello', b'hello')
import mmap
open("/tmp/map", "wb").write(b"hello")
with open("/tmp/map", "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
    part = mapped[1:5]
part, bytes(memoryview(b"hello"))

# --- the null device and random bytes
#: value (b'', 8)
open("/dev/null", "w").write("x")
open("/dev/null", "rb").read(), len(open("/dev/urandom", "rb").read(8))
