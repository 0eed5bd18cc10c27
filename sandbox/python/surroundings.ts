/**
 * What Python programs find around them: waiting, tools and packages, all by way of the device.
 *
 * @module
 */

/** Python text, the first part of the runner's module. */
export const SURROUNDINGS = String.raw`
import ast, asyncio, base64, builtins, importlib.machinery, importlib.util, inspect, io, json, linecache
import math, os, random, select, signal, sys, time, traceback, types, zipfile
from itertools import count

DEVICE, FIGURES, PACKAGES = "/dev/host", "/workspace/figures", "/lib/python3.14/site-packages"
KEPT_SOURCES, SHOWN_FRAMES = 100, 20
HIDDEN = ("<runner>", "/lib/python", "<frozen ")
runs, calls, waiting = count(1), count(1), {}
device = -1
dumps, loads = json.dumps, json.loads
open_file, read_file, write_file, poller = os.open, os.read, os.write, select.poll


class Loop(asyncio.BaseEventLoop):
    """Its selector is the wait for the device; there are no other files to wait for."""

    def __init__(self):
        super().__init__()
        self._selector = self

    def select(self, timeout):
        if wait(timeout):
            receive()
        return ()

    def close(self):
        self._selector = None
        super().close()

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass

    def run_in_executor(self, executor, function, *args):
        future = self.create_future()
        try:
            future.set_result(function(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    async def shutdown_default_executor(self, timeout=None):
        pass


class Policy(asyncio.events._BaseDefaultEventLoopPolicy):
    _loop_factory = Loop


def wait(seconds=None):
    poll = poller()
    poll.register(device, 1)
    return poll.poll(None if seconds is None else max(0, math.ceil(seconds * 1000)))


def sleep(seconds):
    if not isinstance(seconds, (int, float)) and not hasattr(seconds, "__float__"):
        raise TypeError(f"'{type(seconds).__name__}' object cannot be interpreted as a number")
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    poller().poll(math.ceil(seconds * 1000))


def read_exactly(length):
    parts = []
    while length > 0:
        part = read_file(device, length)
        if not part:
            raise OSError("the host has nothing to say")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def receive():
    frame = loads(read_exactly(int.from_bytes(read_exactly(4), "little")))
    future = waiting.pop(frame["id"], None)
    if future is not None and not future.done():
        future.set_result(frame)


def send(frame):
    data = dumps(frame).encode()
    write_file(device, len(data).to_bytes(4, "little") + data)


async def ask(frame):
    id = frame["id"] = str(next(calls))
    future = waiting[id] = asyncio.get_running_loop().create_future()
    send(frame)
    try:
        return await future
    except asyncio.CancelledError:
        waiting.pop(id, None)
        raise


class ToolError(Exception):
    """A tool did not do what was asked. kind: not_found, transient, permanent or denied."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def tool(spec):
    properties = spec["parameters"].get("properties", {})
    required = spec["parameters"].get("required", ())
    order = sorted(properties, key=lambda name: name not in required)
    signature = inspect.Signature([
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=inspect.Parameter.empty if name in required else None,
            annotation=annotation(properties[name]),
        )
        for name in order
    ], return_annotation=str)

    async def use(*args, **kwargs):
        given = signature.bind(*args, **kwargs).arguments
        answer = await ask({"op": "call", "name": spec["name"], "arguments": dumps(given)})
        outcome = answer["outcome"]
        if not outcome["ok"]:
            raise ToolError(outcome["kind"], outcome["message"])
        return outcome["content"]

    use.__name__ = use.__qualname__ = spec["name"]
    use.__doc__ = spec["description"]
    use.__signature__ = signature
    return use


def annotation(schema):
    kinds = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict}
    return kinds.get(schema.get("type"), object)


def offer(specs):
    if not specs:
        return
    module = types.ModuleType("tools", "The tools of the agent, as coroutine functions.")
    module.ToolError = ToolError
    for spec in specs:
        setattr(module, spec["name"], tool(spec))
    sys.modules["tools"] = module
    vars(sys.modules["__main__"]).setdefault("tools", module)


def missing(tree):
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    roots = {name.partition(".")[0] for name in names} - set(closed.reasons)
    return sorted(root for root in roots if not is_there(root))


def is_there(name):
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


class Refusals:
    """A finder that says why a module is not there."""

    def __init__(self):
        self.reasons = {}

    def find_spec(self, name, path=None, target=None):
        reason = self.reasons.get(name.partition(".")[0])
        if reason is not None:
            raise ModuleNotFoundError(reason, name=name)


closed, refusals = Refusals(), Refusals()


async def fetch(names):
    answer = await ask({"op": "packages", "names": names})
    refusals.reasons.update(answer.get("refused", {}))
    for wheel in answer.get("wheels", ()):
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(wheel))) as archive:
            archive.extractall(PACKAGES)
    look_again(PACKAGES)


def look_again(folder):
    """For modules: the archive of the library would be read anew if all finders were told."""
    for path in [path for path in sys.path_importer_cache if path.startswith(folder)]:
        del sys.path_importer_cache[path]
`;
