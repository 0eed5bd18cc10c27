# Processes: starting them, ending them, becoming them.

# --- os.system
#: survives
import os
try:
    os.system("touch @folder@/os-system")
except OSError:
    pass

# --- subprocess
#: survives
#: error exception denied
import subprocess
print("BREACH", subprocess.run(["cat", "@folder@/secret.txt"], capture_output=True))

# --- subprocess through a shell
#: survives
#: error exception denied
import subprocess
print("BREACH", subprocess.check_output("cat @folder@/secret.txt", shell=True))

# --- os.popen
#: survives
import os
try:
    print(os.popen("cat @folder@/secret.txt").read())
except OSError:
    pass

# --- fork
#: survives
import os
for name in ("fork", "forkpty", "vfork"):
    try:
        print("BREACH", getattr(os, name)())
    except (AttributeError, OSError):
        pass

# --- exec in place of this program
#: survives
import os
for attempt in (lambda: os.execv("/bin/sh", ["sh", "-c", "touch @folder@/exec"]), lambda: os.execlp("touch", "touch", "@folder@/execlp")):
    try:
        attempt()
    except OSError:
        pass

# --- posix_spawn
#: survives
import os
try:
    os.posix_spawn("/bin/touch", ["touch", "@folder@/spawned"], {})
    print("BREACH")
except (AttributeError, OSError):
    pass

# --- multiprocessing
#: survives
import multiprocessing
try:
    process = multiprocessing.Process(target=print, args=("BREACH",))
    process.start()
    process.join(0.2)
except (OSError, ImportError, AssertionError):
    pass

# --- a pool of processes
#: survives
from concurrent.futures import ProcessPoolExecutor
try:
    with ProcessPoolExecutor(1) as pool:
        print("BREACH", pool.submit(int, "1").result(timeout=0.2))
except Exception as error:
    print(type(error).__name__)

# --- asyncio's subprocesses
#: survives
#: error exception denied
import asyncio
process = await asyncio.create_subprocess_exec("touch", "@folder@/asyncio")
await process.wait()

# --- signals to the parent, the group, everybody
#: survives
import os, signal
for pid in (os.getppid(), int("@pid@"), 0, -1, 1):
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
        try:
            os.kill(pid, number)
        except (OSError, OverflowError):
            pass

# --- signals to itself
#: error none exception stopped timeout denied
import os, signal
for number in (signal.SIGUSR1, signal.SIGALRM, signal.SIGTERM, signal.SIGSEGV, signal.SIGKILL):
    try:
        os.kill(os.getpid(), number)
    except OSError:
        pass

# --- raise of the C library
#: error none exception stopped timeout denied
import signal
signal.raise_signal(signal.SIGABRT)

# --- a debugger attached
#: survives
import ctypes
try:
    print(ctypes.CDLL(None).ptrace(16, int("@pid@"), 0, 0))
except (AttributeError, OSError):
    pass

# --- remote execution in another Python
#: survives
import sys
try:
    sys.remote_exec(int("@pid@"), "/tmp/x.py")
    print("BREACH")
except Exception as error:
    print(type(error).__name__)

# --- a browser, an editor, a terminal
#: survives
import webbrowser, pty, code
try:
    webbrowser.open("http://127.0.0.1:@port@/browser")
    pty.spawn(["touch", "@folder@/pty"])
except Exception as error:
    print(type(error).__name__)

# --- limits raised, users changed
#: survives
import os
for attempt in (lambda: os.setuid(0), lambda: os.nice(-20), lambda: os.chroot("/"), lambda: os.umask(0), lambda: os.setsid()):
    try:
        attempt()
    except (AttributeError, OSError):
        pass
