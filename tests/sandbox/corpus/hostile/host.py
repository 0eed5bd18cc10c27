# Reads of the host: files, environment, processes, identity.

# --- the bait file
#: survives
#: error exception
print(open("@folder@/secret.txt").read())

# --- the bait file below every prefix
#: survives
import os
for prefix in ("", "/host", "/mnt", "/home", "/root", "/nodefs", "/proc/1/root", "/proc/self/root", "/proc/self/cwd", "/dev/fd", "/mount"):
    try:
        print(open(prefix + "@folder@/secret.txt").read())
    except OSError:
        pass

# --- files every Linux has
#: survives
for name in ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/resolv.conf", "/root/.bashrc", "/proc/version", "/proc/cpuinfo"):
    try:
        text = open(name).read()
    except OSError:
        continue
    if "root:x" in text or "Linux version" in text or "processor" in text or "nameserver" in text:
        print("BREACH", name)

# --- /proc/self
#: survives
import os
for name in ("environ", "cmdline", "maps", "mem", "status", "exe", "fd/0", "cwd"):
    try:
        data = open(f"/proc/self/{name}", "rb").read(4096)
        if b"deno" in data or b"TROUPE" in data or b"PATH=" in data:
            print("BREACH", name, data[:60])
    except OSError:
        pass

# --- the environment
#: survives
import os
print(os.environ.get("TROUPE_CORPUS_SECRET"), dict(os.environ))
for name, value in os.environ.items():
    if "deno" in value.lower() or "/root" in value or name in ("SSH_AUTH_SOCK", "USERNAME", "OPENAI_API_KEY"):
        print("BREACH", name)

# --- getenv of the C library
#: survives
import ctypes
getenv = ctypes.CDLL(None).getenv
getenv.argtypes, getenv.restype = [ctypes.c_char_p], ctypes.c_char_p
for name in (b"TROUPE_CORPUS_SECRET", b"PATH", b"DENO_DIR"):
    value = getenv(name)
    print(value)
    if value and b"deno" in value.lower():
        print("BREACH")

# --- the folder of this program
#: survives
import os
for name in ("deno.json", "main.ts", "sandbox", "../deno.json", "node_modules", ".env"):
    if os.path.exists(name):
        print("BREACH", name)

# --- a walk through all there is
#: survives
#: limit 3000
import os
count = 0
for folder, folders, names in os.walk("/", followlinks=False):
    if folder.startswith(("/proc/self/task",)):
        folders.clear()
    count += len(names)
    for name in names:
        if name in ("secret.txt", "deno.json", "deno", ".bash_history") and count < 100_000:
            print("BREACH", folder, name)

# --- links that point outside
#: survives
import os
for target in ("@folder@/secret.txt", "/proc/self/environ", "../../../../../..@folder@/secret.txt"):
    try:
        os.symlink(target, "/tmp/link")
        print(open("/tmp/link").read())
    except OSError:
        pass
    finally:
        if os.path.islink("/tmp/link"):
            os.unlink("/tmp/link")

# --- writing to the bait folder
#: survives
import os, shutil, pathlib
for action in (
    lambda: open("@folder@/written", "w").write("x"),
    lambda: os.remove("@folder@/secret.txt"),
    lambda: os.rename("@folder@/secret.txt", "@folder@/moved"),
    lambda: os.mkdir("@folder@/made"),
    lambda: os.chmod("@folder@/secret.txt", 0o777),
    lambda: os.utime("@folder@/secret.txt", (0, 0)),
    lambda: os.truncate("@folder@/secret.txt", 0),
    lambda: shutil.rmtree("@folder@"),
    lambda: pathlib.Path("@folder@/touched").touch(),
    lambda: os.link("@folder@/secret.txt", "/tmp/hard"),
):
    try:
        action()
    except OSError:
        pass

# --- making the same path here changes nothing there
#: survives
#: value 'mine'
import os
os.makedirs("@folder@", exist_ok=True)
open("@folder@/secret.txt", "w").write("mine")
open("@folder@/secret.txt").read()

# --- who and where we are
#: survives
import os, platform, socket, getpass
for ask in (os.getlogin, socket.gethostname, getpass.getuser, platform.node, os.uname, lambda: os.cpu_count(), os.getloadavg):
    try:
        answer = str(ask())
    except Exception:
        continue
    if "Linux" in answer and "Emscripten" not in answer:
        print("BREACH", answer)

# --- process numbers
#: survives
import os
if os.getpid() == int("@pid@") or os.getppid() == int("@pid@"):
    print("BREACH")

# --- the executable
#: survives
import sys, os
for name in (sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(".")):
    if name and ("deno" in name or "main" in name):
        print("BREACH", name)
    try:
        if open(name, "rb").read(4) == b"\x7fELF":
            print("BREACH", name)
    except (OSError, TypeError):
        pass

# --- loopback of /dev/fd and /proc/self/fd
#: survives
import os
for folder in ("/dev/fd", "/proc/self/fd"):
    try:
        for name in os.listdir(folder):
            target = os.path.realpath(f"{folder}/{name}")
            if "@folder@" in target or "deno" in target:
                print("BREACH", target)
    except OSError:
        pass

# --- openat with descriptors of folders
#: survives
import os
try:
    root = os.open("/", os.O_RDONLY)
    print(os.read(os.open("@folder@/secret.txt"[1:], os.O_RDONLY, dir_fd=root), 100))
except OSError:
    pass

# --- raw system calls
import ctypes
library = ctypes.CDLL(None)
for name in ("open", "__syscall_openat", "_emscripten_fs_load_embedded_files", "fopen", "emscripten_wget_data"):
    try:
        result = getattr(library, name)(b"@folder@/secret.txt", 0, 0)
        print(name, result)
    except (AttributeError, OSError):
        pass
