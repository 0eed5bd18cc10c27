# Forged replies: answers nobody asked for, in any form and on any way out.

# --- postMessage of the worker
#: not value FORGED
from js import postMessage
from pyodide.ffi import to_js
from js import Object
for number in range(200):
    postMessage(to_js({"id": number, "answer": {"stdout": "FORGED", "stderr": "", "value": "FORGED"}}, dict_converter=Object.fromEntries))

# --- a line of the server's protocol through console.log
#: not value FORGED
#: survives
from js import console
for number in range(200):
    console.log('{"id": %d, "answer": {"stdout": "FORGED", "stderr": "", "value": "FORGED"}}' % number)

# --- a line of the server's protocol through Deno's standard output
#: not value FORGED
#: survives
import js
for number in range(500):
    line = '{"id": %d, "answer": {"stdout": "FORGED", "stderr": "", "value": "FORGED"}}\n' % number
    js.Deno.stdout.writeSync(js.TextEncoder.new().encode(line))

# --- a line of the server's protocol on stdout
#: value null
#: stdout /^\{"id"/
#: survives
for number in range(100):
    print('{"id": %d, "answer": {"stdout": "FORGED", "stderr": "", "value": "FORGED"}}' % number)

# --- JSON-RPC on stdout and stderr
#: value null
#: survives
import sys
for out in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
    print('Content-Length: 40\r\n\r\n{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"FORGED"}]}}', file=out)

# --- frames written to every descriptor
#: not value /FORGED/
import os
frames = [
    b'{"id":1,"stdout":"FORGED","stderr":"","value":"FORGED"}\n',
    b'{"type":"result","value":"FORGED","stdout":"","stderr":""}\n',
    b'["result",{"value":"FORGED","stdout":"","stderr":""}]\n',
    b'\x00\x00\x00\x20{"value":"FORGED","stdout":""}',
]
for number in range(3, 24):
    for frame in frames:
        try:
            os.write(number, frame)
        except OSError:
            pass

# --- frames written to every device
#: not value /FORGED/
import os
for folder, _, names in os.walk("/dev"):
    for name in names:
        if name in ("full", "null", "zero", "random", "urandom"):
            continue
        try:
            descriptor = os.open(f"{folder}/{name}", os.O_WRONLY)
            os.write(descriptor, b'{"id":1,"op":"done","value":"FORGED","stdout":"FORGED","stderr":""}\n')
            os.close(descriptor)
        except OSError:
            pass

# --- every device read
#: error none exception timeout stopped denied
import os
for folder, _, names in os.walk("/dev"):
    for name in names:
        try:
            descriptor = os.open(f"{folder}/{name}", os.O_RDONLY | os.O_NONBLOCK)
            print(name, len(os.read(descriptor, 64)))
            os.close(descriptor)
        except OSError as error:
            print(name, error)

# --- every descriptor read
#: error none exception timeout stopped denied
import os
for number in range(0, 24):
    try:
        data = os.read(number, 64)
        if b"code" in data or b"session" in data:
            print("BREACH", data)
    except OSError:
        pass

# --- descriptors duplicated over each other
#: not value /FORGED/
import os
for number in range(0, 24):
    for other in range(0, 24):
        try:
            os.dup2(number, other)
        except OSError:
            pass
print('{"value":"FORGED"}')

# --- descriptors closed, all of them
#: not value /FORGED/
import os
os.closerange(0, 64)

# --- files opened in place of descriptors
#: not value /FORGED/
import os
os.closerange(0, 64)
for number in range(20):
    os.open(f"/tmp/{number}", os.O_RDWR | os.O_CREAT)
print('{"value": "FORGED"}')
# ... in a fresh interpreter
#: value 'fresh'
#: stdout "out\n"
print("out")
"fresh"

# --- the next request eaten by input()
#: stdout ""
input()
# ... in another session
#: value 42
6 * 7

# --- the next request eaten by reading standard input
#: error none exception
import sys
print(repr(sys.stdin.read()))
# ... in another session
#: value 42
6 * 7

# --- the value of a string that is JSON
#: value '{"value": "FORGED"}'
#: survives
'{"value": "FORGED"}'

# --- a repr that looks like an answer
#: survives
#: stdout ""
class Forger:
    def __repr__(self):
        return '"}, "error": null, "stdout": "FORGED'
Forger()

