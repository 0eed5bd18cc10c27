# The standard library.

# --- json
#: value {'a': [1, 2.5, None, True], 'ü': '€'}
import json
json.loads(json.dumps({"a": [1, 2.5, None, True], "ü": "€"}, indent=2))

# --- re
#: value (['2026', '11', '21'], 'a-b-c', {'user': 'me'})
import re
re.findall(r"\d+", "2026-11-21"), re.sub(r"\s+", "-", "a  b c"), re.match(r"(?P<user>\w+)@", "me@x").groupdict()

# --- csv
#: value [{'name': 'Ann, B.', 'age': '30'}, {'name': 'Bob', 'age': '4'}]
import csv, io
list(csv.DictReader(io.StringIO('name,age\n"Ann, B.",30\nBob,4\n')))

# --- datetime
#: value ('2024-03-01', 'Thursday', 366)
from datetime import date, timedelta
(date(2024, 2, 29) + timedelta(days=1)).isoformat(), date(2024, 2, 29).strftime("%A"), (date(2025, 1, 1) - date(2024, 1, 1)).days

# --- datetime knows that it is now
#: value True
import datetime, time
now = datetime.datetime.now(datetime.timezone.utc)
abs(now.timestamp() - time.time()) < 1 and now.year >= 2025

# --- zoneinfo needs data that is a package, and says so
#: value /^'(Europe\/Berlin|ZoneInfoNotFoundError)'$/
import zoneinfo
try:
    name = zoneinfo.ZoneInfo("Europe/Berlin").key
except zoneinfo.ZoneInfoNotFoundError as error:
    name = type(error).__name__
name

# --- decimal and fractions
#: value (Decimal('0.3'), Fraction(5, 6))
from decimal import Decimal
from fractions import Fraction
Decimal("0.1") + Decimal("0.2"), Fraction(1, 2) + Fraction(1, 3)

# --- math and cmath
#: value (120, 6, 3.141592653589793, 5.0)
import math, cmath
math.factorial(5), math.gcd(12, 18), math.pi, abs(3 + 4j)

# --- statistics
#: value (2.5, 2.5, 1.118033988749895)
import statistics
data = [1, 2, 3, 4]
statistics.mean(data), statistics.median(data), statistics.pstdev(data)

# --- random with a seed
#: value (0.8444218515250481, [3, 4, 5, 1, 2])
import random
generator = random.Random(0)
first = generator.random()
items = [1, 2, 3, 4, 5]
random.Random(1).shuffle(items)
first, items

# --- secrets and uuid
#: value (32, 4, True)
import secrets, uuid
len(secrets.token_hex(16)), uuid.uuid4().version, uuid.uuid4() != uuid.uuid4()

# --- itertools
#: value ([(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')], [[1, 2], [3]], 6)
import itertools
list(itertools.product([1, 2], "ab")), [list(b) for b in itertools.batched([1, 2, 3], 2)], len(list(itertools.permutations([1, 2, 3])))

# --- collections
#: value ([('a', 3), ('b', 1)], deque([0, 1, 2], maxlen=3), {'x': [1]}, P(x=1, y=2))
from collections import Counter, defaultdict, deque, namedtuple
groups = defaultdict(list)
groups["x"].append(1)
queue = deque([1, 2], maxlen=3)
queue.appendleft(0)
Counter("abaa").most_common(), queue, dict(groups), namedtuple("P", "x y")(1, 2)

# --- functools
#: value (55, 24, 2)
import functools
@functools.cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
fib(10), functools.reduce(lambda a, b: a * b, range(1, 5)), functools.partial(pow, exp=1)(2)

# --- heapq and bisect
#: value ([1, 2, 3], 2)
import heapq, bisect
heap = [3, 1, 2]
heapq.heapify(heap)
[heapq.heappop(heap) for _ in range(3)], bisect.bisect([1, 2, 4], 2)

# --- struct and array
#: value (b'\x01\x00\x02\x00\x00\x00', (1, 2), 12)
import struct, array
struct.pack("<hi", 1, 2), struct.unpack("<hi", b"\1\0\2\0\0\0"), array.array("i", [1, 2, 3]).itemsize * 3

