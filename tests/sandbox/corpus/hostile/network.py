# The network: a server of this machine waits, and must never hear anything.

# --- a socket
#: survives
#: error exception denied
import socket
s = socket.create_connection(("127.0.0.1", @port@), timeout=1)
s.sendall(b"GET /socket HTTP/1.0\r\n\r\n")
print("BREACH", s.recv(1000))

# --- a socket without waiting
#: survives
import socket
try:
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(("127.0.0.1", @port@))
    s.send(b"GET /nonblocking HTTP/1.0\r\n\r\n")
except OSError:
    pass

# --- a listening socket
#: survives
import socket
try:
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    print("listening", s.getsockname())
except OSError:
    pass

# --- datagrams and raw sockets
#: survives
import socket
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try:
            s = socket.socket(family, kind)
            s.sendto(b"x", ("127.0.0.1", @port@))
        except (OSError, TypeError):
            pass

# --- urllib
#: survives
#: error exception denied
import urllib.request
print("BREACH", urllib.request.urlopen("http://127.0.0.1:@port@/urllib", timeout=1).read())

# --- urllib with other schemes
#: survives
import urllib.request
for address in ("file://@folder@/secret.txt", "ftp://127.0.0.1:@port@/x", "data:text/plain,hello"):
    try:
        print(urllib.request.urlopen(address, timeout=1).read())
    except Exception as error:
        print(type(error).__name__)

# --- http.client
#: survives
#: error exception denied
import http.client
connection = http.client.HTTPConnection("127.0.0.1", @port@, timeout=1)
connection.request("GET", "/client")
print("BREACH", connection.getresponse().read())

# --- https
#: survives
import urllib.request
try:
    print("BREACH", urllib.request.urlopen("https://127.0.0.1:@port@/https", timeout=1).read())
except Exception as error:
    print(type(error).__name__)

# --- asyncio.open_connection
#: survives
#: error exception denied
import asyncio
reader, writer = await asyncio.open_connection("127.0.0.1", @port@)
writer.write(b"GET /asyncio HTTP/1.0\r\n\r\n")
print("BREACH", await reader.read())

# --- asyncio's server
#: survives
#: error exception denied
import asyncio
await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)

# --- names looked up
#: survives
import socket
for look in (lambda: socket.gethostbyname("localhost"), lambda: socket.getaddrinfo("example.com", 80),
             lambda: socket.gethostbyaddr("127.0.0.1"), lambda: socket.getfqdn()):
    try:
        print(look())
    except Exception as error:
        print(type(error).__name__)

# --- pyfetch
#: survives
from pyodide.http import pyfetch
answer = await pyfetch("http://127.0.0.1:@port@/pyfetch")
print(await answer.string())

# --- open_url
#: survives
from pyodide.http import open_url
print(open_url("http://127.0.0.1:@port@/open_url").read())

# --- XMLHttpRequest
#: survives
from js import XMLHttpRequest
request = XMLHttpRequest.new()
request.open("GET", "http://127.0.0.1:@port@/xhr", False)
request.send()
print(request.responseText)

# --- a WebSocket
#: survives
from js import WebSocket
import asyncio
socket = WebSocket.new("ws://127.0.0.1:@port@/websocket")
await asyncio.sleep(0.2)

# --- an EventSource, a beacon, a module
#: survives
from pyodide.code import run_js
for text in ("new EventSource('http://127.0.0.1:@port@/events')", "navigator.sendBeacon('http://127.0.0.1:@port@/beacon')",
             "import('http://127.0.0.1:@port@/module.js')", "new Worker('http://127.0.0.1:@port@/w.js', {type: 'module'})",
             "fetch('http://127.0.0.1:@port@/fetch')"):
    try:
        run_js(text)
    except Exception:
        pass
import asyncio
await asyncio.sleep(0.2)

# --- Deno.connect
#: survives
import js
connection = await js.Deno.connect(js.Object.fromEntries([["hostname", "127.0.0.1"], ["port", @port@]]))
print("BREACH", connection)

# --- connect of the C library
#: survives
import ctypes, struct
library = ctypes.CDLL(None)
descriptor = library.socket(2, 1, 0)
address = struct.pack("<H", 2) + struct.pack(">H", @port@) + bytes([127, 0, 0, 1]) + bytes(8)
library.connect(descriptor, address, len(address))
library.send(descriptor, b"GET /raw HTTP/1.0\r\n\r\n", 20, 0)

# --- smtplib, ftplib, xmlrpc, telnet of the library
#: survives
import ftplib, smtplib, xmlrpc.client
for attempt in (lambda: smtplib.SMTP("127.0.0.1", @port@, timeout=1), lambda: ftplib.FTP().connect("127.0.0.1", @port@, 1),
                lambda: xmlrpc.client.ServerProxy("http://127.0.0.1:@port@/rpc").system.listMethods()):
    try:
        print("BREACH", attempt())
    except Exception as error:
        print(type(error).__name__)

# --- a logging handler that posts
#: survives
import logging, logging.handlers
log = logging.getLogger("leak")
log.addHandler(logging.handlers.HTTPHandler("127.0.0.1:@port@", "/log"))
log.addHandler(logging.handlers.SocketHandler("127.0.0.1", @port@))
logging.raiseExceptions = False
log.error("hello")