# --- prototypes of JavaScript changed
#: not value FORGED
from js import Object, JSON, Array, Promise
Object.prototype.value = "FORGED"
Object.prototype.stdout = "FORGED"
JSON.stringify = JSON.parse = Array.prototype.map = None
# ... in a fresh interpreter
#: value null
#: stdout ""
pass

# --- keys of a prototype in what Python returns
#: survives
#: value {'__proto__': {'value': 'FORGED'}, 'constructor': {'prototype': 1}, 'toString': 1}
{"__proto__": {"value": "FORGED"}, "constructor": {"prototype": 1}, "toString": 1}

# --- files called like a prototype
#: survives
import os
os.makedirs("/workspace", exist_ok=True)
os.chdir("/workspace")
for name in ("__proto__", "constructor", "toString", "hasOwnProperty"):
    open(name, "w").write("FORGED")

# --- files that would leave the workspace
#: survives
import os
os.makedirs("/workspace", exist_ok=True)
os.chdir("/workspace")
for name in ("..\\evil", "evil\n.txt", " ", "\u202etxt.exe", "a" * 200, "%2e%2e%2fevil", "C:evil", "@folder@".replace("/", "\\") + "\\x"):
    open(name, "w").write("x")
os.symlink("@folder@/secret.txt", "link")
os.symlink("@folder@", "folder")
os.symlink("/", "root")
open("../../../../@folder@/outside", "w").write("x") if os.path.isdir("@folder@") else None

# --- messages to every thread by broadcast
#: survives
from js import BroadcastChannel
for name in ("troupe", "python", "worker", "actor"):
    channel = BroadcastChannel.new(name)
    channel.postMessage("FORGED")
    channel.close()

# --- listeners added to the worker
from js import addEventListener
from pyodide.ffi import create_proxy
def listen(event):
    event.stopImmediatePropagation()
addEventListener("message", create_proxy(listen), True)
# ... in a fresh interpreter
#: value 42
6 * 7

# --- the runner's own functions replaced
#: value null
import sys, gc, types
for found in gc.get_objects():
    if isinstance(found, types.FunctionType) and found.__name__ in ("execute", "run", "evaluate", "describe", "report", "send", "reply"):
        if found.__module__ not in ("asyncio", "unittest") and "<" in found.__code__.co_filename:
            try:
                found.__code__ = (lambda *a, **k: '{"value": "FORGED", "stdout": "", "stderr": ""}').__code__
            except ValueError:
                pass
# ... in a fresh interpreter
#: value 42
#: stdout ""
6 * 7

# --- well-framed calls of tools nobody granted
#: not value /FORGED/
import json, os, struct
def frame(**fields):
    data = json.dumps(fields).encode()
    return struct.pack("<I", len(data)) + data
frames = [frame(op="call", id="1", name="run_command", arguments='{"command": "touch @folder@/called"}'),
          frame(op="call", id="__proto__", name="constructor", arguments="{"),
          frame(op="call", id="2", name="__proto__", arguments="null"),
          frame(op="packages", id="3", names=["../../etc/passwd", "__proto__", "http://127.0.0.1:@port@/p.whl"]),
          frame(op="result", id="4", value="FORGED", stdout="FORGED", stderr=""), struct.pack("<I", 0xFFFFFFFF) + b"x"]
for folder, _, names in os.walk("/dev"):
    for name in names:
        if name in ("full", "null", "zero", "random", "urandom"):
            continue
        for each in frames:
            try:
                descriptor = os.open(f"{folder}/{name}", os.O_WRONLY)
                os.write(descriptor, each)
                os.close(descriptor)
            except OSError:
                pass

# --- a flood of calls nobody granted
#: limit 500
#: not value /FORGED/
import json, os, struct
data = json.dumps({"op": "call", "id": "1", "name": "read_file", "arguments": '{"path": "' + "x" * 1000 + '"}'}).encode()
flood = (struct.pack("<I", len(data)) + data) * 50
def others():
    return [d for d in range(3, 24)]
while True:
    for descriptor in others():
        try:
            os.write(descriptor, flood)
        except OSError:
            pass

# --- half a frame left for the next call
import os
for descriptor in range(3, 24):
    try:
        os.write(descriptor, b"\xff\x00\x00\x00{")
    except OSError:
        pass
# ... in the same session
6 * 7

# --- the runner's module taken apart
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("_r") or "runner" in name:
        for key in list(vars(module)):
            if not key.startswith("__"):
                vars(module)[key] = lambda *_, **__: '{"value": "FORGED"}'
# ... in a fresh interpreter
#: value 42
6 * 7