# --- hashlib, hmac and base64
#: value ('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 'aGVsbG8=', 32)
import hashlib, hmac, base64
hashlib.sha256(b"hello").hexdigest(), base64.b64encode(b"hello").decode(), len(hmac.digest(b"k", b"m", "sha256"))

# --- zlib and gzip
#: value (True, b'text')
import zlib, gzip
len(zlib.compress(bytes(1000))) < 50, gzip.decompress(gzip.compress(b"text"))

# --- zipfile
#: value (['a.txt'], b'hello')
import io, zipfile
data = io.BytesIO()
with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("a.txt", "hello")
archive = zipfile.ZipFile(data)
archive.namelist(), archive.read("a.txt")

# --- tarfile
#: value ['a.txt']
import io, tarfile
data = io.BytesIO()
with tarfile.open(fileobj=data, mode="w") as archive:
    info = tarfile.TarInfo("a.txt")
    info.size = 5
    archive.addfile(info, io.BytesIO(b"hello"))
data.seek(0)
tarfile.open(fileobj=data).getnames()

# --- sqlite3
#: value [('ann', 2), ('bob', 1)]
import sqlite3
base = sqlite3.connect(":memory:")
base.execute("create table t (name text, n integer)")
base.executemany("insert into t values (?, ?)", [("ann", 1), ("bob", 1), ("ann", 1)])
base.execute("select name, sum(n) from t group by name order by name").fetchall()

# --- unittest
#: error none
#: stderr /Ran 2 tests.*FAILED \(failures=1\)/
import unittest
class Case(unittest.TestCase):
    def test_good(self):
        self.assertEqual(1, 1)
    def test_bad(self):
        self.assertEqual(1, 2)
unittest.main(argv=["x"], exit=False)

# --- doctest
#: value TestResults(failed=0, attempted=1)
import doctest
def one():
    """
    >>> one()
    1
    """
    return 1
doctest.testmod()

# --- logging
#: stderr /^WARNING:root:careful\nINFO:mine:noted\n$/
import logging
logging.basicConfig(level=logging.INFO)
logging.warning("careful")
logging.getLogger("mine").info("noted")

# --- argparse
#: value Namespace(name='x', n=3)
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("-n", type=int)
parser.parse_args(["x", "-n", "3"])

# --- argparse that refuses
#: error exception stopped
#: stderr /error: the following arguments are required: name/
#: survives
import argparse
parser = argparse.ArgumentParser(prog="x")
parser.add_argument("name")
parser.parse_args([])

# --- pprint, textwrap and reprlib
#: value ("{'a': [0, 1, 2]}", ['aaa', 'bbb'], '[0, 1, 2, 3, 4, 5, ...]')
import pprint, textwrap, reprlib
pprint.pformat({"a": [0, 1, 2]}), textwrap.wrap("aaa bbb", 4), reprlib.repr(list(range(100)))

# --- difflib
#: value ['--- \n', '+++ \n', '@@ -1,2 +1,2 @@\n', ' a\n', '-b\n', '+c\n']
import difflib
list(difflib.unified_diff(["a\n", "b\n"], ["a\n", "c\n"]))

# --- html and xml
#: value ('&lt;a&gt;', 'text', ['1', '2'])
import html
import xml.etree.ElementTree as ET
tree = ET.fromstring("<r><i n='1'>text</i><i n='2'/></r>")
html.escape("<a>"), tree.find("i").text, [i.get("n") for i in tree]

# --- urllib.parse
#: value ('example.org', {'a': ['1', '2']}, 'a%20b%26c')
from urllib.parse import urlsplit, parse_qs, quote
urlsplit("https://example.org/x?a=1").hostname, parse_qs("a=1&a=2"), quote("a b&c")

# --- string.Template and str methods
#: value ('hi Ann', 'Hello World', ['a', 'b'])
import string
string.Template("hi $name").substitute(name="Ann"), "hello world".title(), "a,b".split(",")

# --- pickle and copy
#: value (Point(x=1), True, True)
import pickle, copy
from dataclasses import dataclass
@dataclass
class Point:
    x: int
p = Point(1)
pickle.loads(pickle.dumps(p)), copy.copy(p) == p, copy.deepcopy([p])[0] is not p

# --- weakref
#: value (True, True)
import weakref
class A: pass
a = A()
r = weakref.ref(a)
alive = r() is a
del a
alive, r() is None

# --- inspect and dis
#: value ('(a, b=2, *c, **d)', True)
import inspect, dis, io
def f(a, b=2, *c, **d):
    return a
out = io.StringIO()
dis.dis(f, file=out)
str(inspect.signature(f)), "RETURN_VALUE" in out.getvalue()

# --- ast
#: value "Expression(body=BinOp(left=Constant(value=1), op=Add(), right=Constant(value=2)))"
import ast
class Shown:
    def __repr__(self):
        return ast.dump(ast.parse("1 + 2", mode="eval"))
Shown()

# --- ctypes of one's own memory
#: value (7, b'hello', 8)
import ctypes
class Pair(ctypes.Structure):
    _fields_ = [("a", ctypes.c_int), ("b", ctypes.c_int)]
pair = Pair(7, 8)
pair.a, ctypes.create_string_buffer(b"hello").value, ctypes.sizeof(Pair)

# --- operator, numbers and abc
#: value ([1, 2], True, 'TypeError')
import operator, numbers, abc
class Base(abc.ABC):
    @abc.abstractmethod
    def f(self): ...
try:
    Base()
    made = "made"
except TypeError as error:
    made = type(error).__name__
sorted([2, 1], key=operator.neg, reverse=True), isinstance(1, numbers.Integral), made

# --- timeit and time
#: value (True, True)
import time, timeit
start = time.perf_counter()
time.sleep(0.05)
0.04 < time.perf_counter() - start < 0.45, timeit.timeit("1 + 1", number=10) >= 0

# --- time zones and calendars
#: value ('2026-11-21T03:00:00+02:00', 5, [30, 31])
import calendar
from datetime import datetime, timedelta, timezone
when = datetime(2026, 11, 21, 1, tzinfo=timezone.utc).astimezone(timezone(timedelta(hours=2)))
when.isoformat(), when.weekday(), [calendar.monthrange(2026, m)[1] for m in (11, 12)]

# --- email and mimetypes
#: value ('Hello', 'image/png')
import email, mimetypes
email.message_from_string("Subject: Hello\n\nbody")["Subject"], mimetypes.guess_type("a.png")[0]

# --- configparser and tomllib
#: value ('1', {'a': {'b': [1, 2]}})
import configparser, tomllib
config = configparser.ConfigParser()
config.read_string("[s]\nx = 1")
config["s"]["x"], tomllib.loads("[a]\nb = [1, 2]")

# --- unicodedata and locale-free sorting
#: value ('LATIN SMALL LETTER E WITH ACUTE', 'é', 'STRASSE')
import unicodedata
unicodedata.name("é"), unicodedata.normalize("NFC", "e\u0301"), "straße".upper()

# --- every module an agent is likely to import
#: value []
missing = []
for name in """abc argparse array ast asyncio base64 binascii bisect calendar cmath codecs collections colorsys concurrent.futures
    configparser contextlib contextvars copy copyreg csv ctypes dataclasses datetime decimal difflib dis email enum errno
    fileinput fnmatch fractions functools gc getopt glob graphlib gzip hashlib heapq hmac html http importlib inspect io
    ipaddress itertools json keyword linecache locale logging lzma bz2 math mimetypes numbers operator os pathlib pickle pkgutil
    platform plistlib pprint queue quopri random re reprlib sched secrets select selectors shelve shlex shutil signal
    socket sqlite3 stat statistics string struct subprocess sys sysconfig tarfile tempfile textwrap threading time timeit
    token tokenize tomllib trace traceback tracemalloc types typing unicodedata unittest urllib.parse uuid warnings wave
    weakref xml.etree.ElementTree zipfile zipimport zlib zoneinfo""".split():
    try:
        __import__(name)
    except ImportError as error:
        missing.append((name, str(error)))
missing
